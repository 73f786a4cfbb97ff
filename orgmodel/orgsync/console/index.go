package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// sort is what a change is to someone who looks at the organisation.
type sort uint8

const (
	added sort = iota
	moved
	changed
	removed
	numSorts
)

func sortOf(action orgsync.Action) sort {
	switch action {
	case orgsync.Create, orgsync.Reactivate:
		return added
	case orgsync.Move:
		return moved
	case orgsync.Disable, orgsync.Delete:
		return removed
	default:
		return changed
	}
}

// index finds the changes of a plan by department. It is made once a plan, so that a
// page costs what it shows and not what the plan holds. It is never changed.
type index struct {
	plan     *orgsync.Plan
	nodes    []node
	byID     map[string]int32
	top      []int32
	people   []placed // by target
	removals []removal
	notes    []noted
	summary  []summaryRow
}

// node is a department of the reading, or one that only a change names.
type node struct {
	id, name, former string
	listed           bool
	parent           int32 // -1 for none
	children         []int32
	own              []int32 // by target: index of its own change, -1 for none
	sums             []int   // by target and sort: of the whole branch
	total            int
}

// placed holds the changes of people at one target in the order of departments.
type placed struct {
	from  []int32 // by node: where its changes begin in order
	order []int32 // indices of changes
}

// removal is a person or a department that targets lose, with the change at each.
type removal struct {
	entity orgmodel.Entity
	id     string
	at     int32
	by     []int32 // by target: index of the change, -1 for none
}

// noted is one who is left out of a plan, and why.
type noted struct {
	orgsync.Note

	what   string
	target int
}

const (
	skipped  = "skipped"
	withheld = "withheld"
	failing  = "failing"
)

func newIndex(plan *orgsync.Plan) *index {
	x := &index{plan: plan, byID: map[string]int32{}}
	for d := range plan.Directory().Departments() {
		n := x.node(d.ID)
		x.nodes[n].name, x.nodes[n].listed = d.Name, true
		x.nodes[n].former = plan.FormerName(d.ID)
	}
	for d := range plan.Directory().Departments() {
		if d.ParentID != "" && d.ParentID != d.ID {
			x.nodes[x.byID[d.ID]].parent = x.node(d.ParentID)
		}
	}
	for t := range plan.Targets {
		x.place(t)
	}
	x.forest()
	x.sum()
	x.collectRemovals()
	x.collectNotes()
	x.summary = x.summarise()
	return x
}

// ofEarlierKey reports whether a change is about an earlier key of a person, and not
// about the person: it is among the removals, and not in the tree.
func ofEarlierKey(c *orgsync.Change) bool {
	return c.Reason == orgsync.ReasonSuperseded || c.Reason == orgsync.ReasonHandedOver
}

// node returns that of a department, made when it is first named.
func (x *index) node(id string) int32 {
	if n, there := x.byID[id]; there {
		return n
	}
	n := int32(len(x.nodes)) // #nosec G115 -- far below
	own := make([]int32, len(x.plan.Targets))
	for t := range own {
		own[t] = -1
	}
	former := x.plan.FormerName(id)
	x.nodes = append(x.nodes, node{
		id: id, name: former, former: former, parent: -1, own: own, sums: make([]int, len(x.plan.Targets)*int(numSorts)),
	})
	x.byID[id] = n
	return n
}

// place sorts the changes of a target by department.
func (x *index) place(t int) {
	changes := x.plan.Targets[t].Changes
	at := make([]int32, len(changes))
	for i := range changes {
		c := &changes[i]
		at[i] = -1
		if c.Entity == orgmodel.EntityPerson {
			if !ofEarlierKey(c) {
				at[i] = x.node(c.Department)
			}
			continue
		}
		n := x.node(c.ID)
		x.nodes[n].own[t] = int32(i) // #nosec G115 -- far below
		if !x.nodes[n].listed && c.Department != "" && c.Department != c.ID {
			x.nodes[n].parent = x.node(c.Department)
		}
	}
	p := placed{from: make([]int32, len(x.nodes)+1)}
	for _, n := range at {
		if n >= 0 {
			p.from[n+1]++
		}
	}
	for n := range x.nodes {
		p.from[n+1] += p.from[n]
	}
	p.order = make([]int32, p.from[len(x.nodes)])
	next := slices.Clone(p.from)
	for i, n := range at {
		if n >= 0 {
			p.order[next[n]] = int32(i) // #nosec G115 -- far below
			next[n]++
		}
	}
	x.people = append(x.people, p)
}

// changesIn returns the changes of people of one department at a target.
func (x *index) changesIn(t int, n int32) []int32 {
	p := &x.people[t]
	if int(n)+1 >= len(p.from) { // it was named by a later target
		return nil
	}
	return p.order[p.from[n]:p.from[n+1]]
}

// forest links departments to their parents. What hangs in a cycle is put at the top.
func (x *index) forest() {
	const unseen, open, rooted = 0, 1, 2
	state := make([]uint8, len(x.nodes))
	for n := range x.nodes {
		var chain []int32
		at := int32(n) // #nosec G115 -- far below
		for at >= 0 && state[at] == unseen {
			state[at] = open
			chain = append(chain, at)
			at = x.nodes[at].parent
		}
		if at >= 0 && state[at] == open {
			x.nodes[chain[len(chain)-1]].parent = -1
		}
		for _, n := range chain {
			state[n] = rooted
		}
	}
	for n := range x.nodes {
		if parent := x.nodes[n].parent; parent >= 0 {
			x.nodes[parent].children = append(x.nodes[parent].children, int32(n)) // #nosec G115 -- far below
		} else {
			x.top = append(x.top, int32(n)) // #nosec G115 -- far below
		}
	}
}

// sum counts the changes of whole branches, from the leaves up.
func (x *index) sum() {
	order := slices.Clone(x.top)
	for i := 0; i < len(order); i++ {
		order = append(order, x.nodes[order[i]].children...)
	}
	targets := len(x.plan.Targets)
	for _, n := range slices.Backward(order) {
		node := &x.nodes[n]
		for t := range targets {
			changes := x.plan.Targets[t].Changes
			count := func(i int32) { node.sums[t*int(numSorts)+int(sortOf(changes[i].Action))]++ }
			for _, i := range x.changesIn(t, n) {
				count(i)
			}
			if node.own[t] >= 0 {
				count(node.own[t])
			}
		}
		for _, s := range node.sums {
			node.total += s
		}
		if node.parent < 0 {
			continue
		}
		parent := &x.nodes[node.parent]
		for i, s := range node.sums {
			parent.sums[i] += s
		}
	}
	bySerial := func(a, b int32) int { return x.compare(a, b) }
	slices.SortFunc(x.top, bySerial)
	for n := range x.nodes {
		slices.SortFunc(x.nodes[n].children, bySerial)
	}
}

// compare orders departments by name, then by id; the ones without a name come last.
func (x *index) compare(a, b int32) int {
	l, r := &x.nodes[a], &x.nodes[b]
	if (l.name == "") != (r.name == "") {
		return strings.Compare(r.name, l.name)
	}
	return cmp.Or(strings.Compare(l.id, r.id), strings.Compare(l.name, r.name))
}

func (x *index) collectRemovals() {
	rows := map[string]int{}
	for t := range x.plan.Targets {
		for i := range x.plan.Targets[t].Changes {
			c := &x.plan.Targets[t].Changes[i]
			if sortOf(c.Action) != removed {
				continue
			}
			key := string(c.Entity) + "/" + c.ID
			if ofEarlierKey(c) {
				key += "/" + c.Key
			}
			row, there := rows[key]
			if !there {
				at := int32(-1)
				if n, known := x.byID[c.Department]; known && c.Department != "" {
					at = n
				}
				by := make([]int32, len(x.plan.Targets))
				for i := range by {
					by[i] = -1
				}
				row = len(x.removals)
				rows[key] = row
				x.removals = append(x.removals, removal{c.Entity, c.ID, at, by})
			}
			x.removals[row].by[t] = int32(i) // #nosec G115 -- far below
		}
	}
	slices.SortStableFunc(x.removals, func(a, b removal) int {
		return cmp.Or(strings.Compare(string(a.entity), string(b.entity)), cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id))
	})
}

func (x *index) collectNotes() {
	for t := range x.plan.Targets {
		target := &x.plan.Targets[t]
		for _, list := range []struct {
			what  string
			notes []orgsync.Note
		}{{failing, target.Failing}, {withheld, target.Withheld}, {skipped, target.Skipped}} {
			for _, n := range list.notes {
				x.notes = append(x.notes, noted{n, list.what, t})
			}
		}
	}
	rank := func(what string) int { return slices.Index([]string{failing, withheld, skipped}, what) }
	slices.SortStableFunc(x.notes, func(a, b noted) int {
		return cmp.Or(cmp.Compare(rank(a.what), rank(b.what)), strings.Compare(a.Reason, b.Reason), strings.Compare(a.ID, b.ID))
	})
}

// name returns that of a person, "" if names are off or it is not known.
func (x *index) name(names bool, entity orgmodel.Entity, id string) string {
	if entity == orgmodel.EntityDepartment {
		return x.title(id)
	}
	if !names {
		return ""
	}
	p, _ := x.plan.Directory().Person(id)
	return p.Name
}

// title returns the name of a department, "" if it is not known.
func (x *index) title(id string) string {
	if n, there := x.byID[id]; there {
		return x.nodes[n].name
	}
	return ""
}
