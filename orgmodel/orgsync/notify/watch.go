package notify

import (
	"slices"
	"strings"
	"time"
)

// Policy says when alarms are sent.
type Policy struct {
	// Stale is how long there may be no good run, default 24 hours; negative: no limit.
	Stale time.Duration
	// Repeat is after how long an alarm that lasts is sent again, default 24 hours.
	Repeat time.Duration
}

const (
	defaultStale  = 24 * time.Hour
	defaultRepeat = 24 * time.Hour
)

func (p Policy) settle() Policy {
	if p.Stale == 0 {
		p.Stale = defaultStale
	}
	if p.Repeat <= 0 {
		p.Repeat = defaultRepeat
	}
	return p
}

// State is what has to be remembered between runs, and between the processes of a program
// that ends after each run: encoding/json writes and reads it. The zero State knows
// nothing.
type State struct {
	Began    time.Time `json:"began,omitzero"`     // when the first run, or look, was
	LastGood time.Time `json:"last_good,omitzero"` // when the last good run ended
	Tenant   string    `json:"tenant,omitempty"`
	Since    time.Time `json:"since,omitzero"` // when the trouble began, zero if there is none
	Bad      int       `json:"bad,omitempty"`  // how many runs have ended badly since then
	// Sent are the alarms that were sent since then.
	Sent []SentAlarm `json:"sent,omitempty"`
}

// SentAlarm is an alarm that was sent. What is the same alarm is collapsed into it.
type SentAlarm struct {
	Name string    `json:"name"` // of the event and its problems, without counts
	At   time.Time `json:"at"`   // when it was last sent
	Runs int       `json:"runs"` // that ended like this, the first one included
}

// maxSent bounds how many different alarms of one trouble are remembered.
const maxSent = 64

// Next takes a run that has ended and returns the new state and, if one is to be sent, the
// message. It does nothing else.
//
// A dry run, one that found the state locked and one that was interrupted are neither good
// nor bad; if there is no good run for too long, that is an alarm of its own.
func (s State) Next(r Run, p Policy, now time.Time) (State, *Message) {
	p = p.settle()
	s.Sent = slices.Clone(s.Sent)
	if s.Began.IsZero() {
		s.Began = now
	}
	if r.Report != nil && r.Report.Tenant != "" {
		s.Tenant = r.Report.Tenant
	}
	switch {
	case r.Report != nil && r.Report.DryRun, r.Exit == ExitLocked, r.Exit == ExitInterrupted:
		return s.Look(p, now)
	case r.Exit == ExitDone:
		return s.good(r, now)
	}
	event := Failed
	if r.Exit == ExitGuarded {
		event = Stopped
	}
	if s.Since.IsZero() || s.staleOnly() {
		s.Since, s.Sent = now, nil
	}
	s.Bad++
	return s.alarm(r.message(event), p, now)
}

func (s State) good(r Run, now time.Time) (State, *Message) {
	var m *Message
	if len(s.Sent) > 0 {
		recovered := r.message(Recovered)
		recovered.Since = s.Since
		m = &recovered
	}
	s.LastGood, s.Since, s.Bad, s.Sent = now, time.Time{}, 0, nil
	return s, m
}

// Look returns the new state and, if there was no good run for too long, the message. A
// program that keeps running calls it now and then, because a run that never ends tells
// nothing. While there is another alarm, that one is enough.
func (s State) Look(p Policy, now time.Time) (State, *Message) {
	p = p.settle()
	s.Sent = slices.Clone(s.Sent)
	if s.Began.IsZero() {
		s.Began = now
	}
	last := s.LastGood
	if last.IsZero() {
		last = s.Began
	}
	if p.Stale < 0 || now.Sub(last) < p.Stale || len(s.Sent) > 0 && !s.staleOnly() {
		return s, nil
	}
	if s.Since.IsZero() {
		s.Since = last
	}
	m := Message{Event: Stale, Tenant: s.Tenant, LastGood: s.LastGood, Targets: []Target{}}
	m.Summary = m.summary()
	return s.alarm(m, p, now)
}

func (s State) staleOnly() bool {
	return len(s.Sent) > 0 && !slices.ContainsFunc(s.Sent, func(a SentAlarm) bool { return a.Name != string(Stale) })
}

// alarm decides whether a message is new, or due again.
func (s State) alarm(m Message, p Policy, now time.Time) (State, *Message) {
	name := m.name()
	at := slices.IndexFunc(s.Sent, func(a SentAlarm) bool { return a.Name == name })
	if at < 0 {
		if len(s.Sent) == maxSent {
			s.Sent = s.Sent[1:]
		}
		s.Sent = append(s.Sent, SentAlarm{Name: name, At: now, Runs: 1})
		return s, &m
	}
	a := &s.Sent[at]
	a.Runs++
	if elapsed := now.Sub(a.At); elapsed >= 0 && elapsed < p.Repeat {
		return s, nil
	}
	a.At = now
	if m.Event != Stale {
		m.Since, m.Repeated = s.Since, a.Runs-1
	}
	return s, &m
}

// name tells alarms apart: the event, what is wrong, and what an approval would name.
func (m *Message) name() string {
	names := make([]string, 0, len(m.Problems))
	for _, p := range m.Problems {
		names = append(names, p.name())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return strings.TrimSpace(string(m.Event) + " " + m.Digest + " " + strings.Join(names, " "))
}

// undelivered returns the state after a message that could not be delivered: all that
// happened, and nothing of what was to be sent, so that the next run makes it again.
func (s State) undelivered(next State, m *Message) State {
	next.Sent = s.Sent
	if m.Event == Recovered {
		next.Since = s.Since
	}
	return next
}
