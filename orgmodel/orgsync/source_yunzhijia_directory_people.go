package orgsync

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

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
