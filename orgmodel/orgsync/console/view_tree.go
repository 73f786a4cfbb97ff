package console

import (
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// row is a line of the tree, or of a list.
type row struct {
	N      int32 // node of a department, -1 for none
	Up     int32 // node of the branch that it is in, -1 at the top
	Depth  int
	Entity orgmodel.Entity
	ID     string
	Name   string
	Former string
	In     string // department or target
	From   string // the department before
	What   string
	Reason string
	Remark orgsync.Remark // what Reason says
	Open   bool
	Leaf   bool // there is nothing to be opened
	Cells  []cell
	More   int // how many others are not shown
	Next   int // where they begin, 0 if they did not change
}

// cell is what happens at one target.
type cell struct {
	Target string
	Chips  []chip
	Key    string
	Reason orgsync.Reason
}

// chip is a figure or a word.
type chip struct {
	Class string // a sort
	Word  string // to be translated
	Count int    // 0 for a change of one
}

func sortNames() [numSorts]string { return [numSorts]string{"added", "moved", "changed", "removed"} }

func (x *index) label(n int32) string {
	node := &x.nodes[n]
	if node.name != "" {
		return node.name
	}
	return node.id
}

// cell shows one change, none if c is -1.
func (x *index) cell(t int, c int32) cell {
	out := cell{Target: x.plan.Targets[t].Name}
	if c < 0 {
		return out
	}
	change := &x.plan.Targets[t].Changes[c]
	out.Chips = []chip{{Class: sortNames()[sortOf(change.Action)], Word: x.word(change)}}
	if change.Key != change.ID {
		out.Key = change.Key
	}
	out.Reason = change.Reason
	return out
}

// word says what becomes of one record.
func (x *index) word(c *orgsync.Change) string {
	if c.Entity == orgmodel.EntityDepartment && c.Action == orgsync.Update && x.plan.FormerName(c.ID) != "" {
		return "renamed"
	}
	return string(c.Action)
}

// department is the row of a department, with the figures of its whole branch.
func (x *index) department(n, up int32, depth int, open bool) row {
	node := &x.nodes[n]
	r := row{N: n, Up: up, Depth: depth, Entity: orgmodel.EntityDepartment, ID: node.id, Name: node.name, Open: open}
	if node.former != "" && node.listed {
		r.Former = node.former
	}
	own := 0
	for t := range x.plan.Targets {
		c := cell{Target: x.plan.Targets[t].Name}
		mine := numSorts
		if at := node.own[t]; at >= 0 {
			change := &x.plan.Targets[t].Changes[at]
			mine = sortOf(change.Action)
			c.Chips = append(c.Chips, chip{Class: sortNames()[mine] + " own", Word: x.word(change)})
			if change.From != "" {
				if from, there := x.byID[change.From]; there {
					r.From = x.label(from)
				}
			}
			own++
		}
		for s := range numSorts {
			count := node.sums[t*int(numSorts)+int(s)]
			if s == mine {
				count--
			}
			if count > 0 {
				c.Chips = append(c.Chips, chip{Class: sortNames()[s], Word: sortNames()[s], Count: count})
			}
		}
		r.Cells = append(r.Cells, c)
	}
	r.Leaf = node.total == own
	return r
}

// branch returns what is directly below a department: those below it that change, and
// the people who do, each from some place in its list.
func (x *index) branch(names bool, n int32, depth, from int) []row {
	children := x.top
	if n >= 0 {
		children = x.nodes[n].children
	}
	changing := slices.DeleteFunc(slices.Clone(children), func(c int32) bool { return x.nodes[c].total == 0 })
	var rows []row
	people := x.peopleIn(names, n, depth)
	total, end := len(people)+len(changing), from+branch
	for i := from; i < min(end, total); i++ {
		if i < len(people) {
			rows = append(rows, people[i])
		} else {
			rows = append(rows, x.department(changing[i-len(people)], n, depth, false))
		}
	}
	if end < total {
		more := row{N: n, Up: n, Depth: depth, More: total - end, Next: end}
		if n >= 0 {
			more.ID = x.nodes[n].id
		}
		return append(rows, more)
	}
	if quiet := len(children) - len(changing); quiet > 0 {
		rows = append(rows, row{N: -1, Up: n, Depth: depth, More: quiet})
	}
	return rows
}

// peopleIn returns the people of one department who change, with their changes at all
// targets.
func (x *index) peopleIn(names bool, n int32, depth int) []row {
	if n < 0 {
		return nil
	}
	at := map[string]int{}
	var rows []row
	for t := range x.plan.Targets {
		for _, i := range x.changesIn(t, n) {
			c := &x.plan.Targets[t].Changes[i]
			r, there := at[c.ID]
			if !there {
				r = len(rows)
				at[c.ID] = r
				rows = append(rows, row{N: -1, Up: n, Depth: depth, Entity: orgmodel.EntityPerson, ID: c.ID, Cells: make([]cell, len(x.plan.Targets))})
				for t := range rows[r].Cells {
					rows[r].Cells[t].Target = x.plan.Targets[t].Name
				}
			}
			rows[r].Cells[t] = x.cell(t, i)
			if from, moved := x.byID[c.From]; moved && c.From != "" {
				rows[r].From = x.label(from)
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.ID, b.ID) })
	for i := range rows {
		rows[i].Name = x.name(names, orgmodel.EntityPerson, rows[i].ID)
	}
	return rows
}

// tree returns the rows of a page on which the chain down to a department is open.
func (x *index) tree(names bool, at int32, from int) []row {
	open := map[int32]bool{}
	for n := at; n >= 0; n = x.nodes[n].parent {
		open[n] = true
	}
	if at < 0 {
		for _, n := range x.top { // the company itself is open
			open[n] = len(x.top) <= 3
		}
	}
	var rows []row
	var walk func(n int32, depth int)
	walk = func(n int32, depth int) {
		start := 0
		if n == at {
			start = from
		}
		found := x.branch(names, n, depth, start)
		for _, r := range found {
			if r.Entity == orgmodel.EntityDepartment && open[r.N] && !r.Leaf {
				r.Open = true
				rows = append(rows, r)
				walk(r.N, depth+1)
				delete(open, r.N)
				continue
			}
			rows = append(rows, r)
		}
		for _, c := range x.openBelow(n, open) { // beyond what the page shows of the branch
			rows = append(rows, x.department(c, n, depth, true))
			delete(open, c)
			walk(c, depth+1)
		}
	}
	walk(-1, 0)
	return rows
}

// openBelow returns the departments directly below n that are to be open still.
func (x *index) openBelow(n int32, open map[int32]bool) []int32 {
	var left []int32
	for c := range open {
		if open[c] && x.nodes[c].parent == n && x.nodes[c].total > 0 {
			left = append(left, c)
		}
	}
	slices.Sort(left)
	return left
}
