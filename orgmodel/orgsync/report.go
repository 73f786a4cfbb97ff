package orgsync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Report says what a run read, planned and did. It names records by the source's
// ids and holds no names, mobiles or other values; encoding/json writes it whole.
type Report struct {
	Tenant   string    `json:"tenant"`
	Source   string    `json:"source"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	DryRun   bool      `json:"dryRun"`

	Reading Reading        `json:"reading"`
	Digest  string         `json:"digest,omitempty"` // of the plan, see RunOptions.Approve
	Guard   []Violation    `json:"guard,omitempty"`  // what the guard found, approved or not
	Targets []TargetReport `json:"targets"`
	Error   string         `json:"error,omitempty"`
}

// Reading says what was read.
type Reading struct {
	Full         bool      `json:"full"`
	Why          string    `json:"why,omitempty"` // it is full
	Departments  int       `json:"departments"`
	People       int       `json:"people"` // in an incremental reading, those who changed
	Complete     bool      `json:"complete"`
	Incomplete   []string  `json:"incomplete,omitempty"` // why, the first few reasons
	Quarantined  []Note    `json:"quarantined,omitempty"`
	Doubts       []Note    `json:"doubts,omitempty"` // who is missing and not believed to be gone
	Watermark    Watermark `json:"watermark,omitzero"`
	WatermarkWhy string    `json:"watermarkWhy,omitempty"` // it was not moved
}

// Note is one record and what there is to say of it.
type Note struct {
	Entity orgmodel.Entity `json:"entity"`
	ID     string          `json:"id"`
	Action Action          `json:"action,omitempty"`
	Reason string          `json:"reason,omitempty"`
}

// TargetReport says what was planned and done at one target.
type TargetReport struct {
	Name      string         `json:"name"`
	FullPush  bool           `json:"fullPush,omitempty"` // everything at once
	Planned   map[Action]int `json:"planned"`
	Done      map[Action]int `json:"done"`
	Adopted   int            `json:"adopted,omitempty"` // of Done, what the target held already when it was added
	Unchanged int            `json:"unchanged"`
	Outside   int            `json:"outside,omitempty"`  // pushed once, out of scope now
	Withheld  int            `json:"withheld,omitempty"` // not believed, because the reading is incomplete, or waiting
	NotSent   int            `json:"notSent,omitempty"`  // because the target was given up
	Changes   []Note         `json:"changes,omitempty"`  // of a dry run
	Skipped   []Note         `json:"skipped,omitempty"`  // never sent
	Failed    []Note         `json:"failed,omitempty"`   // refused, with an unknown outcome, or impossible to disable
	Error     string         `json:"error,omitempty"`    // why the target was given up
}

// SourceError says that the source could not be read to its end. Nothing was sent.
type SourceError struct {
	Source string
	Err    error
}

// Error names the source and the cause.
func (e *SourceError) Error() string { return "orgsync: reading " + e.Source + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// TargetError says that a target does not hold everything it should. The next run
// goes on from there.
type TargetError struct {
	Target  string
	Failed  int   // records that were refused, or whose outcome is unknown
	NotSent int   // records that wait for the next run
	Err     error // why the target was given up, nil if it was not
}

// Error names the target, the counts and the cause.
func (e *TargetError) Error() string {
	text := fmt.Sprintf("orgsync: %s: %d failed, %d not sent", e.Target, e.Failed, e.NotSent)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

func (t *targetPlan) report(dryRun bool) TargetReport {
	rep := TargetReport{
		Name: t.name, FullPush: t.replace, Planned: map[Action]int{}, Done: map[Action]int{},
		Unchanged: t.unchanged, Outside: t.outside, Withheld: len(t.withheld), Skipped: t.skipped, Failed: t.stuck,
	}
	for _, list := range t.lists() {
		for i := range list.items {
			rep.Planned[list.items[i].action]++
			if dryRun {
				rep.Changes = append(rep.Changes, Note{Entity: list.entity, ID: list.items[i].id, Action: list.items[i].action})
			}
		}
	}
	return rep
}

// describe fills in what the reading was.
func (r *Report) describe(rd *reading) {
	r.Reading = Reading{
		Full: rd.full(), Why: rd.why, Departments: rd.org.NumDepartments(), People: rd.org.NumPeople(),
		Complete: rd.org.Complete(), Doubts: slices.Clone(rd.doubts),
	}
	for i := range r.Reading.Doubts {
		r.Reading.Doubts[i].Reason = rd.masked(r.Reading.Doubts[i].Reason)
	}
	const most = 20
	problems := rd.org.Incomplete()
	for _, problem := range problems[:min(most, len(problems))] {
		r.Reading.Incomplete = append(r.Reading.Incomplete, problem.Error())
	}
	if more := len(problems) - most; more > 0 {
		r.Reading.Incomplete = append(r.Reading.Incomplete, fmt.Sprintf("and %d more", more))
	}
	for _, refused := range rd.org.Quarantined() {
		r.Reading.Quarantined = append(r.Reading.Quarantined, Note{
			Entity: refused.Entity, ID: refused.ID, Reason: refused.Field + " " + refused.Reason,
		})
	}
}

// Text returns the report for people to read, one line or a few for each target.
func (r *Report) Text() string {
	var b strings.Builder
	kind := "incremental"
	if r.Reading.Full {
		kind = "full, " + r.Reading.Why
	}
	fmt.Fprintf(&b, "%s: %d departments and %d people read (%s)\n", r.Source, r.Reading.Departments, r.Reading.People, kind)
	for _, reason := range r.Reading.Incomplete {
		fmt.Fprintf(&b, "  incomplete: %s\n", reason)
	}
	writeNotes(&b, "set aside", r.Reading.Quarantined)
	writeNotes(&b, "in doubt", r.Reading.Doubts)
	for _, violation := range r.Guard {
		fmt.Fprintf(&b, "guard: %s\n", violation)
	}
	for i := range r.Targets {
		r.Targets[i].write(&b, r.DryRun)
	}
	if r.Error != "" {
		fmt.Fprintln(&b, r.Error)
	}
	return b.String()
}

func (t *TargetReport) write(b *strings.Builder, dryRun bool) {
	verb, counts := "done", t.Done
	if dryRun {
		verb, counts = "planned", t.Planned
	}
	var parts []string
	for _, action := range []Action{Create, Update, Move, Reactivate, Disable, Delete} {
		if n := counts[action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, action))
		}
	}
	fmt.Fprintf(b, "%s: %s: %s, %d unchanged, %d skipped, %d failed, %d not sent\n", t.Name, verb,
		cmp.Or(strings.Join(parts, ", "), "nothing"), t.Unchanged, len(t.Skipped), len(t.Failed), t.NotSent)
	writeNotes(b, "skipped", t.Skipped)
	writeNotes(b, "failed", t.Failed)
	if t.Error != "" {
		fmt.Fprintf(b, "  given up: %s\n", t.Error)
	}
}

// writeNotes lists the first few of what may be thousands; JSON has them all.
func writeNotes(b *strings.Builder, what string, notes []Note) {
	const most = 20
	for _, n := range notes[:min(most, len(notes))] {
		fmt.Fprintf(b, "  %s: %s %s: %s\n", what, n.Entity, n.ID, n.Reason)
	}
	if more := len(notes) - most; more > 0 {
		fmt.Fprintf(b, "  %s: and %d more\n", what, more)
	}
}

func sortNotes(notes []Note) {
	slices.SortStableFunc(notes, func(a, b Note) int {
		return cmp.Or(strings.Compare(string(a.Entity), string(b.Entity)), strings.Compare(a.ID, b.ID))
	})
}
