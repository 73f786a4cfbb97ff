package orgsync

import (
	"maps"
	"slices"
	"time"
)

// checkSubtrees counts what a plan removes of every department together with all
// below it: few of the whole company can be everybody of one branch. Of
// departments within each other the uppermost is reported.
func (l Limits) checkSubtrees(t *targetPlan, now time.Time) []Violation {
	going := map[string]int{}
	for i := range t.removals.people {
		going[t.removals.people[i].next.Parent]++
	}
	if len(going) == 0 {
		return nil
	}
	held, recent, everybody := map[string]int{}, map[string]int{}, alive(t.state.people)
	for _, e := range t.state.people {
		if !e.Gone {
			held[e.Parent]++
		}
	}
	for _, r := range t.state.Removed {
		if r.Kind == KindPeople && now.Sub(r.At) < guardWindow {
			recent[r.Department] += r.Count
		}
	}
	going, held, recent = t.withBelow(going), t.withBelow(held), t.withBelow(recent)
	var found []Violation
	bad := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(going)) {
		// Few people make no department, and one with everybody is the company:
		// there the limit on all of them counts.
		if held[id]+recent[id] < l.Subtree.Small || held[id] == everybody {
			continue
		}
		if v, exceeded := l.Subtree.exceeded(going[id], recent[id], held[id]); exceeded {
			v.Kind, v.Target, v.Department = KindSubtree, t.name, id
			bad[id], found = true, append(found, v)
		}
	}
	return slices.DeleteFunc(found, func(v Violation) bool {
		above := t.chain(v.Department)[1:]
		return slices.ContainsFunc(above, func(id string) bool { return bad[id] })
	})
}

// withBelow adds the numbers of departments to all above them.
func (t *targetPlan) withBelow(numbers map[string]int) map[string]int {
	sums := map[string]int{}
	for id, n := range numbers {
		if id == "" {
			continue // nobody knows where they belong
		}
		for _, above := range t.chain(id) {
			sums[above] += n
		}
	}
	return sums
}

// chain returns a department and those above it. One that the source has dissolved
// is found where the target was told that it is.
func (t *targetPlan) chain(id string) []string {
	var chain []string
	for id != "" && !slices.Contains(chain, id) {
		chain = append(chain, id)
		if d, there := t.rd.org.Department(id); there {
			id = d.ParentID
		} else {
			id = t.state.departments[id].Parent
		}
	}
	return chain
}
