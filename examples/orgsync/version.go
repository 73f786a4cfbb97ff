package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime/debug"
)

// version says which version this is.
func (p *program) version(args []string) int {
	set := newFlagSet("orgsync version", p.stderr)
	if err := parseFlags(set, args); errors.Is(err, flag.ErrHelp) {
		return statusDone
	} else if err != nil {
		return (&output{stdout: p.stdout, stderr: p.stderr}).refuse(err, statusUsage)
	}
	fmt.Fprintln(p.stdout, versionText())
	return statusDone
}

// versionText names version, commit and Go, as far as the build noted them.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "orgsync, of an unknown build"
	}
	text := "orgsync " + info.Main.Version
	var commit, changed string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	if commit != "" {
		text += " (commit " + commit + changed + ")"
	}
	return text + ", " + info.GoVersion
}
