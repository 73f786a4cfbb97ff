package orgsync

import "context"

// uncounted compares the source's own count with the people it listed, or should have.
func (r *run) uncounted(rd *reading, listed int) (Violation, bool) {
	if !rd.isCounted {
		return Violation{}, false
	}
	missing := rd.counted - listed
	v, bad := r.set.limits.exceeded(KindCounted, missing-r.state.Uncounted, 0, rd.counted)
	v.Planned = missing
	return v, bad
}

// expected is how many people are in service by the last full reading and what has
// changed at the targets since.
func (r *run) expected() int {
	since := 0
	for _, t := range r.state.targets {
		since = max(since, t.People-t.PeopleAtFull)
	}
	return r.state.InService + since
}

// count asks the source how many people there are. It is not a failure if the source
// cannot tell, or will not.
func (r *run) count(ctx context.Context, rd *reading) error {
	counter, ok := r.config.Source.(Counter)
	if !ok {
		return nil
	}
	n, known, err := counter.CountPeople(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	rd.counted, rd.isCounted = n, known && err == nil
	return nil
}
