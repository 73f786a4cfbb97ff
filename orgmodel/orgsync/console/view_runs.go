package console

import (
	"math"
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// runsView is the history: oldest first in the bars, newest first in the table.
type runsView struct {
	Bars []bar
	Runs []Run
}

// bar is a run in the picture. Its parts are in the units of the picture.
type bar struct {
	Run

	X, Y, FailuresY           int
	Changes, Failures, Length int // heights
}

// Heights and widths of the picture.
const (
	barStep   = 18
	barHeight = 64
	longest   = 28
)

func newRunsView(runs []Run) *runsView {
	runs = slices.Clone(runs[:min(len(runs), maxRuns)])
	for i := range runs {
		if !slices.Contains([]Outcome{Done, Failed, Stopped, Held}, runs[i].Outcome) {
			runs[i].Outcome = Failed // a host of a later version
		}
	}
	v := &runsView{Runs: runs}
	most, most2 := 1, time.Millisecond
	for _, r := range runs {
		most, most2 = max(most, r.Changes+r.Failures), max(most2, r.Duration())
	}
	for i, r := range slices.Backward(runs) {
		b := bar{Run: r, X: (len(runs)-1-i)*barStep + 3}
		b.Changes, b.Failures = height(r.Changes, most), height(r.Failures, most)
		b.Y, b.FailuresY = barHeight-b.Changes, barHeight-b.Failures
		b.Length = max(2, int(int64(longest)*int64(r.Duration())/int64(most2)))
		v.Bars = append(v.Bars, b)
	}
	return v
}

// height is a logarithm, so that a first sync does not flatten all other runs.
func height(n, most int) int {
	if n == 0 {
		return 0
	}
	return max(2, int(barHeight*math.Log1p(float64(n))/math.Log1p(float64(most))))
}

// Width of the picture.
func (v *runsView) Width() int { return maxRuns * barStep }

// Duration returns how long a run took.
func (r Run) Duration() time.Duration { return max(0, r.Finished.Sub(r.Started)) }

// reportView is a report as the templates show it.
type reportView struct {
	*orgsync.Report

	ID      string
	Names   bool
	Guard   []guardRow
	Summary []summaryRow
	Lists   []reportList
}

// reportList is a list of a target in full, up to a bound that says so.
type reportList struct {
	Target, What string
	Rows         []row
	More         int
}

const maxReported = 1000

func newReportView(id string, report *orgsync.Report, names bool) *reportView {
	v := &reportView{Report: report, ID: id, Names: names}
	v.Guard = guardRows(report.Guard, func(id string) string {
		d, _ := report.Directory().Department(id)
		return d.Name
	})
	for i := range report.Targets {
		t := &report.Targets[i]
		for _, list := range []struct {
			what  string
			notes []orgsync.Note
		}{
			{"removed", t.Removed}, {"failed", t.Failed}, {"held back", t.Held}, {"withheld", t.Withheld}, {"skipped", t.Skipped},
		} {
			if len(list.notes) > 0 {
				v.Lists = append(v.Lists, v.list(t.Name, list.what, list.notes))
			}
		}
	}
	for _, list := range []struct {
		what  string
		notes []orgsync.Note
	}{{"set aside", report.Reading.Quarantined}, {"in doubt", report.Reading.Doubts}} {
		if len(list.notes) > 0 {
			v.Lists = append(v.Lists, v.list(report.Source, list.what, list.notes))
		}
	}
	v.summarise()
	return v
}

func (v *reportView) list(target, what string, notes []orgsync.Note) reportList {
	l := reportList{Target: target, What: what, More: max(0, len(notes)-maxReported)}
	for _, n := range notes[:len(notes)-l.More] {
		r := row{N: -1, Entity: n.Entity, ID: n.ID, Reason: n.Reason, Remark: n.Remark(), What: string(n.Action)}
		if n.Entity == orgmodel.EntityDepartment {
			d, _ := v.Directory().Department(n.ID)
			r.Name = d.Name
		} else if v.Names {
			p, _ := v.Directory().Person(n.ID)
			r.Name = p.Name
		}
		l.Rows = append(l.Rows, r)
	}
	return l
}

// summarise counts what was done, or planned if that is all there is.
func (v *reportView) summarise() {
	count := func(t *orgsync.TargetReport, actions ...orgsync.Action) (n int) {
		from := t.Done
		if v.DryRun {
			from = t.Planned
		}
		for _, a := range actions {
			n += from[a]
		}
		return n
	}
	for _, line := range []struct {
		label, class string
		count        func(t *orgsync.TargetReport) int
	}{
		{"removed", "removed", func(t *orgsync.TargetReport) int { return count(t, orgsync.Disable, orgsync.Delete) }},
		{"added", "added", func(t *orgsync.TargetReport) int { return count(t, orgsync.Create) }},
		{"back again", "added", func(t *orgsync.TargetReport) int { return count(t, orgsync.Reactivate) }},
		{"moved", "moved", func(t *orgsync.TargetReport) int { return count(t, orgsync.Move) }},
		{"changed", "changed", func(t *orgsync.TargetReport) int { return count(t, orgsync.Update) }},
		{"unchanged", "rest", func(t *orgsync.TargetReport) int { return t.Unchanged }},
		{"out of scope", "rest", func(t *orgsync.TargetReport) int { return t.Outside }},
		{"held back", "rest", func(t *orgsync.TargetReport) int { return len(t.Held) }},
		{"withheld", "rest", func(t *orgsync.TargetReport) int { return len(t.Withheld) }},
		{"skipped", "rest", func(t *orgsync.TargetReport) int { return len(t.Skipped) }},
		{"failed", "removed", func(t *orgsync.TargetReport) int { return len(t.Failed) }},
		{"not sent", "removed", func(t *orgsync.TargetReport) int { return t.NotSent }},
	} {
		row := summaryRow{Label: line.label, Class: line.class}
		some := false
		for i := range v.Targets {
			n := line.count(&v.Targets[i])
			some = some || n > 0
			row.Cells = append(row.Cells, figure{People: n})
		}
		if some {
			v.Summary = append(v.Summary, row)
		}
	}
}
