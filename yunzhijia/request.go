package yunzhijia

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// request is the form of one call. It keeps the first thing that is wrong with
// the caller's input; such a request is not sent.
type request struct {
	op       kernel.Op
	form     url.Values
	err      error
	attempts int
	// header, if set, is shown the header of the answer.
	header func(h http.Header)
	// mayLackData: an answer without data is not malformed.
	mayLackData bool
}

func newRequest(op kernel.Op) *request { return &request{op: op, form: url.Values{}} }

func (r *request) refuse(field, reason string) {
	if r.err == nil {
		r.err = &FieldError{Op: r.op.Name, Field: field, Reason: reason}
	}
}

// text sets a required parameter. field is what the caller knows it by.
func (r *request) text(name, field, value string) {
	if flaw := kernel.Flaw(value); flaw != "" {
		r.refuse(field, flaw)
	}
	r.form.Set(name, value)
}

// flag sends false, too: the page has these parameters as required.
func (r *request) flag(name string, value bool) { r.form.Set(name, strconv.FormatBool(value)) }

// ids joins a list. An id that held the separator would be read as two others.
func (r *request) ids(name, field string, ids []string, separator string) {
	if len(ids) == 0 {
		r.refuse(field, "is empty")
	}
	for i, id := range ids {
		switch at := field + "[" + strconv.Itoa(i) + "]"; {
		case blank(id):
			r.refuse(at, "is empty")
		case !utf8.ValidString(id):
			r.refuse(at, "is not valid UTF-8")
		case strings.Contains(id, separator):
			r.refuse(at, `contains the separator "`+separator+`"`)
		}
	}
	r.form.Set(name, strings.Join(ids, separator))
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// page sets begin and count, always: whether a page is short depends on count.
func (r *request) page(p PageRequest, most int) {
	p = r.checked(p, most)
	r.form.Set("begin", strconv.Itoa(p.Begin))
	r.form.Set("count", strconv.Itoa(p.Count))
}

// checked returns p with its default.
func (r *request) checked(p PageRequest, most int) PageRequest {
	if p.Begin < 0 || p.Begin > math.MaxInt32 {
		r.refuse("Begin", "is not within 0 and 2147483647")
	}
	if p.Count < 0 || p.Count > most {
		r.refuse("Count", "is not within 0 and "+strconv.Itoa(most))
	}
	if p.Count == 0 {
		p.Count = most
	}
	return p
}
