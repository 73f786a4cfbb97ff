package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// output is where reports and complaints go.
type output struct {
	stdout, stderr io.Writer
	json           bool
}

// document is the JSON report. report.schema.json describes it; its fields only grow.
type document struct {
	*orgsync.Report

	ExitStatus   int           `json:"exitStatus"`
	Roster       []finding     `json:"roster,omitempty"`
	RosterCounts *rosterCounts `json:"rosterCounts,omitempty"`
}

// refuse says why there was no run.
func (o *output) refuse(err error, status int) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(o.stderr, "orgsync:", strings.TrimSuffix(line, "\n"))
	}
	if o.json {
		if err := o.write(ended{report: refused(err), status: status}, orgsync.RunOptions{}); err != nil {
			return o.lost()
		}
	}
	return status
}

// lost says that the report could not be written, which is not "all done".
func (o *output) lost() int {
	fmt.Fprintln(o.stderr, "orgsync: the report could not be written")
	return statusFailed
}

// write writes the report to standard output, and what to do next: to standard error if
// the report is JSON.
func (o *output) write(end ended, options orgsync.RunOptions) error {
	next := strings.Join(nextSteps(end, options), "")
	if o.json {
		fmt.Fprint(o.stderr, next)
		encoder := json.NewEncoder(o.stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(document{end.report, end.status, end.findings, end.counts})
	}
	var b strings.Builder
	b.WriteString(end.report.Text())
	writeRoster(&b, end)
	b.WriteString(next)
	_, err := io.WriteString(o.stdout, b.String())
	return err
}

// writeRoster says what of the roster had no effect.
func writeRoster(b *strings.Builder, end ended) {
	const most = 20
	var noOne []string
	var others []finding
	for _, f := range end.findings {
		if f.Reason == reasonNoOne {
			noOne = append(noOne, strconv.Itoa(f.Line))
		} else {
			others = append(others, f)
		}
	}
	for _, f := range others[:min(most, len(others))] {
		fmt.Fprintf(b, "roster: %s\n", f)
	}
	if more := len(others) - most; more > 0 {
		fmt.Fprintf(b, "roster: and %d more\n", more)
	}
	if len(noOne) == 0 || end.counts == nil {
		return
	}
	lines := strings.Join(noOne[:min(most, len(noOne))], ", ")
	if more := len(noOne) - most; more > 0 {
		lines += fmt.Sprintf(" and %d more", more)
	}
	fmt.Fprintf(b, "roster: %d of %d rows belong to no one at the source: line %s\n", len(noOne), end.counts.Rows, lines)
}
