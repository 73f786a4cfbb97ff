package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// output is where reports and complaints go.
type output struct {
	stdout, stderr io.Writer
	json           bool
}

// parse reads the flags.
func (o *output) parse(args []string) (orgsync.RunOptions, error) {
	// Whoever reads JSON gets JSON, even if another flag is wrong.
	o.json = slices.Contains(args, "-json") || slices.Contains(args, "--json")
	var options orgsync.RunOptions
	asJSON := o.json
	flags := flag.NewFlagSet("orgsync", flag.ContinueOnError)
	flags.SetOutput(o.stderr)
	flags.BoolVar(&options.DryRun, "dry-run", false, "plan, and neither send nor store anything")
	flags.BoolVar(&options.Full, "full", false, "read everybody: who is missing then counts as gone")
	flags.BoolVar(&options.Force, "force", false, "overrule the guard, this once")
	flags.StringVar(&options.Approve, "approve", "", "let the plan with this `digest` pass the guard")
	flags.BoolVar(&asJSON, "json", false, "write the report as one JSON object to standard output")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return options, err
		}
		return options, errors.New("a flag is wrong") // the flag set has said which
	}
	o.json = asJSON
	if flags.NArg() > 0 {
		return options, errors.New("there are no arguments besides flags")
	}
	return options, nil
}

// refuse says why there was no run.
func (o *output) refuse(err error, status int) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(o.stderr, "orgsync:", strings.TrimSuffix(line, "\n"))
	}
	if o.json {
		now := time.Now()
		report := &orgsync.Report{Started: now, Finished: now, Targets: []orgsync.TargetReport{}, Error: err.Error()}
		if err := o.write(report, nil, nil); err != nil {
			return o.lost()
		}
	}
	return status
}

// lost says that nobody will read what happened, which is not "all done".
func (o *output) lost() int {
	fmt.Fprintln(o.stderr, "orgsync: the report could not be written")
	return statusFailed
}

// write writes the report to standard output.
func (o *output) write(report *orgsync.Report, faults []rosterFault, args []string) error {
	if o.json {
		encoder := json.NewEncoder(o.stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			*orgsync.Report

			Roster []rosterFault `json:"roster,omitempty"`
		}{report, faults})
	}
	var b strings.Builder
	b.WriteString(report.Text())
	const most = 20
	for _, fault := range faults[:min(most, len(faults))] {
		fmt.Fprintf(&b, "roster: %s\n", fault)
	}
	if more := len(faults) - most; more > 0 {
		fmt.Fprintf(&b, "roster: and %d more\n", more)
	}
	if len(report.Guard) > 0 && report.Digest != "" {
		fmt.Fprintf(&b, "to look at this plan: %s\n", commandLine(args, "-dry-run", "-json"))
		fmt.Fprintf(&b, "to let it pass:       %s\n", commandLine(args, "-approve", report.Digest))
	}
	_, err := io.WriteString(o.stdout, b.String())
	return err
}

// commandLine keeps -full, without which there would be another plan.
func commandLine(args []string, more ...string) string {
	words := []string{"orgsync"}
	if slices.Contains(args, "-full") || slices.Contains(args, "--full") {
		words = append(words, "-full")
	}
	return strings.Join(append(words, more...), " ")
}
