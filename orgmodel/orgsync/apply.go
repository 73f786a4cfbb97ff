package orgsync

import (
	"cmp"
	"context"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// apply returns an error only if the run must end: the state cannot be written.
func (a *applier) apply(ctx context.Context) error {
	if a.replace {
		done, err := a.replaceAll(ctx)
		if done || err != nil || a.stop != nil {
			return err
		}
	}
	for s := range a.steps {
		for i := range a.steps[s] {
			c := &a.steps[s][i]
			if err := a.take(ctx, c); err != nil {
				return err
			}
		}
		if err := a.flush(ctx); err != nil {
			return err
		}
	}
	if err := a.settle(ctx); err != nil {
		return err
	}
	return a.rehash(ctx)
}

// rehash completes entries with hashes that they lack; nothing is sent for that.
func (a *applier) rehash(ctx context.Context) error {
	for ids := range slices.Chunk(a.unhashed, maxIntent) {
		found, err := a.run.state.entriesOf(ctx, a.ts, orgmodel.EntityPerson, ids...)
		if err != nil {
			return err
		}
		var entries []Entry
		for _, id := range ids {
			if e, there := found[id]; there {
				p, _ := a.org.Person(id)
				name, mobile := a.maker.hash.shorts(&p)
				e.name, e.mobile = cmp.Or(e.name, name), cmp.Or(e.mobile, mobile)
				entries = append(entries, a.ts.stored(orgmodel.EntityPerson, id, &e))
			}
		}
		if err := a.run.fence.write(ctx, entries...); err != nil {
			return err
		}
	}
	return nil
}

// take puts a change on its way, or says why it has to wait.
func (a *applier) take(ctx context.Context, c *change) error {
	d := a.detailOf(c)
	if len(a.chunk) > 0 && (len(a.chunk) == a.traits.Batch || a.chunk[0].op != c.op ||
		d.after != "" && d.after != c.id && a.inChunk(d.after) || a.inChunk(c.id) ||
		d.ring != a.chunk[0].detail.ring) { // a ring goes in a Push of its own
		if err := a.flush(ctx); err != nil {
			return err
		}
	}
	if a.stop == nil && ctx.Err() != nil {
		a.stop = context.Cause(ctx)
	}
	if a.stop != nil {
		a.notSent(c)
		return nil //nolint:nilerr // why it was given up is in a.stop
	}
	if why := a.waits(c, d); !why.isEmpty() {
		a.wait(c, d, why)
		return nil
	}
	out := sending{change: c, detail: d}
	if !d.handover {
		if err := a.make(ctx, &out); err != nil {
			a.fail(ctx, &out, err)
			return nil
		}
	}
	a.chunk = append(a.chunk, out)
	return nil
}

// inChunk reports whether a change of a record is on its way. Most are in the order of
// ids, so that one look suffices.
func (a *applier) inChunk(id string) bool {
	for i := range slices.Backward(a.chunk) {
		switch c := a.chunk[i].change; {
		case c.id == id:
			return true
		case c.id < id && c.detail < 0 && !c.op.isDepartment():
			return false
		}
	}
	return false
}
