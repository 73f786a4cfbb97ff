package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// nextSteps says what can be done about a run, a line each.
func nextSteps(end ended, options orgsync.RunOptions) []string {
	var lines []string
	report := end.report
	say := func(what string, words ...string) {
		lines = append(lines, fmt.Sprintf("%-28s %s\n", what+":", strings.Join(words, " ")))
	}
	run := func(more ...string) string { return commandLine(options, more...) }
	elsewhere := otherDestinations(end.err)
	for _, e := range elsewhere {
		say("if that destination is meant", run("-adopt", e.Target))
	}
	if len(report.Guard) > 0 && report.Digest != "" && !report.Approved {
		say("to look at the plan", run("-dry-run", "-json"))
		say("to let it pass", run("-approve", report.Digest))
		if !options.Hold && mayHold(report) {
			say("to go on without it", run("-hold"))
		}
		return lines
	}
	skipped := slices.ContainsFunc(report.Targets, func(t orgsync.TargetReport) bool { return len(t.Skipped) > 0 })
	switch {
	case errors.Is(end.err, orgsync.ErrLocked):
		say("to see who holds the state", "orgsync status")
	case errors.Is(end.err, orgsync.ErrSealKey):
		say("if the former key is lost", run("-forget-sealed"))
	case end.status == statusInterrupted, end.status == statusFailed && len(elsewhere) == 0 && len(report.Targets) > 0:
		say("to go on, or wait for the next run", run())
	}
	if skipped && !options.DryRun {
		say("to list all who are skipped", run("-dry-run", "-json"))
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
		words = append(words, "-replace", shellWord(target))
	}
	for _, target := range options.Adopt {
		words = append(words, "-adopt", shellWord(target))
	}
	for _, word := range more {
		words = append(words, shellWord(word))
	}
	return strings.Join(words, " ")
}

// shellWord quotes what a shell would take apart.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@,+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
