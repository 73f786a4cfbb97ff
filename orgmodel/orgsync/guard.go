package orgsync

import (
	"maps"
	"slices"
)

// guard compares a reading and the plans made from it with the limits.
func (r *run) guard(rd *reading, plans []*targetPlan, counts map[string]map[place]int) []objection {
	found := r.guardSource(rd)
	if len(found) == 1 && found[0].Kind == KindNothing {
		return found
	}
	for _, t := range plans {
		found = append(found, r.guardTarget(rd, t, counts[t.name])...)
	}
	return found
}

// guardSource compares a reading with the last one that was accepted. All people in
// service are known from a full reading alone.
func (r *run) guardSource(rd *reading) []objection {
	s := r.state
	if rd.org.NumDepartments() == 0 || rd.full() && rd.org.NumPeople() == 0 {
		return []objection{{Violation: Violation{Kind: KindNothing}}}
	}
	var found []objection
	fewer := func(kind Kind, before, now int) {
		if v, bad := r.set.limits.exceeded(kind, before-now, 0, before); bad {
			found = append(found, objection{Violation: v, number: v.Planned})
		}
	}
	fewer(KindFewerDepartments, s.Departments, rd.org.NumDepartments())
	if rd.full() {
		// People whom the feed has named as leavers since then, and who were removed,
		// are not missed again. Nor are those whom it names now: their removal is
		// counted.
		left := 0
		for _, t := range s.targets {
			left = max(left, t.Left)
		}
		fewer(KindFewerPeople, s.InService-left, rd.org.NumInService()+len(rd.evidence.leavers))
		if v, bad := r.uncounted(rd, rd.org.NumInService()); bad {
			found = append(found, objection{Violation: v, number: v.Planned})
		}
	}
	return found
}

// guardTarget counts what a plan removes, creates and changes, together with the same
// within the last 24 hours.
func (r *run) guardTarget(rd *reading, t *targetPlan, counts map[place]int) []objection {
	ts, now := r.state.targets[t.name], r.set.now()
	var found []objection
	object := func(kind Kind, set []string, held int) {
		if v, bad := r.set.limits.exceeded(kind, len(set), ts.since(kind, now), held); bad {
			v.Target = t.name
			found = append(found, objection{Violation: v, set: slices.Sorted(slices.Values(set))})
		}
	}
	var people, departments []string
	for i := range t.steps[stepRemoveDepartments] {
		departments = append(departments, removalName(t, &t.steps[stepRemoveDepartments][i]))
	}
	for c := range t.removedPeople {
		people = append(people, removalName(t, c))
	}
	object(KindPeople, people, ts.People)
	object(KindDepartments, departments, ts.HeldDepartments)
	found = append(found, r.guardSubtrees(rd, t, counts)...)
	if ts.Started {
		object(KindCreated, t.created, ts.People)
		object(KindChanged, t.changed, ts.People)
		object(KindColliding, t.colliding, ts.People)
	}
	settings := r.settingsOf(r.target(t.name))
	if ts.Settings != "" && ts.Settings != settings && t.size() > 0 {
		found = append(found, objection{Violation: Violation{Kind: KindSettings, Target: t.name, Planned: t.size()}, set: []string{settings}})
	}
	if t.replace {
		found = append(found, objection{Violation: Violation{Kind: KindReplace, Target: t.name, Planned: t.size()}, set: []string{"replace"}})
	}
	return found
}

// guardSubtrees counts what a plan removes of every department together with all
// below it: a few people of the company can be everyone of one branch. Of nested
// departments, the uppermost is reported.
func (r *run) guardSubtrees(rd *reading, t *targetPlan, places map[place]int) []objection {
	going, names := map[string]int{}, map[string][]string{}
	for c := range t.removedPeople {
		department := r.snapshot.places.department(t.detailOf(c).place)
		going[department]++
		names[department] = append(names[department], removalName(t, c))
	}
	if len(going) == 0 {
		return nil
	}
	ts, now := r.state.targets[t.name], r.set.now()
	held, recent, everyone := r.snapshot.places.byDepartment(places), map[string]int{}, 0
	for _, n := range held {
		everyone += n
	}
	for _, r := range ts.Recent {
		if r.Kind == KindPeople && r.counts(now) {
			recent[r.Department] += r.Count
		}
	}
	tree := r.tree(rd, held, going, recent)
	goingBelow, heldBelow, recentBelow := tree.sums(going), tree.sums(held), tree.sums(recent)
	bad := map[string]Violation{}
	for _, id := range slices.Sorted(maps.Keys(goingBelow)) {
		// A few people are not counted as a department, and one with everyone is
		// the company: the limit on all people covers both.
		if heldBelow[id]+recentBelow[id] < r.set.limits.Subtree.Small || heldBelow[id] == everyone {
			continue
		}
		if v, exceeded := r.set.limits.exceeded(KindSubtree, goingBelow[id], recentBelow[id], heldBelow[id]); exceeded {
			v.Target, v.Department = t.name, id
			bad[id] = v
		}
	}
	var found []objection
	for _, id := range slices.Sorted(maps.Keys(bad)) {
		if tree.anyAbove(id, func(above string) bool { _, is := bad[above]; return is }) {
			continue
		}
		o := objection{Violation: bad[id]}
		for department, list := range names {
			if department == id || tree.anyAbove(department, func(above string) bool { return above == id }) {
				o.set = append(o.set, list...)
			}
		}
		slices.Sort(o.set)
		found = append(found, o)
	}
	return found
}

// tree returns the departments that numbers are about, with all above them.
func (r *run) tree(rd *reading, numbers ...map[string]int) branches {
	b := branches{}
	for d := range rd.org.Departments() {
		b[d.ID] = d.ParentID
	}
	for _, dissolved := range r.dissolved {
		if _, there := b[dissolved.id]; !there {
			b[dissolved.id] = dissolved.parent
		}
	}
	for _, n := range numbers {
		for id := range n {
			if _, there := b[id]; !there {
				b[id] = ""
			}
		}
	}
	return b
}
