package console

import (
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// How much of a list one page shows. All of it can be reached by further pages.
const (
	listed   = 1000 // removals
	noteRows = 100  // who is left out
	branch   = 200  // departments, and people, of one branch
)

// planView is a plan as the templates show it.
type planView struct {
	*index

	ID       string // of the kept plan, "" in a static page
	Made     time.Time
	Names    bool
	Guard    []guardRow
	Summary  []summaryRow
	Removals listView
	Notes    listView
	Rows     []row
	Verdicts []Verdict // that can be given
	Options  orgsync.RunOptions
}

// Plan returns the plan.
func (v *planView) Plan() *orgsync.Plan { return v.plan }

// Empty reports whether nothing would be sent.
func (v *planView) Empty() bool {
	return !slices.ContainsFunc(v.plan.Targets, func(t orgsync.TargetPlan) bool { return len(t.Changes) > 0 || t.Replace })
}

// guardRow is what the guard objects to, with the lengths of its bar: 1000 is all.
type guardRow struct {
	orgsync.Violation

	Targets        []string // for which the figures are the same
	Title          string   // of the department
	Bar, Past, Cut int      // what is planned, what went within 24 hours, where the limit is
}

// guardRows shows what is the same at several targets once.
func guardRows(violations []orgsync.Violation, title func(department string) string) []guardRow {
	var rows []guardRow
	for _, v := range violations {
		target := v.Target
		v.Target = ""
		i := slices.IndexFunc(rows, func(r guardRow) bool { return r.Violation == v })
		if i < 0 {
			i = len(rows)
			rows = append(rows, newGuardRow(v, title))
		}
		if target != "" {
			rows[i].Targets = append(rows[i].Targets, target)
		}
	}
	return rows
}

func newGuardRow(v orgsync.Violation, title func(department string) string) guardRow {
	r := guardRow{Violation: v}
	if v.Department != "" {
		r.Title = title(v.Department)
	}
	if v.Kind == orgsync.KindSettings || v.Kind == orgsync.KindReplace || v.Kind == orgsync.KindNothing {
		return r
	}
	all := max(v.Of, v.Planned+v.Recent, v.Allowed, 1)
	r.Bar, r.Past, r.Cut = 1000*v.Planned/all, 1000*v.Recent/all, 1000*v.Allowed/all
	return r
}

// summaryRow is a line of figures, one for each target.
type summaryRow struct {
	Label string
	Class string
	Cells []figure
}

type figure struct{ People, Departments int }

func (x *index) summarise() []summaryRow {
	rows := []summaryRow{}
	for _, line := range []struct {
		label, class string
		actions      []orgsync.Action
	}{
		{"removed", "removed", []orgsync.Action{orgsync.Disable, orgsync.Delete}},
		{"added", "added", []orgsync.Action{orgsync.Create}},
		{"back again", "added", []orgsync.Action{orgsync.Reactivate}},
		{"moved", "moved", []orgsync.Action{orgsync.Move}},
		{"changed", "changed", []orgsync.Action{orgsync.Update}},
	} {
		row := summaryRow{Label: line.label, Class: line.class}
		for t := range x.plan.Targets {
			var f figure
			changes := x.plan.Targets[t].Changes
			for i := range changes {
				if !slices.Contains(line.actions, changes[i].Action) {
					continue
				}
				if changes[i].Entity == orgmodel.EntityDepartment {
					f.Departments++
				} else {
					f.People++
				}
			}
			row.Cells = append(row.Cells, f)
		}
		rows = append(rows, row)
	}
	for _, line := range []struct {
		label string
		count func(t *orgsync.TargetPlan) int
	}{
		{"unchanged", func(t *orgsync.TargetPlan) int { return t.Unchanged }},
		{"out of scope", func(t *orgsync.TargetPlan) int { return t.Outside }},
		{"cannot be removed", func(t *orgsync.TargetPlan) int { return len(t.Failing) }},
		{"withheld", func(t *orgsync.TargetPlan) int { return len(t.Withheld) }},
		{"skipped", func(t *orgsync.TargetPlan) int { return len(t.Skipped) }},
	} {
		row := summaryRow{Label: line.label, Class: "rest"}
		for t := range x.plan.Targets {
			row.Cells = append(row.Cells, figure{People: line.count(&x.plan.Targets[t])})
		}
		rows = append(rows, row)
	}
	return slices.DeleteFunc(rows, func(r summaryRow) bool {
		return !slices.ContainsFunc(r.Cells, func(f figure) bool { return f != figure{} })
	})
}

// listView is a part of a long list.
type listView struct {
	What  string // removals or notes
	Rows  []row
	Total int
	From  int // index of the first row
	Next  int // index behind the last row, 0 if that is all
	Prev  int // index of the page before, -1 if there is none
	Size  int
}

func (x *index) removalList(names bool, from, size int) listView {
	v := cutList("removals", len(x.removals), from, size)
	for i := v.From; i < v.end(); i++ {
		r := &x.removals[i]
		row := row{Entity: r.entity, ID: r.id, Name: x.name(names, r.entity, r.id), N: -1}
		if r.at >= 0 {
			row.In = x.label(r.at)
		}
		for t, c := range r.by {
			row.Cells = append(row.Cells, x.cell(t, c))
			if c >= 0 && row.Reason == "" {
				row.Reason = string(x.plan.Targets[t].Changes[c].Reason)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (x *index) noteList(names bool, from, size int) listView {
	v := cutList("notes", len(x.notes), from, size)
	for i := v.From; i < v.end(); i++ {
		n := &x.notes[i]
		v.Rows = append(v.Rows, row{
			Entity: n.Entity, ID: n.ID, Name: x.name(names, n.Entity, n.ID), N: -1,
			What: n.what, Reason: n.Reason, Remark: n.Remark(), In: x.plan.Targets[n.target].Name,
		})
	}
	return v
}

func cutList(what string, total, from, size int) listView {
	v := listView{What: what, Total: total, From: min(max(from, 0), total), Prev: -1, Size: size}
	if v.From > 0 {
		v.Prev = max(0, v.From-size)
	}
	if next := v.From + size; next < total {
		v.Next = next
	}
	return v
}

func (v *listView) end() int {
	if v.Next > 0 {
		return v.Next
	}
	return v.Total
}

// To returns the number of the last row.
func (v listView) To() int { return v.end() }
