package orgsync

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

func (r *run) loadApprovals(ctx context.Context) error {
	now := r.set.now()
	for stored, err := range r.state.all(ctx, bucketApprovals) {
		if err != nil {
			return err
		}
		a := &approval{}
		if json.Unmarshal(stored.Value, a) != nil {
			return fmt.Errorf("%w: bucket %q", ErrCorrupt, bucketApprovals)
		}
		if age := now.Sub(a.At); age < 0 || age >= approvalLife {
			r.approvals.expired = append(r.approvals.expired, stored.Key)
			continue
		}
		if stored.Key == keyApproved {
			r.approvals.current = a
		} else {
			r.approvals.stopped = append(r.approvals.stopped, a)
		}
	}
	slices.SortFunc(r.approvals.stopped, func(a, b *approval) int { return b.At.Compare(a.At) })
	return nil
}

// decide takes the approval that this run brings, and returns the objections that no
// approval covers.
func (r *run) decide(objections []objection) []objection {
	if r.options.Force {
		return slices.DeleteFunc(slices.Clone(objections), func(o objection) bool { return o.Kind != KindNothing })
	}
	whole := digest(objections)
	if brought := r.options.Approve.Digest; brought != "" {
		i := slices.IndexFunc(r.approvals.stopped, func(a *approval) bool { return a.Digest == brought })
		switch {
		case brought == whole:
			r.bring(newApproval(whole, objections, r.set.now()))
		case r.options.Approve.Plan.names(brought, r.config.Tenant):
			r.bring(newApproval(brought, r.options.Approve.Plan.objections, r.set.now()))
		case i >= 0:
			r.bring(r.approvals.stopped[i])
		}
	}
	return r.uncovered(objections, whole)
}

func (r *run) uncovered(objections []objection, whole string) []objection {
	var left []objection
	for i := range objections {
		if !r.approvals.current.covers(&objections[i], whole) {
			left = append(left, objections[i])
		}
	}
	return left
}

func (r *run) bring(a *approval) {
	brought := *a
	brought.By, brought.At = r.options.Approve.By, r.set.now()
	r.approvals.current, r.approvals.isNew = &brought, true
}

// stop notes what stopped this run, so that an approval may name it, and forgets old stops.
func (r *run) stop(objections []objection) []Entry {
	digest := digest(objections)
	if digest == "" {
		return nil
	}
	writes := r.expired()
	if r.approvals.isNew {
		writes = append(writes, storedJSON(bucketApprovals, keyApproved, r.approvals.current))
	}
	for i, a := range r.approvals.stopped {
		if i >= maxStopped-1 && a.Digest != digest {
			writes = append(writes, Entry{Bucket: bucketApprovals, Key: a.Digest})
		}
	}
	return append(writes, storedJSON(bucketApprovals, digest, newApproval(digest, objections, r.set.now())))
}

func (r *run) expired() []Entry {
	var writes []Entry
	for _, key := range r.approvals.expired {
		writes = append(writes, Entry{Bucket: bucketApprovals, Key: key})
	}
	return writes
}

func (r *run) guardError(objections, left []objection, held bool) *GuardError {
	e := &GuardError{Digest: digest(objections), Held: held}
	if e.Digest != "" {
		e.Earlier = r.earlier(objections, e.Digest)
	}
	for _, o := range left {
		e.Violations = append(e.Violations, o.Violation)
	}
	return e
}

// earlier compares what the guard objects to with the earlier stops that are kept.
func (r *run) earlier(objections []objection, whole string) []EarlierStop {
	var stops []EarlierStop
	for _, a := range r.approvals.stopped[:min(len(r.approvals.stopped), maxStopped-1)] {
		if a.Digest == whole {
			continue
		}
		stop := EarlierStop{Digest: a.Digest}
		for i := range objections {
			n := a.lacks(&objections[i], whole)
			if n == 0 {
				continue
			}
			if stop.Added == nil {
				stop.Added = map[Kind]int{}
			}
			stop.Added[objections[i].Kind] += n
		}
		stops = append(stops, stop)
	}
	return stops
}

// noteStop stores what an approval may name.
func (r *run) noteStop(ctx context.Context, objections []objection) error {
	writes := r.stop(objections)
	if len(writes) == 0 {
		return nil
	}
	if r.state.fresh {
		m := r.state.meta
		m.Clean = !r.touched
		writes = append(writes, storedJSON(bucketMeta, keyMeta, m))
	}
	return r.state.put(ctx, writes...)
}

// mayHold reports whether the rest may go while what is objected to waits: not if the
// reading itself is in doubt.
func (r *run) mayHold(left []objection) bool {
	return r.options.Hold && len(r.reading.unfit) == 0 &&
		!slices.ContainsFunc(left, func(o objection) bool { return o.Kind.ofSource() })
}
