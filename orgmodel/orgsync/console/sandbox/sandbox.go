// Package sandbox stands behind a page of package console when there are no settings:
// an invented company at a simulated 云之家, simulated targets, and an engine between
// them. Nothing leaves the process, and everything is forgotten with it.
//
//	box, err := sandbox.New()
//	defer box.Close()
//	page, err := console.New(box.Config())
//
// Its buttons change the company, so that a newcomer sees a guard stop, and an approval,
// in two minutes.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// tenant keeps the state of simulations apart from real ones.
const tenant = "sandbox"

// Sandbox is a company, four simulated vendors, and the engine between them. Make it
// with [New]. It is safe for concurrent use.
type Sandbox struct {
	source *yunzhijiatest.Server
	runner *console.Runner
	feed   console.Feed
	rabbit *outage
	now    func() time.Time
	close  func()

	mu     sync.Mutex
	random uint64
	hired  int
	moved  int
}

// Option changes a sandbox that is being made.
type Option func(*Sandbox)

// WithClock sets the clock of the vendors, the engine and the page. The default is
// time.Now.
func WithClock(now func() time.Time) Option { return func(s *Sandbox) { s.now = now } }

// New returns a sandbox whose targets hold nothing yet. Close it.
func New(options ...Option) (*Sandbox, error) {
	box := &Sandbox{random: 1, now: time.Now}
	for _, option := range options {
		option(box)
	}
	// WithContacts: without phones, which few apps are granted, 兔展 and 云简 take no one.
	source := yunzhijiatest.NewInMemory(yunzhijiatest.WithContacts(), yunzhijiatest.WithClock(box.now))
	care, rabbit, travel := aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory(), yunjiantest.NewInMemory()
	box.source, box.rabbit = source, &outage{next: rabbit.Transport()}
	box.close = func() { source.Close(); care.Close(); rabbit.Close(); travel.Close() }
	found(source.Team)

	// A vendor that is down is given up at once: no one wants to wait for a simulator.
	const attempts, wait = 2, 100 * time.Millisecond
	reads := source.Client(yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 0)))
	rabbits := rabbit.Client(tuzhan.WithHTTPClient(&http.Client{Transport: box.rabbit}), tuzhan.WithRetry(attempts, wait))
	engine, err := orgsync.New(orgsync.Config{
		Tenant: tenant, Source: &orgsync.YunzhijiaSource{Client: reads}, Store: orgsync.NewMemoryStore(),
		Targets: []orgsync.Target{
			&orgsync.AiguanhuaiTarget{Client: care.Client()}, &orgsync.TuzhanTarget{Client: rabbits},
			&orgsync.YunjianTarget{Client: travel.Client()},
		},
	}, orgsync.WithProgress(box.feed.Report), orgsync.WithClock(box.now))
	if err == nil {
		box.runner, err = console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: tenant, Now: box.now})
	}
	if err != nil {
		box.close()
		return nil, err
	}
	return box, nil
}

// Config returns the configuration of a page for this sandbox. Its people are invented,
// so it shows their names. The caller may change it, to add a password for example.
func (s *Sandbox) Config() console.Config {
	return console.Config{Host: s.runner, Feed: &s.feed, Sandbox: s, Names: true, Title: company, Now: s.now}
}

// Runner runs the engine, as a schedule would.
func (s *Sandbox) Runner() *console.Runner { return s.runner }

// Close ends the simulators.
func (s *Sandbox) Close() { s.close() }

// The buttons.
const (
	Hire  = "hire"      // three people join
	Leave = "leave"     // two people leave
	Move  = "move"      // a department gets another parent
	Most  = "most"      // 60 % of the people leave, which the guard stops
	Down  = "down"      // 兔展 does not answer
	Up    = "up"        // and is back
	Back  = "come-back" // all who left return
)

// Actions are the buttons.
func (s *Sandbox) Actions() []console.SandboxAction {
	text := func(en, zh string) map[string]string { return map[string]string{"en": en, "zh": zh} }
	last := console.SandboxAction{
		Name: Down, Label: text("Vendor down", "平台故障"),
		Hint: text("兔展 does not answer. The others get their part.", "兔展不再响应，其余目标照常推送。"),
	}
	if s.rabbit.is() {
		last = console.SandboxAction{
			Name: Up, Label: text("Vendor back up", "平台恢复"),
			Hint: text("兔展 answers again. The next run goes on.", "兔展恢复响应，下次运行接着推送。"),
		}
	}
	return []console.SandboxAction{
		{Name: Hire, Label: text("Hire", "入职")},
		{Name: Leave, Label: text("Leave", "离职")},
		{Name: Move, Label: text("Move a department", "部门调整")},
		{
			Name: Most, Label: text("60 % leave", "六成离职"),
			Hint: text("More than the guard lets pass. It stops, and you decide.", "超过护栏上限：会被拦下，由您决定。"),
		},
		{Name: Back, Label: text("They come back", "全员回归")},
		last,
	}
}

// Do presses a button.
func (s *Sandbox) Do(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name {
	case Hire:
		s.hire(3)
	case Leave:
		s.leave(2)
	case Move:
		s.move()
	case Most:
		s.leave(len(s.active()) * 6 / 10)
	case Back:
		s.back()
	case Down, Up:
		s.rabbit.set(name == Down)
	default:
		return fmt.Errorf("sandbox: there is no button %q", name)
	}
	return nil
}

// outage is a transport that can be switched off.
type outage struct {
	next http.RoundTripper

	mu   sync.Mutex
	down bool
}

var errDown = errors.New("sandbox: the vendor is down")

// RoundTrip fails while the vendor is down.
func (o *outage) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.is() {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errDown
	}
	return o.next.RoundTrip(r)
}

func (o *outage) is() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.down
}

func (o *outage) set(down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = down
}
