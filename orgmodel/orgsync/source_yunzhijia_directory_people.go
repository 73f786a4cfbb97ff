package orgsync

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

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
		Cursor: string(yunzhijia.CursorAt(r.clock, r.source.Zone)), Time: r.clock, Memory: r.remember(),
	}, nil
}

// everyone yields the people of person/getall. Who is listed with two main departments, or
// moved while the list was read, is asked for.
func (r *directoryReading) everyone(ctx context.Context) iter.Seq2[member, error] {
	pages := r.source.Pages
	pages.Prefetch = cmp.Or(pages.Prefetch, defaultPrefetch)
	feed := r.source.Client.DirectoryPersons(pages)
	return r.joined(ctx, func(yield func(yunzhijia.DirectoryPerson, error) bool) {
		seed := maphash.MakeSeed()
		mains := map[uint64]uint64{} // hashes alone: there may be a million
		twice := map[string]yunzhijia.DirectoryPerson{}
		for p, err := range feed.Persons(ctx) {
			if err == nil {
				id, main := maphash.String(seed, p.OpenID), maphash.String(seed, p.OrgID)
				if before, there := mains[id]; there && before != main {
					twice[strings.Clone(p.OpenID)] = p
				}
				mains[id] = main
			}
			if !yield(p, err) {
				return
			}
		}
		r.finish(feed)
		for p, err := range r.named(ctx, slices.Collect(maps.Keys(twice)), twice) {
			if !yield(p, err) {
				return
			}
		}
	})
}

// clockSlack is how far the vendor's clock may be ahead of ours before that is said: the
// overlap covers as much.
const clockSlack = time.Minute

// finish takes over how a feed that was read to its end has ended.
func (r *directoryReading) finish(feed *yunzhijia.DirectoryFeed) {
	r.clock, _ = feed.Clock()
	r.slid = feed.Slid()
	if ahead := feed.Ahead().Truncate(time.Second); ahead > clockSlack && ahead <= clockTolerance {
		// Its database may go by ours. To start too early costs a few rows, and too late loses them.
		r.clock = r.clock.Add(-ahead)
		r.source.note("the vendor's clock is %s ahead of this machine's: the next reading starts from the earlier one", ahead)
	}
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
		if n := len(r.unread); n > 0 {
			r.source.note("side jobs differ from the last reading, and %d of those concerned could not be asked: the next reading asks again", n)
		}
	}
}

// named reads people by their ids, and those who do not come once more, as long as some of
// them then come. Someone whom the feed names and who does not come is set aside, except
// for a leaver, whom the engine asks for again. One whose side jobs alone differ is asked for
// by the next reading too, until a full one finds out.
func (r *directoryReading) named(ctx context.Context, ids []string, rows map[string]yunzhijia.DirectoryPerson) iter.Seq2[yunzhijia.DirectoryPerson, error] {
	return func(yield func(yunzhijia.DirectoryPerson, error) bool) {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		for chunk := range slices.Chunk(ids, pointChunk) {
			for left := chunk; len(left) > 0; {
				var missing []string
				for i, record := range r.source.records(ctx, left) {
					if isUnclear(record.err) {
						missing = append(missing, left[i])
						continue
					}
					if _, one := errors.AsType[*yunzhijia.RowError](record.err); !yield(record.DirectoryPerson, record.err) || record.err != nil && !one {
						return
					}
				}
				if len(missing) < len(left) {
					left = missing
					continue
				}
				for _, id := range left {
					row, named := rows[id]
					if !named {
						r.unread = append(r.unread, id)
						continue
					}
					if !yield(row, notThere(row)) {
						return
					}
				}
				break
			}
		}
	}
}

func notThere(row yunzhijia.DirectoryPerson) error {
	if row.Status == yunzhijia.StatusLeft {
		return nil
	}
	return &yunzhijia.RowError{Op: opPersonGet, ID: row.OpenID, Field: "openId", Problem: "is listed and not there when asked for"}
}
