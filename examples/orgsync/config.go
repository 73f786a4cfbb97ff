package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// settings are everything that the environment decides, checked.
type settings struct {
	tenant    string
	source    orgsync.Source
	targets   []orgsync.Target
	state     string // path, "" for memory
	key       []byte // of the state, nil for the one in the key file
	roster    *roster
	simulated bool
	close     func()
}

const (
	stateVariable  = "ORGSYNC_STATE"
	rosterVariable = "ORGSYNC_ROSTER"
)

// readSettings reports everything that is wrong at once. Every vendor has one client
// here, whose one limiter all of its calls wait for.
func readSettings(environ func(string) string, logger *slog.Logger) (settings, error) {
	e := &environment{get: environ}
	set := settings{close: func() {}, state: e.value(stateVariable), key: e.stateKey()}
	set.roster = e.roster()
	if !e.anyVendor() {
		if len(e.wrong) > 0 {
			return settings{}, e.err()
		}
		return simulate(set)
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
	if len(set.targets) == 0 {
		e.refuse("AIGUANHUAI_BASE_URL, TUZHAN_BASE_URL or YUNJIAN_URL", "is required: there is no target")
	}
	if set.state == "" {
		// Without it, each run would be a first one, which does not know who has left.
		e.refuse(stateVariable, "is required: the path of the state file")
	}
	return set, e.err()
}

// variableError says what is wrong with a variable, and never its value.
type variableError struct {
	Variable, Reason string

	err error
}

func (e *variableError) Error() string { return e.Variable + " " + e.Reason }
func (e *variableError) Unwrap() error { return e.err }

// environment reads variables and remembers what is wrong with them.
type environment struct {
	get   func(string) string
	wrong []error
	named map[string]bool
}

// value returns a variable without the white space that files leave around secrets.
func (e *environment) value(name string) string { return strings.TrimSpace(e.get(name)) }

func (e *environment) err() error { return errors.Join(e.wrong...) }

// refuse notes what is wrong with a variable; what was said of it first counts.
func (e *environment) refuse(variable, reason string) {
	if e.named[variable] {
		return
	}
	if e.named == nil {
		e.named = map[string]bool{}
	}
	e.named[variable] = true
	e.wrong = append(e.wrong, &variableError{Variable: variable, Reason: reason})
}

// anyVendor reports whether any variable of a vendor is set.
func (e *environment) anyVendor() bool {
	return slices.ContainsFunc([]string{
		"YUNZHIJIA_BASE_URL", "YUNZHIJIA_EID", "YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET", "YUNZHIJIA_ACCESS_TOKEN",
		syncSecretVariable,
		"AIGUANHUAI_BASE_URL", "AIGUANHUAI_CORP_ID",
		"TUZHAN_BASE_URL", "TUZHAN_TOKEN", "TUZHAN_APP_ID", "TUZHAN_APP_SECRET",
		"YUNJIAN_URL", "YUNJIAN_ACCOUNT", "YUNJIAN_USER_NO",
		"YUNJIAN_SESSION_ID", "YUNJIAN_SESSION_URL", "YUNJIAN_SECRET", "YUNJIAN_SIGN_KEY",
	}, func(name string) bool { return e.value(name) != "" })
}

// either reports whether a credential is given as one variable, or as several others.
func (e *environment) either(one string, several ...string) bool {
	var missing []string
	for _, name := range several {
		if e.value(name) == "" {
			missing = append(missing, name)
		}
	}
	all := several[0]
	if last := len(several) - 1; last > 0 {
		all = strings.Join(several[:last], ", ") + " and " + several[last]
	}
	given := e.value(one) != ""
	switch {
	case given && len(missing) < len(several):
		e.refuse(one, "is set beside "+all+": which one is meant?")
	case !given && len(missing) == len(several):
		e.refuse(one, "is required, or "+all)
	case !given:
		for _, name := range missing {
			e.refuse(name, "is required as well")
		}
	}
	return given
}

// check translates what a client says of its configuration. Fields that have no
// variable are those that either has judged already.
func (e *environment) check(err error, variables map[string]string) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, each := range joined.Unwrap() {
			e.check(each, variables)
		}
		return
	}
	field, ok := errors.AsType[*yunzhijia.FieldError](err) // the type of all four vendors
	if !ok {
		e.wrong = append(e.wrong, err)
		return
	}
	if variable := variables[field.Field]; variable != "" {
		e.refuse(variable, field.Reason)
	} else if len(e.wrong) == 0 {
		e.wrong = append(e.wrong, err)
	}
}

// source chooses how 云之家 is read.
func (e *environment) source(logger *slog.Logger) orgsync.Source {
	if source, chosen := e.directory(logger); chosen {
		return source
	}
	return e.yunzhijia(logger)
}

func (e *environment) yunzhijia(logger *slog.Logger) orgsync.Source {
	config := yunzhijia.Config{BaseURL: e.value("YUNZHIJIA_BASE_URL"), EID: e.value("YUNZHIJIA_EID")}
	if e.either("YUNZHIJIA_ACCESS_TOKEN", "YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET") {
		config.Credentials = yunzhijia.AccessToken(e.value("YUNZHIJIA_ACCESS_TOKEN"))
	} else {
		config.Credentials = yunzhijia.AppCredentials(e.value("YUNZHIJIA_APP_ID"), e.value("YUNZHIJIA_APP_SECRET"))
	}
	client, err := yunzhijia.New(config, yunzhijia.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "YUNZHIJIA_BASE_URL", "EID": "YUNZHIJIA_EID"})
	return &orgsync.YunzhijiaSource{Client: client}
}

func (e *environment) aiguanhuai(logger *slog.Logger) (orgsync.Target, bool) {
	config := aiguanhuai.Config{BaseURL: e.value("AIGUANHUAI_BASE_URL"), CorpID: e.value("AIGUANHUAI_CORP_ID")}
	if config.BaseURL == "" {
		return nil, false
	}
	client, err := aiguanhuai.New(config, aiguanhuai.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "AIGUANHUAI_BASE_URL", "CorpID": "AIGUANHUAI_CORP_ID"})
	// Another company is another target, which has been told nothing yet.
	return &orgsync.AiguanhuaiTarget{Client: client, Label: "aiguanhuai/" + config.CorpID}, true
}

func (e *environment) tuzhan(logger *slog.Logger) (orgsync.Target, bool) {
	config := tuzhan.Config{BaseURL: e.value("TUZHAN_BASE_URL")}
	if config.BaseURL == "" {
		return nil, false
	}
	if e.either("TUZHAN_TOKEN", "TUZHAN_APP_ID", "TUZHAN_APP_SECRET") {
		config.Credentials = tuzhan.AccessToken(e.value("TUZHAN_TOKEN"))
	} else {
		config.Credentials = tuzhan.AppCredentials(e.value("TUZHAN_APP_ID"), e.value("TUZHAN_APP_SECRET"))
	}
	client, err := tuzhan.New(config, tuzhan.WithLogger(logger))
	e.check(err, map[string]string{"BaseURL": "TUZHAN_BASE_URL"})
	return &orgsync.TuzhanTarget{Client: client}, true
}

func (e *environment) yunjian(logger *slog.Logger) (orgsync.Target, bool) {
	config := yunjian.Config{URL: e.value("YUNJIAN_URL"), Account: e.value("YUNJIAN_ACCOUNT"), UserNo: e.value("YUNJIAN_USER_NO")}
	if config.URL == "" {
		return nil, false
	}
	if e.either("YUNJIAN_SESSION_ID", "YUNJIAN_SESSION_URL", "YUNJIAN_SECRET", "YUNJIAN_SIGN_KEY") {
		config.Session = yunjian.SessionID(e.value("YUNJIAN_SESSION_ID"))
	} else {
		config.Session = yunjian.Login(yunjian.LoginConfig{
			URL: e.value("YUNJIAN_SESSION_URL"), Secret: e.value("YUNJIAN_SECRET"), SignKey: e.value("YUNJIAN_SIGN_KEY"),
		})
	}
	client, err := yunjian.New(config, yunjian.WithLogger(logger))
	e.check(err, map[string]string{
		"URL": "YUNJIAN_URL", "Account": "YUNJIAN_ACCOUNT", "UserNo": "YUNJIAN_USER_NO", "Session.URL": "YUNJIAN_SESSION_URL",
	})
	return &orgsync.YunjianTarget{Client: client, Label: "yunjian/" + config.Account}, true
}

// roster reads the roster, an empty one if there is none.
func (e *environment) roster() *roster {
	path := e.value(rosterVariable)
	if path == "" {
		return &roster{}
	}
	r, err := readRoster(path)
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			e.wrong = append(e.wrong, &variableError{Variable: rosterVariable, Reason: strings.TrimSpace(line)})
		}
		return &roster{}
	}
	return r
}

// withoutPath drops the path, which is the value of a variable, from an error.
func withoutPath(err error) error {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return bad.Err
	}
	return err
}
