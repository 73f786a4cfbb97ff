package main

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// settings are everything that the environment decides, checked.
type settings struct {
	tenant     string
	source     orgsync.Source
	targets    []orgsync.Target
	state      string // path, "" for memory
	key        []byte // of the state, nil for the one in the key file
	roster     *roster
	rosterPath string
	alarms     alarmSettings
	simulated  bool
	leftOut    []string // why targets are, although something of theirs is set
	close      func()
}

// readSettings reports everything that is wrong at once. Every vendor has one client
// here, whose one limiter all of its calls wait for.
func readSettings(e *environment, logger *slog.Logger) (settings, error) {
	set := settings{close: func() {}, state: e.value(stateVariable), rosterPath: e.value(rosterVariable), key: e.stateKey(), alarms: e.alarms(logger)}
	set.roster = e.roster(set.rosterPath)
	if !e.anyVendor() {
		if len(e.wrong) > 0 {
			return settings{}, e.err()
		}
		return simulate(set), nil
	}
	// People who were simulated must never get to a real target, so a target is
	// reason enough to demand a source.
	set.tenant = e.value("YUNZHIJIA_EID")
	set.source = e.source(logger)
	for _, target := range []func(*slog.Logger) (orgsync.Target, bool){e.aiguanhuai, e.tuzhan, e.yunjian} {
		if t, there := target(logger); there {
			set.targets = append(set.targets, t)
		}
	}
	set.leftOut = e.leftOut()
	if len(set.targets) == 0 {
		e.refuse("AIGUANHUAI_BASE_URL, TUZHAN_BASE_URL or YUNJIAN_URL", "is required: there is no target")
	}
	if set.state == "" {
		// Without it, each run would be a first one, which does not know who has left.
		e.refuse(stateVariable, "is required: the path of the state file")
	}
	return set, e.err()
}

// leftOut tells of targets whose address is not set, although other variables of theirs
// are: a slip in its name would leave them out silently.
func (e *environment) leftOut() []string {
	var texts []string
	for _, address := range []string{"AIGUANHUAI_BASE_URL", "TUZHAN_BASE_URL", "YUNJIAN_URL"} {
		vendor, _, _ := strings.Cut(address, "_")
		set := variables(func(v variable) bool { return strings.HasPrefix(v.Name, vendor+"_") && e.value(v.Name) != "" })
		if e.value(address) == "" && len(set) > 0 {
			texts = append(texts, set[0]+" is set, and "+address+" is not: that target is left out")
		}
	}
	return texts
}

// roster reads the roster, an empty one if there is none.
func (e *environment) roster(path string) *roster {
	if path == "" {
		return &roster{}
	}
	r, err := readRoster(path)
	if err != nil {
		e.wrong = append(e.wrong, rosterErrors(err))
		return &roster{}
	}
	return r
}

// rosterErrors names the variable in each line of what is wrong with a roster.
func rosterErrors(err error) error {
	var errs []error
	for line := range strings.Lines(err.Error()) {
		errs = append(errs, &variableError{Variable: rosterVariable, Reason: strings.TrimSpace(line), err: err})
	}
	return errors.Join(errs...)
}
