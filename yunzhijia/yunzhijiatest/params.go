package yunzhijiatest

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// param is one form parameter. check reports whether a value that is not empty
// has the documented form.
type param struct {
	name     string
	required bool
	check    func(value string) bool
}

func text(name string) param { return param{name, true, func(string) bool { return true }} }

func optional(name string, check func(string) bool) param { return param{name, false, check} }

const momentLayout = "2006-01-02 15:04:05"

func isMoment(v string) bool {
	t, err := time.Parse(momentLayout, v)
	return err == nil && t.Format(momentLayout) == v
}

func isMillis(v string) bool {
	_, err := strconv.ParseUint(v, 10, 63)
	return err == nil
}

func isOffset(v string) bool {
	_, err := strconv.ParseUint(v, 10, 31)
	return err == nil
}

func isCount(most int) func(string) bool {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && n > 0 && n <= most
	}
}

func isBool(v string) bool { return v == "true" || v == "false" }

// values are the parameters of a request, all of the documented form.
type values url.Values

// read takes the form apart. It is stricter than the vendor may be in one
// point: a parameter that the page does not have is refused, because a
// misspelt optional one would otherwise go unnoticed.
func read(r *http.Request, params []param) (values, *refusal) {
	form, err := simkit.Form(r)
	if err != nil {
		return nil, badParameter(err.Error())
	}
	for name, given := range form {
		switch {
		case !slices.ContainsFunc(params, func(p param) bool { return p.name == name }):
			return nil, badParameter("unknown parameter " + strconv.Quote(name))
		case len(given) > 1:
			return nil, badParameter(name + " is given twice")
		}
	}
	for _, p := range params {
		value := form.Get(p.name)
		switch {
		case value == "" && p.required:
			return nil, badParameter(p.name + " is required")
		case value != "" && !p.check(value):
			return nil, badParameter(p.name + " is malformed or out of range")
		}
	}
	return values(form), nil
}

func (v values) text(name string) string { return url.Values(v).Get(name) }

func (v values) flag(name string) bool { return v.text(name) == "true" }

// window returns the record offsets that begin and count ask for.
func (v values) window(defaultCount int) (from, to int) {
	from, _ = strconv.Atoi(v.text("begin"))
	count, err := strconv.Atoi(v.text("count"))
	if err != nil {
		count = defaultCount
	}
	return from, min(from+count, math.MaxInt32)
}

// cut returns the rows within the offsets.
func cut[T any](rows []T, from, to int) []T {
	from = min(from, len(rows))
	return rows[from:max(from, min(to, len(rows)))]
}
