package orgsync

import (
	"sync"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// names are those of everybody whom a run has read. A client masks in a vendor's
// message what its own call sent; but one may name somebody else, who has the mobile
// already.
type names struct {
	once    sync.Once
	known   map[string]bool
	longest int // in runes
}

// masked returns a text for a report, without anybody's name.
func (r *reading) masked(text string) string {
	r.names.once.Do(func() {
		r.names.known = map[string]bool{}
		for p := range r.org.People() {
			r.names.add(p)
		}
		for _, p := range r.leavers {
			r.names.add(p)
		}
	})
	return r.names.mask(text)
}

func (n *names) add(p orgmodel.Person) {
	length := utf8.RuneCountInString(p.Name)
	if !p.Known.Has(orgmodel.PersonName) || length < 2 {
		return // one letter is in every text
	}
	n.known[p.Name], n.longest = true, max(n.longest, length)
}

// mask looks every piece of the text up, the longest first.
func (n *names) mask(text string) string {
	runes := []rune(text)
	var masked []rune
	for i := 0; i < len(runes); {
		length := min(n.longest, len(runes)-i)
		for length > 1 && !n.known[string(runes[i:i+length])] {
			length--
		}
		if length > 1 {
			masked, i = append(masked, []rune("***")...), i+length
			continue
		}
		masked, i = append(masked, runes[i]), i+1
	}
	return string(masked)
}

// maskedError is an error whose text is fit for a report.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

// masked returns err with a text that is fit for a report.
func (p *pusher) masked(err error) error {
	if err == nil {
		return nil
	}
	return &maskedError{text: p.rd.masked(err.Error()), err: err}
}
