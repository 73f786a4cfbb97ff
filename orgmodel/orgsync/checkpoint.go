package orgsync

import (
	"context"
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// checkpoint moves the watermark, last of all: every target has by now acknowledged
// what was read, or the rest is listed as owed. Indexes and counts are brought up to
// date in the same transaction, which ends with the note that all is in order.
func (r *run) checkpoint(ctx context.Context, appliers []*applier) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*stateTimeout)
	defer cancel()
	s, rd := r.state, r.reading
	owed := maps.Clone(rd.reread)
	var writes []Entry
	for _, a := range appliers {
		maps.Copy(owed, a.owed)
		for _, n := range a.heldBack { // these wait for an approval instead
			if n.Entity == orgmodel.EntityPerson && !a.owed[n.ID] {
				delete(owed, n.ID)
			}
		}
		if rd.full() {
			a.ts.Left, a.ts.PeopleAtFull = 0, a.ts.People
			a.ts.Stuck = a.stuckIDs()
		} else {
			a.ts.Stuck = slices.DeleteFunc(a.ts.Stuck, rd.org.HasPerson)
		}
		if a.stop == nil && !a.whole {
			// A target that rejected a good part of its first push is still to be filled.
			a.ts.Started = a.ts.Started || a.ts.People*5 >= a.planned*4
			a.ts.Settings = r.settingsOf(r.target(a.name))
		}
	}
	if err := r.updateIndexes(ctx, appliers); err != nil {
		return err
	}
	for _, a := range appliers {
		e, err := r.countsEntry(ctx, a)
		if err != nil {
			return err
		}
		writes = append(append(writes, e...), a.ts.storedMeta())
	}
	writes = append(append(writes, s.names.changes()...), s.keys.changes()...)
	writes = append(writes, r.settleApprovals(appliers)...)
	r.accept(owed)
	writes = append(writes, s.memoryChange()...)
	writes = append(writes, listChanges(bucketOwed, s.owed, owed, func(string) []byte { return []byte{} })...)
	writes = append(writes, r.heldChanges(appliers)...)
	writes = append(writes, r.absenceChanges()...)
	if err := r.dropSealed(ctx, removedBy(appliers)); err != nil {
		return err
	}
	s.Clean, s.Fed = true, slices.Sorted(maps.Keys(s.targets))
	writes = append(writes, storedJSON(bucketMeta, keyMeta, s.meta))
	if !r.touched { // one transaction is all or nothing
		return r.fence.lease.Write(ctx, writes...)
	}
	return r.fence.write(ctx, writes...)
}

func removedBy(appliers []*applier) []string {
	var ids []string
	for _, a := range appliers {
		ids = append(ids, a.effects.removed...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (a *applier) stuckIDs() []string {
	var ids []string
	for _, n := range a.failing {
		if n.Entity == orgmodel.EntityPerson && !a.org.HasPerson(n.ID) && len(ids) < maxStoredSet {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// accept moves what the state knows of the source, as far as the reading fits.
func (r *run) accept(owed map[string]bool) {
	s, rd := r.state, r.reading
	before := s.FullDue
	s.FullDue = r.fullDue
	switch {
	case len(rd.unfit) > 0:
		r.report.Reading.WatermarkWhy = "the reading does not fit"
		if s.FullDue == "" {
			s.FullDue = remarkTexts[RemarkDidNotFit]
		}
		r.report.Reading.Watermark = s.Watermark
		return
	case len(owed) > r.mostOwed():
		s.FullDue = manyOwed
		clear(owed)
	case !rd.full() && before != "":
		s.FullDue = before
	}
	s.Watermark, r.report.Reading.WatermarkWhy = s.Watermark.advance(rd.watermark, rd.full(), r.set.now())
	r.report.Reading.Watermark = s.Watermark
	s.Tree, s.Roster, s.Source = rd.tree, rd.roster, r.sourceHash()
	s.Departments = rd.org.NumDepartments()
	if rd.full() {
		s.InService, s.LastFull = rd.org.NumInService(), r.set.now()
		if rd.isCounted {
			missing := max(0, rd.counted-s.InService)
			if s.Uncounted = min(s.Uncounted, missing); r.countApproved {
				s.Uncounted = missing
			}
		}
	}
}

// heldChanges lists who waits for an approval. They are not owed, and are read once
// more when something is approved.
func (r *run) heldChanges(appliers []*applier) []Entry {
	held := map[string]bool{}
	for id, absent := range r.state.held {
		// A person whom this run neither read nor decided about still waits.
		if !r.reading.full() && !r.reading.org.HasPerson(id) {
			held[id] = absent
		}
	}
	for _, a := range appliers {
		for _, n := range a.heldBack {
			if n.Entity == orgmodel.EntityPerson && !a.owed[n.ID] {
				held[n.ID] = held[n.ID] || !r.reading.org.HasPerson(n.ID)
			}
		}
	}
	now := map[string]bool{}
	for id := range held {
		now[id] = true
	}
	return listChanges(bucketHeld, slices.Collect(maps.Keys(r.state.held)), now, func(id string) []byte {
		if held[id] {
			return []byte{1}
		}
		return []byte{}
	})
}

func (r *run) absenceChanges() []Entry {
	if r.missing == nil {
		return nil
	}
	var writes []Entry
	for key := range r.state.missing {
		if _, still := r.missing[key]; !still {
			writes = append(writes, Entry{Bucket: bucketMissing, Key: key})
		}
	}
	for key, n := range r.missing {
		if r.state.missing[key] != n {
			writes = append(writes, storedJSON(bucketMissing, key, n))
		}
	}
	return append(writes, listChanges(bucketUnlisted, slices.Collect(maps.Keys(r.state.unlisted)), r.unlisted, func(string) []byte { return []byte{} })...)
}

// listChanges turns one set of keys into another.
func listChanges(bucket string, before []string, now map[string]bool, value func(key string) []byte) []Entry {
	var writes []Entry
	was := map[string]bool{}
	for _, key := range before {
		if was[key] = true; !now[key] {
			writes = append(writes, Entry{Bucket: bucket, Key: key})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if !was[key] || len(value(key)) > 0 {
			writes = append(writes, Entry{Bucket: bucket, Key: key, Value: value(key)})
		}
	}
	return writes
}

// updateIndexes tells the indexes what has changed, or makes them anew. They may
// still list keys and names that are gone, which a lookup finds out.
func (r *run) updateIndexes(ctx context.Context, appliers []*applier) error {
	if r.state.fresh || !r.state.clean {
		if err := r.rebuildKeys(ctx, appliers); err != nil || !r.reading.full() {
			return err
		}
		var rows []indexRow
		for p := range r.reading.org.People() {
			if p.Known.Has(orgmodel.PersonName) {
				rows = append(rows, indexRow{hash: r.state.hash.number(kindName, p.Name)})
			}
		}
		return r.state.names.rebuild(ctx, rows, r.writer(ctx))
	}
	for _, a := range appliers {
		for _, e := range a.effects.keys {
			if err := r.state.keys.add(ctx, e.key, e.id); err != nil {
				return err
			}
		}
		r.readNames = append(r.readNames, a.effects.names...)
	}
	for _, name := range r.readNames {
		if name == "" {
			continue
		}
		if err := r.state.names.add(ctx, name, ""); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writer(ctx context.Context) func(...Entry) error {
	return func(entries ...Entry) error {
		if len(entries) == 0 {
			return nil
		}
		return r.fence.write(ctx, entries...)
	}
}

// maxKeptKeys is up to how many people a first run keeps the keys that it acknowledges in
// memory, rather than read them back.
const maxKeptKeys = 250_000

// keepsKeys reports whether all keys of the state are among those that this run has noted.
func (r *run) keepsKeys() bool { return r.state.fresh && r.reading.org.NumPeople() <= maxKeptKeys }

// rebuildKeys makes the index of keys anew from all entries. Those of a state that held
// nothing before are what this run has acknowledged. Targets that this engine leaves out
// keep theirs: they may be back.
func (r *run) rebuildKeys(ctx context.Context, appliers []*applier) error {
	var rows []indexRow
	targets := slices.Clone(r.state.others)
	for _, a := range appliers {
		if !a.traits.keyed() {
			continue
		}
		if r.keepsKeys() {
			rows = slices.Grow(rows, len(a.effects.keys))
			for _, e := range a.effects.keys {
				rows = append(rows, indexRow{r.state.hash.number(kindKey, e.key), e.id})
			}
			a.effects.keys = nil
			continue
		}
		targets = append(targets, a.ts)
	}
	for _, t := range targets {
		for e, err := range r.state.scan(ctx, t, orgmodel.EntityPerson) {
			if err != nil {
				return err
			}
			if e.key != "" {
				rows = append(rows, indexRow{r.state.hash.number(kindKey, e.key), e.id})
			}
		}
	}
	return r.state.keys.rebuild(ctx, rows, r.writer(ctx))
}

// countsEntry brings the people by department of a target up to date.
func (r *run) countsEntry(ctx context.Context, a *applier) ([]Entry, error) {
	anew := r.state.fresh || !r.state.clean
	changed := false
	for _, n := range a.effects.counts {
		changed = changed || n != 0
	}
	if !anew && !changed {
		return nil, nil
	}
	var err error
	held := map[place]int{}
	if !r.state.fresh {
		if held, err = r.heldByDepartment(ctx, a.ts); err != nil {
			return nil, err
		}
	}
	if !anew || r.state.fresh {
		for at, n := range a.effects.counts {
			held[at] += n
		}
	}
	if anew {
		a.ts.People = 0
		for _, n := range held {
			a.ts.People += n
		}
		if r.reading.full() {
			a.ts.PeopleAtFull = a.ts.People
		}
	}
	return []Entry{{Bucket: a.ts.bucket(bucketCounts), Key: keyCounts, Value: encodeCounts(held)}}, nil
}
