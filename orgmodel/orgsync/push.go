package orgsync

import (
	"context"
	"errors"
	"slices"
)

// flush sends what is on its way, and writes the state around it: before it what is
// about to be sent, after it what was acknowledged. What one chunk has come to is written
// together with the next one's intent: nothing is sent in between.
func (a *applier) flush(ctx context.Context) error {
	if len(a.chunk) == 0 {
		return nil
	}
	chunk := a.chunk
	defer func() {
		clear(chunk)
		a.chunk = chunk[:0]
	}()
	err := a.before(ctx, chunk)
	if err == nil {
		err = a.send(ctx, chunk)
	}
	if err != nil && ctx.Err() != nil && a.stop == nil {
		a.stop = context.Cause(ctx)
		if errors.Is(a.stop, ErrLeaseLost) {
			return a.stop
		}
		for i := range chunk {
			a.notSent(chunk[i].change)
		}
		return nil
	}
	return err
}

// before reads the entries that a chunk is about.
func (a *applier) before(ctx context.Context, chunk []sending) error {
	if a.fresh {
		return nil
	}
	ids := make([]string, len(chunk))
	for i := range chunk {
		ids[i] = chunk[i].id
	}
	if slices.ContainsFunc(ids, a.isUnwritten) {
		if err := a.settle(ctx); err != nil {
			return err
		}
	}
	entries, err := a.run.state.entriesOf(ctx, a.ts, chunk[0].op.entity(), ids...)
	for i := range chunk {
		chunk[i].before, chunk[i].held = entries[chunk[i].id], false
		_, chunk[i].held = entries[chunk[i].id]
	}
	return err
}

func (a *applier) send(ctx context.Context, chunk []sending) error {
	batch := Batch{Op: chunk[0].op, Items: make([]Item, 0, len(chunk))}
	in := intent{entity: batch.Op.entity(), rows: a.rows[:0]}
	sent := make([]*sending, 0, len(chunk))
	for i := range chunk {
		s := &chunk[i]
		if s.detail.handover {
			continue
		}
		item := Item{ID: s.id, Key: s.sentKey(), Value: s.record.Value}
		batch.Items, sent = append(batch.Items, item), append(sent, s)
		row := intentRow{id: s.id, key: item.Key, removal: s.step.removes() || s.step == stepReleaseKeys}
		row.at = a.whereTo(s)
		in.rows = append(in.rows, row)
	}
	a.rows = in.rows
	var cleared []Entry
	if len(sent) > 0 {
		a.number++
		key := intentKey(a.number)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a.unwritten = append(a.unwritten, Entry{Bucket: a.ts.bucket(bucketIntents), Key: key, Value: in.encode()})
		if err := a.settle(ctx); err != nil {
			return err
		}
		cleared = append(cleared, Entry{Bucket: a.ts.bucket(bucketIntents), Key: key})
		outcomes, err := a.push(ctx, batch)
		if err != nil {
			return err
		}
		a.judge(ctx, sent, outcomes)
	}
	for i := range chunk {
		if s := &chunk[i]; s.detail.handover {
			a.acknowledge(s, Outcome{})
		}
	}
	a.done += len(chunk)
	a.run.tell(Progress{Phase: PhasePush, Target: a.name, Done: a.done, Total: a.size()})
	a.store(chunk, cleared)
	return nil
}

// push makes the call while the lease is held, and only then.
func (a *applier) push(ctx context.Context, batch Batch) ([]Outcome, error) {
	callCtx, cancel, err := a.run.fence.attempt(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	return a.maker.target.Push(callCtx, batch), nil
}

// judge sorts outcomes. What may have been carried out is uncertain from now on; what
// was rejected is as it was.
func (a *applier) judge(ctx context.Context, sent []*sending, outcomes []Outcome) {
	for _, s := range sent {
		s.passed = s.detail.ring != 0 && a.takenOver(sent, outcomes, s.before.key)
	}
	for i, o := range outcomes {
		if o.Err == nil {
			a.acknowledge(sent[i], o)
		}
	}
	for i, o := range outcomes {
		s := sent[i]
		if o.Err == nil {
			continue
		}
		a.fail(ctx, s, o.Err)
		if o.Down && a.stop == nil {
			a.stop = a.run.masked(ctx, o.Err)
		}
		e := s.before
		switch {
		case s.passed:
			e = e.uncertain("", false)
			e.key = "" // it is another person's record by now
		case errors.Is(o.Err, ErrRejected), a.reasonOf(s.change) == ReasonSuperseded:
			continue
		default:
			tried := s.sentKey()
			e = e.uncertain(tried, a.traits.IdentifiesByKey && !s.step.removes())
			switch at := a.whereTo(s); {
			case s.held:
			case s.op.isDepartment():
				e.parent, e.title = at.parent, at.title
			default:
				e.place = at.place
			}
			if !s.step.removes() && s.step != stepReleaseKeys {
				e.gone = false
			}
		}
		s.after, s.settled = e, true
		a.effect(s, true)
	}
}

// takenOver reports whether a record of a ring has become another person's.
func (a *applier) takenOver(sent []*sending, outcomes []Outcome, key string) bool {
	for i, s := range sent {
		if outcomes[i].Err == nil && s.detail.ring != 0 && s.sentKey() == key {
			return a.traits.IdentifiesByKey
		}
	}
	return false
}

// store notes what became of a chunk, in the order of keys, to be written.
func (a *applier) store(chunk []sending, cleared []Entry) {
	entity := chunk[0].op.entity()
	bucket := a.ts.entries(entity)
	entries := make([]Entry, 0, len(chunk)+len(cleared)+1)
	b := make([]byte, 0, 48*len(chunk))
	for i := range chunk {
		s := &chunk[i]
		switch {
		case s.forgotten:
			entries = append(entries, Entry{Bucket: bucket, Key: s.id})
			a.unwrittenIDs[s.id] = true
		case s.settled:
			start := len(b)
			b = appendEntry(b, entity, s.id, &s.after)
			entries = append(entries, Entry{Bucket: bucket, Key: s.id, Value: b[start:len(b):len(b)]})
			if !a.fresh {
				a.unwrittenIDs[s.id] = true
			}
		}
	}
	a.unwritten = append(append(append(slices.Grow(a.unwritten, len(entries)+3), entries...), cleared...), a.ts.storedMeta())
}
