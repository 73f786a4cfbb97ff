package orgsync

import (
	"context"
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// remembered completes leavers from what was sealed for them: fields that the source has
// blanked meanwhile, or all of them.
func (r *run) remembered(ctx context.Context, leavers []orgmodel.Person) error {
	if r.sealer == nil || len(leavers) == 0 {
		return nil
	}
	ids := make([]string, len(leavers))
	for i := range leavers {
		ids[i] = leavers[i].ID
	}
	values, err := r.state.get(ctx, bucketSealed, ids...)
	if err != nil {
		return err
	}
	for i, value := range values {
		sealed, ok := r.sealer.person(ids[i], value)
		if !ok {
			continue
		}
		leavers[i] = leavers[i].Clone()
		from, to := fieldTexts(&sealed), fieldTexts(&leavers[i])
		for j, field := range sealedFields() {
			if sealed.Known.Has(field) && *to[j] == "" {
				*to[j], leavers[i].Known = *from[j], leavers[i].Known.With(field)
			}
		}
	}
	return nil
}

// sealPeople refreshes what is sealed of the people in this reading, before anything is
// sent: anyone of whom a target is told may vanish at any moment.
func (r *run) sealPeople(ctx context.Context) error {
	if r.sealer == nil {
		return nil
	}
	anew := r.newSealCheck != nil && r.reading.full()
	for batch := range batches(only(r.reading.org.People(), inService), planBatch) {
		stored, err := r.state.get(ctx, bucketSealed, idsOf(batch)...)
		if err != nil {
			return err
		}
		var entries []Entry
		for i := range batch {
			if value := r.sealer.resealed(batch[i], stored[i], anew); value != nil {
				entries = append(entries, Entry{Bucket: bucketSealed, Key: batch[i].ID, Value: value})
			}
		}
		if len(entries) == 0 {
			continue
		}
		if err := r.fence.write(ctx, entries...); err != nil {
			return err
		}
	}
	if anew {
		r.state.SealCheck = r.newSealCheck
	}
	return nil
}

// dropSealed drops what is sealed of people about whom no target has to be told any
// more: those removed and, after a full reading, all who are neither in service nor
// held. A target that this engine leaves out, for now perhaps, has not been told.
func (r *run) dropSealed(ctx context.Context, removed []string) error {
	if r.reading.full() {
		removed = nil
		people := r.reading.org.Lookup() // both are in order
		for stored, err := range r.state.all(ctx, bucketSealed) {
			if err != nil {
				return err
			}
			if p, there := people.Person(stored.Key); !there || !inService(p) {
				removed = append(removed, stored.Key)
			}
		}
	}
	for ids := range slices.Chunk(removed, planBatch) {
		needed := map[string]bool{}
		for _, t := range slices.AppendSeq(slices.Clone(r.state.others), maps.Values(r.state.targets)) {
			found, err := r.state.entriesOf(ctx, t, orgmodel.EntityPerson, ids...)
			if err != nil {
				return err
			}
			for id, e := range found {
				needed[id] = needed[id] || !e.gone || len(e.old) > 0 || e.again
			}
		}
		var entries []Entry
		for _, id := range ids {
			if !needed[id] {
				entries = append(entries, Entry{Bucket: bucketSealed, Key: id})
			}
		}
		if len(entries) == 0 {
			continue
		}
		if err := r.fence.write(ctx, entries...); err != nil {
			return err
		}
	}
	return nil
}

// forgetSealed drops all that is sealed, because its key is lost.
func (r *run) forgetSealed(ctx context.Context) (fresh []byte, err error) {
	var writes []Entry
	for stored, err := range r.state.all(ctx, bucketSealed) {
		if err != nil {
			return nil, err
		}
		writes = append(writes, Entry{Bucket: bucketSealed, Key: stored.Key})
	}
	r.state.SealCheck, r.state.FullDue = nil, "people are sealed anew"
	writes = append(writes, storedJSON(bucketMeta, keyMeta, r.state.meta))
	if err := r.state.put(ctx, writes...); err != nil {
		return nil, err
	}
	return r.sealer.check(nil)
}
