package orgsync

import "slices"

// settleApprovals returns what is to be stored of approvals at the end of a run: the
// present one holds until all of it is acknowledged.
func (r *run) settleApprovals(appliers []*applier) []Entry {
	a, writes := r.approvals.current, r.expired()
	if a == nil {
		return writes
	}
	// A number is spent by the reading that it was given for.
	left := &approval{Digest: a.Digest, By: a.By, At: a.At, Sets: map[string][]string{}}
	for name, set := range a.Sets {
		if set = outstanding(name, set, appliers); len(set) > 0 {
			left.Sets[name] = set
		}
	}
	for _, name := range a.TooMany {
		if _, target := setOf(name); !completed(target, appliers) {
			left.TooMany = append(left.TooMany, name)
		}
	}
	if len(left.Sets)+len(left.TooMany) == 0 {
		return append(writes, Entry{Bucket: bucketApprovals, Key: keyApproved}, Entry{Bucket: bucketApprovals, Key: a.Digest})
	}
	return append(writes, storedJSON(bucketApprovals, keyApproved, left))
}

// outstanding returns what was not acknowledged yet of a set.
func outstanding(name string, set []string, appliers []*applier) []string {
	kind, target := setOf(name)
	if kind == KindSettings || kind == KindReplace {
		if completed(target, appliers) {
			return nil
		}
		return set
	}
	for _, a := range appliers {
		if a.name == target {
			return slices.DeleteFunc(slices.Clone(set), func(item string) bool { return a.effects.done[item] })
		}
	}
	return set
}

// completed reports whether a target has acknowledged all of its plan.
func completed(target string, appliers []*applier) bool {
	return slices.ContainsFunc(appliers, func(a *applier) bool { return a.name == target && a.stop == nil && len(a.undone) == 0 })
}
