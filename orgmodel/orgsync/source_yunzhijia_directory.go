package orgsync

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// YunzhijiaDirectorySource reads a team of 云之家 by its directory interface, openimport
// (通讯录同步). It knows more than [YunzhijiaSource]: whole phones, e-mails, birthdays, days
// of hire and side departments (兼职).
//
// A full reading is dept/getall, company/queryPartTimeJobs and person/getall, which lists
// people in service alone: who left or is disabled is missing from it, and is confirmed
// by person/get. An incremental one is dept/getall, dept/getAtTime, person/getAtTime,
// whose rows only name people, person/get for these, and the side jobs once more, because
// nothing else tells that one ended.
//
// Watermarks are the vendor's clock, as the header Date of the first answer has it, unless
// that is ahead of this machine's.
type YunzhijiaDirectorySource struct {
	// Client reads the team, with [yunzhijia.SyncCredentials]. Required.
	Client *yunzhijia.Client
	// Adapter turns the vendor's records into people and departments.
	Adapter orgmodel.YunzhijiaDirectory
	// Overlap is how far before the end of the last reading the next one starts,
	// default 5 minutes. What is read twice is recognised and not sent twice. If the
	// vendor's clock is ahead of this machine's, the reading starts as much earlier.
	Overlap time.Duration
	// Zone is the zone in which the vendor reads a moment that it is asked for, nil for
	// Beijing. The vendor's docs do not state it: with a wrong one, changes are seen by
	// full readings alone.
	Zone *time.Location
	// Pages says how lists are read. By default, 500 people or 1,000 side jobs a page; a
	// full reading asks for four pages of people at the same time.
	Pages yunzhijia.PageOptions
	// Heads also reads who heads which department, and Superiors whom people report to
	// (指定上级). No ready-made target takes either.
	Heads, Superiors bool

	mu      sync.Mutex
	silent  map[string]silent // of the reading that is under way, nil if there is none
	clock   time.Time         // the vendor's, as that reading began
	deleted map[string]bool   // departments that dept/getAtTime called deleted, nil if not asked
	listed  map[string]bool   // departments of the latest list, nil if there was none
	gone    map[string]bool   // departments that side jobs name and that do not exist
	notes   []string
}

// Name returns "yunzhijia/openimport".
func (s *YunzhijiaDirectorySource) Name() string { return "yunzhijia/openimport" }

// Notes says what was out of order in the latest reading.
func (s *YunzhijiaDirectorySource) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

func (s *YunzhijiaDirectorySource) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// Settings tells the records of this source from those of [YunzhijiaSource].
func (s *YunzhijiaDirectorySource) Settings() string { return "yunzhijia/openimport 1" }

func (s *YunzhijiaDirectorySource) check() error {
	switch {
	case s.Client == nil:
		return &ConfigError{Field: "Source.Client", Reason: "is missing"}
	case s.Overlap < 0:
		return &ConfigError{Field: "Source.Overlap", Reason: "is negative"}
	}
	return nil
}

func (s *YunzhijiaDirectorySource) overlap() time.Duration { return cmp.Or(s.Overlap, defaultOverlap) }

// directoryReading is one run over people: what it read, and how it ended.
type directoryReading struct {
	source *YunzhijiaDirectorySource
	since  Watermark
	from   yunzhijia.Cursor // of an incremental one

	silent    map[string]silent
	differing []string        // whose silent part is not what was remembered
	doubts    map[string]bool // whose silent part is in doubt: they are asked for
	unsure    bool            // those of everyone are
	unread    []string        // who differ, and did not come when asked for
	clock     time.Time
	slid      bool
	ended     bool
}

// member is a person's record, and what else was read of that person.
type member struct {
	yunzhijia.DirectoryPerson

	silent
}

func (r *directoryReading) person(m member) (orgmodel.Person, error) { return r.source.person(m) }

func (s *YunzhijiaDirectorySource) person(m member) (orgmodel.Person, error) {
	p, err := s.Adapter.Person(m.DirectoryPerson)
	if err != nil {
		return p, err
	}
	s.Adapter.SideDepartments(&p, m.sides...)
	if s.Superiors {
		p.SetManagerIDs(m.superiors...)
	}
	return p, nil
}

// silent is what a person has that the vendor's feed of changes does not tell of: it is
// read whole in every run, and compared with what was remembered.
type silent struct {
	sides     []string // departments beside the main one
	superiors []string
}

func (s silent) isNone() bool { return len(s.sides) == 0 && len(s.superiors) == 0 }
