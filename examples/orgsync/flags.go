package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// flags are those of a run.
type flags struct {
	options orgsync.RunOptions
	html    string // path of a page
	names   bool   // of people on it
}

// parse reads the flags.
func (o *output) parse(args []string) (flags, error) {
	// A program that reads JSON gets JSON, even if another flag is wrong.
	o.json = slices.Contains(args, "-json") || slices.Contains(args, "--json")
	var f flags
	asJSON := o.json
	set := newFlagSet("orgsync", o.stderr)
	options := &f.options
	set.BoolVar(&options.DryRun, "dry-run", false, "plan, and neither send nor store anything")
	set.BoolVar(&options.Full, "full", false, "read everyone: people who are missing then count as gone")
	set.StringVar(&options.Approve.Digest, "approve", "", "let what the guard objected to under this `digest` pass")
	set.BoolVar(&options.Hold, "hold", false, "send everything except what the guard objects to")
	set.BoolVar(&options.Force, "force", false, "overrule the guard, this once")
	set.Func("replace", "give `target` everything at once, so that what others put there goes too", appendTo(&options.Replace))
	set.Func("adopt", "use the state of `target` for another destination", appendTo(&options.Adopt))
	set.BoolVar(&options.ForgetSealed, "forget-sealed", false, "drop what was sealed with a key that is lost, and seal anew")
	set.BoolVar(&asJSON, "json", false, "write the report as one JSON object to standard output")
	set.StringVar(&f.html, "html", "", "write the plan (with -dry-run) or the report to `file` as a page")
	set.BoolVar(&f.names, "names", false, "show names of people on that page, and nowhere else")
	err := parseFlags(set, args)
	if err == nil || errors.Is(err, errArguments) {
		o.json = asJSON
	}
	if err != nil {
		return f, err
	}
	if f.names && f.html == "" {
		return f, errors.New("-names is for the page of -html")
	}
	return f, nil
}

// newFlagSet returns one whose help lists verbs and settings too.
func newFlagSet(name string, w io.Writer) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(w)
	set.Usage = func() {
		fmt.Fprint(w, `Usage:
  orgsync [flags]          bring the targets up to date, once
  orgsync serve [flags]    keep them up to date, and show a page
  orgsync status [-json]   say what the state knows of the last runs
  orgsync version          say which version this is

Flags of `+name+":\n")
		set.PrintDefaults()
		writeVariables(w)
	}
	return set
}

var errArguments = errors.New("there are no arguments besides flags, and no verbs besides serve, status and version")

func parseFlags(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errors.New("a flag is wrong") // the flag set has said which
	}
	if set.NArg() > 0 {
		return errArguments
	}
	return nil
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
