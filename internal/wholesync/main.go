// Wholesync measures whole syncs of a large company, as ratios that can be compared between
// machines and between versions of the engine:
//
//	go run ./internal/wholesync -people 100000
//
// # What runs
//
// Every client is a process of its own, started anew for each measurement. It talks to the four
// vendors over loopback HTTP. The vendors are one more process, which stores no people or
// departments: what it answers is generated from numbers and rendered in advance.
//
//   - engine is the program examples/orgsync as it is built from this source tree, with a state
//     file on disk and no flag but -full where a scenario asks for it.
//   - bound makes the same HTTP requests with net/http alone: as many, with bodies of the same
//     sizes both ways, and discards the answers. No client that sends these requests can cost
//     less.
//   - by hand is what an engineer writes in an afternoon: one struct of ten fields a person in a
//     map, and pages read by json.Decoder. The struct is compared with that of the last run and
//     marshalled for each target, in chunks of 2,000, 500 and 200. Its state is one JSON file. It
//     does not retry, does not translate codes, trusts every answer, and forgets everything when
//     it is killed.
//
// One run is the sequence of all scenarios on one state. The vendors count the people that a
// client sends, and a scenario in which they are too many or too few is an error.
//
//	first     the first sync
//	full      all people are read again (-full), and nothing changed
//	quiet     the changes since the last run are read, and there are none
//	changed   one person in a hundred has another job title, which two of the targets take
//
// # How to read the table
//
// CPU is user and system time of the client process alone. Wall time also depends on the
// vendors, and on the limit of 55 calls a second that the client of 云之家 keeps. Peak is the
// largest resident memory of the client; on Linux it is never shown as less than that of
// this program, about 10 MiB. All of these are medians over the runs.
//
// Compare ratios rather than seconds. "÷ by hand" is the engine's CPU time divided by that of
// the client written by hand, "÷ bound" is the engine's divided by that of bare HTTP. Each is the
// median of the ratios within a run, so that a machine that slows down between runs does not
// matter. Below 1 the engine is the cheaper one. The client written by hand cannot read
// incrementally, so two of the scenarios have no such ratio.
//
// A second table counts the calls to 云之家, tokens left out. Read by openimport, they have to be
// as many as there are pages, of people in a full reading and of changes in an incremental one:
// anything else is an error. One person in twenty has a side job there.
//
// State is the size of the engine's state file after the scenario, in total and divided by the
// number of people. Requests and people sent are the engine's, to all vendors together. The last
// columns are what the ratios were divided by.
//
// # Flags
//
//	-people N         people of the company, default 10000
//	-departments N    default one for 20 people
//	-source NAME      the interface of 云之家 that people are read by: feed, which an app may
//	                  read (the default), or directory, which is openimport
//	-runs N           runs, default 3
//	-only SCENARIO    show one scenario; the first sync, on which it builds, is made unmeasured
//	-keep             keep the temporary directory with binary and state files, and name it
//	-profile DIR      write CPU and allocation profiles of the engine there, two files a
//	                  scenario and run; profiling costs time, so do not quote such a table
//
// GOGC and the like are passed on to all clients. Exit status 1 says that something failed,
// 2 that a flag is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(ctx, role, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	company company
	source  string
	runs    int
	only    string
	keep    bool
	profile string
}

// run is the program as users start it. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		fmt.Fprintln(stderr, "wholesync:", err)
		return statusUsage
	}
	results, err := measureAll(ctx, o, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "wholesync:", err)
		return statusFailed
	}
	if _, err := io.WriteString(stdout, table(o, results)); err != nil {
		return statusFailed
	}
	return statusDone
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("wholesync", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.company.people, "people", 10_000, "`number` of people")
	flags.IntVar(&o.company.departments, "departments", 0, "`number` of departments (default people/20)")
	flags.StringVar(&o.source, "source", sourceFeed, "`interface` of 云之家 to read by: "+strings.Join(sourceNames(), ", "))
	flags.IntVar(&o.runs, "runs", 3, "`number` of runs, of which medians are shown")
	flags.StringVar(&o.only, "only", "", "show one `scenario`: "+strings.Join(scenarioNames(), ", "))
	flags.BoolVar(&o.keep, "keep", false, "keep the temporary directory")
	flags.StringVar(&o.profile, "profile", "", "write profiles of the engine to this `directory`")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.company.departments == 0 {
		o.company.departments = max(1, o.company.people/20)
	}
	switch {
	case flags.NArg() > 0:
		return o, errors.New("there are no arguments besides flags")
	case o.company.people < 1 || o.company.people > maxPeople:
		return o, fmt.Errorf("-people is not within 1 and %d", maxPeople)
	case o.company.departments < 1:
		return o, errors.New("-departments is negative")
	case !slices.Contains(sourceNames(), o.source):
		return o, errors.New("-source names none of " + strings.Join(sourceNames(), ", "))
	case o.runs < 1:
		return o, errors.New("-runs is not positive")
	case o.only != "" && !slices.Contains(scenarioNames(), o.only):
		return o, errors.New("-only names none of " + strings.Join(scenarioNames(), ", "))
	}
	return o, nil
}

// measureAll builds the engine's program, starts the vendors, and makes the runs.
func measureAll(ctx context.Context, o options, stderr io.Writer) (results []*result, err error) {
	dir, err := os.MkdirTemp("", "wholesync-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if o.keep {
			fmt.Fprintln(stderr, "kept", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	program, err := buildEngine(ctx, dir, o.profile)
	if err != nil {
		return nil, err
	}
	v, err := startVendors(ctx, o.company, o.source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()

	b := &bench{options: o, program: program, vendors: v, log: stderr}
	for _, s := range scenarios {
		b.results = append(b.results, &result{scenario: s})
	}
	for n := 1; n <= o.runs; n++ {
		runDir := filepath.Join(dir, fmt.Sprintf("run-%d", n))
		if err := os.Mkdir(runDir, 0o700); err != nil {
			return nil, err
		}
		if err := b.run(ctx, n, runDir); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(b.results, func(r *result) bool { return !o.shows(r.scenario) }), nil
}

// shows reports whether a scenario is in the table.
func (o options) shows(s scenario) bool { return o.only == "" || o.only == s.name }

// needsByHand reports whether the client written by hand has to do a scenario: for the table, or
// for the state on which the one in the table builds.
func (o options) needsByHand(s scenario) bool {
	return s.byHand && slices.ContainsFunc(scenarios, func(shown scenario) bool { return shown.byHand && o.shows(shown) })
}
