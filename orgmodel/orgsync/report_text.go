package orgsync

import (
	"cmp"
	"fmt"
	"strings"
)

// Text returns the report for people to read, one line or a few for each target. Ids
// and messages are escaped where they could drive a terminal or forge a line.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintln(&b, printable(fmt.Sprintf(format, args...))) }
	kind := "incremental"
	if r.Reading.Full {
		kind = "full, " + r.Reading.Why
	}
	if r.Reading.Departments+r.Reading.People > 0 || r.Error == "" {
		line("%s: %d departments and %d people read (%s)", r.Source, r.Reading.Departments, r.Reading.People, kind)
	}
	for _, reason := range r.Reading.Incomplete {
		line("  incomplete: %s", reason)
	}
	for _, reason := range r.Reading.Unfit {
		line("  not accepted: %s", reason)
	}
	writeNotes(line, "set aside", r.Reading.Quarantined)
	writeNotes(line, "in doubt", r.Reading.Doubts)
	for _, id := range r.Reading.UnknownLeft {
		line("  left, and no target was told of them: %s (was an old state put back?)", id)
	}
	if r.Reading.MoreUnknown > 0 {
		line("  left, and no target was told of them: and %d more", r.Reading.MoreUnknown)
	}
	for _, note := range r.Notes {
		line("%s", note)
	}
	for _, violation := range r.Guard {
		line("guard: %s", violation)
	}
	titles := r.titles()
	for i := range r.Targets {
		r.Targets[i].write(line, r.DryRun)
		writeDepartments(line, r.Targets[i].Departments, titles)
	}
	if r.Error != "" {
		for part := range strings.Lines(r.Error) {
			line("%s", strings.TrimSuffix(part, "\n"))
		}
	}
	return b.String()
}

func (t *TargetReport) write(line func(string, ...any), dryRun bool) {
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
	text := fmt.Sprintf("%s: %s: %s, %d unchanged, %d skipped, %d withheld, %d failed, %d not sent", t.Name, verb,
		cmp.Or(strings.Join(parts, ", "), "nothing"), t.Unchanged, len(t.Skipped), len(t.Withheld), len(t.Failed), t.NotSent)
	if len(t.Held) > 0 {
		text += fmt.Sprintf(", %d held back", len(t.Held))
	}
	line("%s", text)
	writeNotes(line, "skipped", t.Skipped)
	writeNotes(line, "withheld", t.Withheld)
	writeNotes(line, "held back", t.Held)
	writeNotes(line, "failed", t.Failed)
	writeNotes(line, "removed", t.Removed)
	if t.Error != "" {
		line("  given up: %s", t.Error)
	}
}

// writeNotes lists the first few of what may be thousands; JSON has them all.
func writeNotes(line func(string, ...any), what string, notes []Note) {
	const most = 20
	for _, n := range notes[:min(most, len(notes))] {
		line("  %s: %s %s: %s", what, n.Entity, n.ID, n.Reason)
	}
	if more := len(notes) - most; more > 0 {
		line("  %s: and %d more", what, more)
	}
}
