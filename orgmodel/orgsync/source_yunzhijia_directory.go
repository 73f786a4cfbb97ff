package orgsync

import (
	"cmp"
	"context"
	"errors"
	"iter"
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
// Watermarks are the vendor's clock, as the header Date of the first answer has it.
type YunzhijiaDirectorySource struct {
	// Client reads the team, with [yunzhijia.SyncCredentials]. Required.
	Client *yunzhijia.Client
	// Adapter turns the vendor's records into people and departments.
	Adapter orgmodel.YunzhijiaDirectory
	// Overlap is how far before the end of the last reading the next one starts,
	// default 5 minutes. What is read twice is recognised and not sent twice.
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
}

// Name returns "yunzhijia/openimport".
func (s *YunzhijiaDirectorySource) Name() string { return "yunzhijia/openimport" }

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
	unsure    bool            // everybody's is
	clock     time.Time
	slid      bool
	ended     bool
}

// People yields everyone in service, or those who changed since.
func (s *YunzhijiaDirectorySource) People(ctx context.Context, since Watermark) (iter.Seq2[orgmodel.Person, error], func() (Watermark, error)) {
	r := &directoryReading{source: s, since: since}
	if since.Cursor != "" {
		var err error
		if r.from, err = yunzhijia.Cursor(since.Cursor).Minus(s.overlap()); err != nil {
			return func(yield func(orgmodel.Person, error) bool) { yield(orgmodel.Person{}, err) },
				func() (Watermark, error) { return Watermark{}, err }
		}
	}
	return r.people(ctx), r.watermark
}

func (r *directoryReading) people(ctx context.Context) iter.Seq2[orgmodel.Person, error] {
	return func(yield func(orgmodel.Person, error) bool) {
		*r = directoryReading{source: r.source, since: r.since, from: r.from, doubts: map[string]bool{}}
		r.source.begin()
		if err := r.readSilent(ctx); err != nil {
			yield(orgmodel.Person{}, err)
			return
		}
		members := r.everyone
		if r.since.Cursor != "" {
			members = r.changed
		}
		for p, err := range orgmodel.Convert(members(ctx), r.person) {
			_, one := errors.AsType[*orgmodel.ConversionError](err)
			if !yield(p, err) || err != nil && !one {
				return
			}
		}
		r.ended = true
	}
}

func (r *directoryReading) watermark() (Watermark, error) {
	switch {
	case !r.ended:
		return Watermark{}, errors.New("orgsync: people were not read to their end")
	case r.slid:
		return Watermark{}, ErrSlid
	case r.clock.IsZero(): // an answer without Date: ours may not stand for it
		return Watermark{}, nil
	}
	return Watermark{
		Cursor: string(yunzhijia.CursorAt(r.clock, r.source.Zone)), Time: r.clock, Memory: remember(r.silent),
	}, nil
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

// everyone yields the people of person/getall.
func (r *directoryReading) everyone(ctx context.Context) iter.Seq2[member, error] {
	pages := r.source.Pages
	pages.Prefetch = cmp.Or(pages.Prefetch, defaultPrefetch)
	feed := r.source.Client.DirectoryPersons(pages)
	return r.joined(ctx, func(yield func(yunzhijia.DirectoryPerson, error) bool) {
		for p, err := range feed.Persons(ctx) {
			if !yield(p, err) {
				return
			}
		}
		r.finish(feed)
	})
}

// finish takes over how a feed that was read to its end has ended.
func (r *directoryReading) finish(feed *yunzhijia.DirectoryFeed) {
	r.clock, _ = feed.Clock()
	r.slid = feed.Slid()
	r.source.mu.Lock()
	defer r.source.mu.Unlock()
	r.source.clock = r.clock
}

// changed yields those whom person/getAtTime names, and those of whom it is silent by
// nature: whose side jobs are others than the ones that were remembered.
func (r *directoryReading) changed(ctx context.Context) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		if err := r.source.readDeleted(ctx, r.from); err != nil {
			yield(member{}, err)
			return
		}
		rows := map[string]yunzhijia.DirectoryPerson{}
		ids := r.differing
		feed := r.source.Client.ChangedPersons(r.from, r.source.Pages)
		for p, err := range feed.Persons(ctx) {
			unreadable, one := errors.AsType[*yunzhijia.RowError](err)
			switch {
			case one && unreadable.ID != "": // it named someone, which is all that is needed
				ids = append(ids, unreadable.ID)
				continue
			case err != nil || p.OpenID == "":
				if !yield(member{DirectoryPerson: p}, err) || err != nil && !one {
					return
				}
				continue
			}
			rows[p.OpenID] = p
			ids = append(ids, p.OpenID)
		}
		r.finish(feed)
		for m, err := range r.joined(ctx, r.named(ctx, ids, rows)) {
			if !yield(m, err) {
				return
			}
		}
	}
}

// named reads people by their ids. Someone who is named and does not come is in doubt,
// except for a leaver, whom the engine asks for once more.
func (r *directoryReading) named(ctx context.Context, ids []string, rows map[string]yunzhijia.DirectoryPerson) iter.Seq2[yunzhijia.DirectoryPerson, error] {
	return func(yield func(yunzhijia.DirectoryPerson, error) bool) {
		came := make(map[string]bool, len(ids))
		for p, err := range r.source.byID(ctx, ids) {
			unreadable, one := errors.AsType[*yunzhijia.RowError](err)
			switch {
			case one:
				came[unreadable.ID] = true
			case err == nil:
				came[p.OpenID] = true
			}
			if !yield(p, err) || err != nil && !one {
				return
			}
		}
		for _, id := range ids {
			row, named := rows[id]
			if came[id] || !named {
				continue
			}
			came[id] = true
			var err error
			if row.Status != yunzhijia.StatusLeft {
				err = &yunzhijia.RowError{Op: "person/get", ID: id, Field: "openId", Problem: "is named as changed and not there when asked for"}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}
