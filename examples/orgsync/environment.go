package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

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
	files map[string]string // contents of secret files, by variable
}

const (
	// fileSuffix is appended to the name of a secret to name a file that holds it.
	fileSuffix = "_FILE"
	// maxSecret is the most that a secret may have, in bytes.
	maxSecret = 64 << 10
	// unreadable stands for a secret whose file cannot be read. Nothing is done with it.
	unreadable = "unreadable"
)

func newEnvironment(get func(string) string) *environment {
	e := &environment{get: get, named: map[string]bool{}, files: map[string]string{}}
	for _, name := range variables(func(v variable) bool { return v.Secret }) {
		if path := strings.TrimSpace(get(name + fileSuffix)); path != "" {
			e.files[name] = e.secret(name, path)
		}
	}
	return e
}

// value returns a variable, or what is in its file, without the white space around it.
func (e *environment) value(name string) string {
	if text, given := e.files[name]; given {
		return text
	}
	return strings.TrimSpace(e.get(name))
}

// secret reads the file of a secret.
func (e *environment) secret(name, path string) string {
	if strings.TrimSpace(e.get(name)) != "" {
		e.refuse(name, "is set beside "+name+fileSuffix+": which one is meant?")
		return unreadable
	}
	text, err := readSecret(path)
	if err != nil {
		e.refuse(name+fileSuffix, err.Error())
		e.named[name] = true // said with its file
		return unreadable
	}
	return text
}

// readSecret returns what is in a file. Its errors name neither the file nor what is in it.
func readSecret(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return "", fmt.Errorf("names a file that cannot be read: %w", withoutPath(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("names a file that cannot be read: %w", withoutPath(err))
	}
	text := strings.TrimSpace(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	switch {
	case len(data) > maxSecret:
		return "", errors.New("names a file that is larger than 64 KiB, which is no secret")
	case text == "":
		return "", errors.New("names a file that is empty")
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }):
		return "", errors.New("names a file that holds more than one line, or no text")
	}
	return text, nil
}

func (e *environment) err() error { return errors.Join(e.wrong...) }

// refuse notes what is wrong with a variable; what was said of it first counts.
func (e *environment) refuse(variable, reason string) {
	if e.named[variable] {
		return
	}
	e.named[variable] = true
	e.wrong = append(e.wrong, &variableError{Variable: variable, Reason: reason})
}

// anyVendor reports whether any variable of a vendor is set.
func (e *environment) anyVendor() bool {
	return slices.ContainsFunc(variables(func(v variable) bool { return v.Vendor }), func(name string) bool { return e.value(name) != "" })
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

// withoutPath drops the path, which is the value of a variable, from an error.
func withoutPath(err error) error {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return bad.Err
	}
	return err
}
