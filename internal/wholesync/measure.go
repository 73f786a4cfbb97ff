package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// scenario is one way to sync. Each builds on those before it.
type scenario struct {
	name, title string
	flags       []string // of the engine's program
	edition     edition
	byHand      bool // the client written by hand can do it
}

// share is how many people there are for each one that changes.
const share = 100

var scenarios = []scenario{
	{name: scenarioFirst, title: "first sync", byHand: true},
	{name: scenarioFull, title: "full reading, nothing changed", flags: []string{"-full"}, byHand: true},
	{name: "quiet", title: "incremental, nothing changed"},
	{name: "changed", title: "incremental, 1 % changed", edition: edition{Number: 1, Every: share}},
}

const (
	scenarioFirst = "first"
	scenarioFull  = "full"
)

func scenarioNames() []string {
	names := make([]string, len(scenarios))
	for i, s := range scenarios {
		names[i] = s.name
	}
	return names
}

// sent is how many people the scenario sends to all targets together.
func (s scenario) sent(c company) int {
	if s.name == scenarioFirst {
		return 3 * c.people
	}
	return 2 * s.edition.count(c) // 云简 knows of no job titles
}

// usage is what one process took.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // bytes
	state     int64 // bytes of its state file
}

// result collects what the runs of one scenario took.
type result struct {
	scenario              scenario
	engine, bound, byHand []usage
	exchanges             int            // requests of the engine
	people                int            // sent by the engine, to all targets together
	calls                 map[string]int // of the engine to 云之家
}

// bench makes runs.
type bench struct {
	options options
	program string // the engine's
	vendors *vendorProcess
	results []*result
	log     io.Writer
}

// run makes the n-th run, on states of its own in dir.
func (b *bench) run(ctx context.Context, n int, dir string) error {
	if err := b.vendors.publish(ctx, edition{}); err != nil {
		return err
	}
	for _, r := range b.results {
		s := r.scenario
		if !b.options.shows(s) && s.name != scenarioFirst {
			continue
		}
		if s.edition != (edition{}) {
			if err := b.vendors.publish(ctx, s.edition); err != nil {
				return err
			}
		}
		if err := b.scenario(ctx, r, n, dir); err != nil {
			return fmt.Errorf("%s, run %d: %w", s.title, n, err)
		}
	}
	return nil
}

// scenario measures all clients in one scenario.
func (b *bench) scenario(ctx context.Context, r *result, n int, dir string) error {
	note := func(client string, u usage) {
		fmt.Fprintf(b.log, "run %d, %s, %s: CPU %s, wall %s, %.0f MiB\n",
			n, r.scenario.title, client, seconds(u.cpu), seconds(u.wall), mebibytes(u.peak))
	}
	state := filepath.Join(dir, "state.db")
	u, exchanges, err := b.measure(ctx, r.scenario, b.engineCommand(ctx, r.scenario, n, state), state)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	note("engine", u)
	r.engine = append(r.engine, u)
	r.exchanges, r.people, r.calls = len(exchanges), people(exchanges), calls(exchanges)
	if err := b.checkCalls(r); err != nil {
		return err
	}

	if b.options.shows(r.scenario) {
		command, err := b.boundCommand(ctx, exchanges)
		if err != nil {
			return err
		}
		if u, err = spend(command); err != nil {
			return fmt.Errorf("bound: %w", err)
		}
		note("bound", u)
		r.bound = append(r.bound, u)
	}
	if !b.options.needsByHand(r.scenario) {
		return nil
	}
	state = filepath.Join(dir, "people.json")
	if u, _, err = b.measure(ctx, r.scenario, b.byHandCommand(ctx, state), state); err != nil {
		return fmt.Errorf("by hand: %w", err)
	}
	note("by hand", u)
	r.byHand = append(r.byHand, u)
	return nil
}

// measure runs a client and checks how many people it sent.
func (b *bench) measure(ctx context.Context, s scenario, command *exec.Cmd, state string) (usage, []exchange, error) {
	u, err := spend(command)
	if err != nil {
		return u, nil, err
	}
	exchanges, err := b.vendors.exchanges(ctx)
	if err != nil {
		return u, nil, err
	}
	if got, want := people(exchanges), s.sent(b.options.company); got != want {
		return u, nil, fmt.Errorf("sent %d people to the targets instead of %d", got, want)
	}
	info, err := os.Stat(state)
	if err != nil {
		return u, nil, err
	}
	u.state = info.Size()
	return u, exchanges, nil
}

func (b *bench) byHandCommand(ctx context.Context, state string) *exec.Cmd {
	return roleCommand(ctx, roleByHand, b.vendors.address, state, b.options.source)
}

// checkCalls checks that the engine asked openimport for pages, and not for people.
func (b *bench) checkCalls(r *result) error {
	if b.options.source != sourceDirectory {
		return nil
	}
	want := r.scenario.wantCalls(b.options.company)
	for name, n := range r.calls {
		if most := want[name]; n < most[0] || n > most[1] {
			return fmt.Errorf("%d calls of %s, which should be %d to %d", n, name, most[0], most[1])
		}
	}
	for name, n := range want {
		if r.calls[name] < n[0] {
			return fmt.Errorf("%d calls of %s, which should be at least %d", r.calls[name], name, n[0])
		}
	}
	return nil
}

func people(exchanges []exchange) int {
	n := 0
	for _, e := range exchanges {
		n += e.People
	}
	return n
}

// spend runs a process to its end. If it fails, the error holds what it printed.
func spend(command *exec.Cmd) (usage, error) {
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	begin := time.Now()
	err := command.Run()
	if err != nil {
		return usage{}, errors.Join(err, errors.New(strings.TrimSpace(output.String())))
	}
	return usage{
		wall: time.Since(begin),
		cpu:  command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		// Linux counts the peak of the parent as well, so this process has to stay small.
		peak: peakMemory(command.ProcessState),
	}, nil
}
