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
	// A program that reads JSON gets JSON, even if another flag is wrong.
	o.json = slices.Contains(args, "-json") || slices.Contains(args, "--json")
	var options orgsync.RunOptions
	asJSON := o.json
	flags := flag.NewFlagSet("orgsync", flag.ContinueOnError)
	flags.SetOutput(o.stderr)
	flags.BoolVar(&options.DryRun, "dry-run", false, "plan, and neither send nor store anything")
	flags.BoolVar(&options.Full, "full", false, "read everyone: people who are missing then count as gone")
	flags.StringVar(&options.Approve.Digest, "approve", "", "let what the guard objected to under this `digest` pass")
	flags.BoolVar(&options.Hold, "hold", false, "send everything except what the guard objects to")
	flags.BoolVar(&options.Force, "force", false, "overrule the guard, this once")
	flags.Func("replace", "give `target` everything at once, so that what others put there goes too", appendTo(&options.Replace))
	flags.Func("adopt", "use the state of `target` for another destination", appendTo(&options.Adopt))
	flags.BoolVar(&options.ForgetSealed, "forget-sealed", false, "drop what was sealed with a key that is lost, and seal anew")
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

func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		*list = append(*list, value)
		return nil
	}
}

// nameTargets gives targets that flags name by their vendor their full names.
func nameTargets(options *orgsync.RunOptions, targets []orgsync.Target) error {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Name()
	}
	for _, list := range [][]string{options.Replace, options.Adopt} {
		for i, given := range list {
			at := slices.IndexFunc(names, func(name string) bool { return name == given || strings.HasPrefix(name, given+"/") })
			if at < 0 {
				return fmt.Errorf("%q names no target: there is %s", given, strings.Join(names, ", "))
			}
			list[i] = names[at]
		}
	}
	return nil
}

// refuse says why there was no run.
func (o *output) refuse(err error, status int) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(o.stderr, "orgsync:", strings.TrimSuffix(line, "\n"))
	}
	if o.json {
		now := time.Now()
		report := &orgsync.Report{Started: now, Finished: now, Targets: []orgsync.TargetReport{}, Error: err.Error()}
		if err := o.write(report, nil, nil, orgsync.RunOptions{}); err != nil {
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
func (o *output) write(report *orgsync.Report, failure error, findings []finding, options orgsync.RunOptions) error {
	next := strings.Join(nextSteps(report, failure, options), "")
	if o.json {
		fmt.Fprint(o.stderr, next)
		encoder := json.NewEncoder(o.stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			*orgsync.Report

			Roster []finding `json:"roster,omitempty"`
		}{report, findings})
	}
	var b strings.Builder
	b.WriteString(report.Text())
	const most = 20
	for _, f := range findings[:min(most, len(findings))] {
		fmt.Fprintf(&b, "roster: %s\n", f)
	}
	if more := len(findings) - most; more > 0 {
		fmt.Fprintf(&b, "roster: and %d more\n", more)
	}
	b.WriteString(next)
	_, err := io.WriteString(o.stdout, b.String())
	return err
}

// nextSteps says what can be done about a run that was stopped, a line each.
func nextSteps(report *orgsync.Report, failure error, options orgsync.RunOptions) []string {
	var lines []string
	say := func(what string, more ...string) {
		lines = append(lines, fmt.Sprintf("%-28s %s\n", what+":", commandLine(options, more...)))
	}
	for _, elsewhere := range otherDestinations(failure) {
		say("if that destination is meant", "-adopt", elsewhere.Target)
	}
	if len(report.Guard) == 0 || report.Digest == "" || report.Approved {
		return lines
	}
	say("to look at the plan", "-dry-run", "-json")
	say("to let it pass", "-approve", report.Digest)
	if !options.Hold && mayHold(report) {
		say("to go on without it", "-hold")
	}
	return lines
}

// otherDestinations returns the errors about destinations that adopting would settle.
func otherDestinations(err error) []*orgsync.DestinationError {
	switch e := err.(type) { //nolint:errorlint // only what Run joins: one within a TargetError is about a replacement
	case *orgsync.DestinationError:
		return []*orgsync.DestinationError{e}
	case interface{ Unwrap() []error }:
		var found []*orgsync.DestinationError
		for _, each := range e.Unwrap() {
			found = append(found, otherDestinations(each)...)
		}
		return found
	}
	return nil
}

// mayHold reports whether -hold would send the rest: it does not if the source itself is
// in doubt.
func mayHold(report *orgsync.Report) bool {
	return len(report.Reading.Unfit) == 0 && !slices.ContainsFunc(report.Guard, func(v orgsync.Violation) bool { return v.Target == "" })
}

// commandLine keeps the flags that the plan depends on.
func commandLine(options orgsync.RunOptions, more ...string) string {
	words := []string{"orgsync"}
	if options.Full {
		words = append(words, "-full")
	}
	for _, target := range options.Replace {
		words = append(words, "-replace", target)
	}
	for _, target := range options.Adopt {
		words = append(words, "-adopt", target)
	}
	return strings.Join(append(words, more...), " ")
}
