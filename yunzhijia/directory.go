package yunzhijia

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// The calls of openimport, the directory interface (通讯录同步). They are form-encoded
// like all others, but their parameters are a JSON text in one field, data.
const syncPath = "/openimport/open/"

// syncOp is a read of openimport. It is named like its path, because many end alike.
func syncOp(path string) kernel.Op {
	return kernel.Op{Name: path, Method: http.MethodPost, Path: syncPath + path, Class: kernel.Read}
}

func isSync(op kernel.Op) bool { return strings.HasPrefix(op.Path, syncPath) }

// levelOf returns the level of a token, "" if that is not known: what a bare token is for
// is known to its caller alone.
func levelOf(credentials Credentials) string { return credentials.Level() }

// kernelOf returns what sends an operation, or says that the credentials cannot be those
// that it needs: the vendor would say no more than 鉴权失败.
func (c *Client) kernelOf(op kernel.Op) (*kernel.Client, error) {
	switch sync := isSync(op); {
	case sync && c.level == scopeApp:
		return nil, &FieldError{Op: op.Name, Field: "Credentials", Reason: "are an app's: this call needs SyncCredentials"}
	case !sync && c.level == scopeSync:
		return nil, &FieldError{Op: op.Name, Field: "Credentials", Reason: "are a team's SyncCredentials: this call needs AppCredentials"}
	case sync:
		return c.sync, nil
	}
	return c.kernel, nil
}

// data sets the parameters of a call of openimport. The optional nonce is left out: it is
// for calls that must not happen twice, and a retried read may look like such a repetition.
func (r *request) data(parameters any) {
	text, err := wire.Encode(parameters)
	if err != nil {
		r.refuse("request", "cannot be encoded")
	}
	r.form.Set("data", string(text))
}

// pageData is begin and count as most calls have them; offset and number of records.
type pageData struct {
	Begin int `json:"begin"`
	Count int `json:"count"`
}

// maxIDs is how many people or departments one call returns by their ids.
const maxIDs = 100

// checkIDs refuses a list of ids that one call cannot take.
func (r *request) checkIDs(field string, ids []string, most int) {
	switch {
	case len(ids) == 0:
		r.refuse(field, "is empty")
	case len(ids) > most:
		r.refuse(field, "holds more than "+strconv.Itoa(most)+" ids")
	}
	for i, id := range ids {
		switch {
		case blank(id):
			r.refuse(field+"["+strconv.Itoa(i)+"]", "is empty")
		case !utf8.ValidString(id):
			r.refuse(field+"["+strconv.Itoa(i)+"]", "is not valid UTF-8")
		}
	}
}

// syncRows reads an answer whose data is an array of records. null is an empty list:
// what the vendor writes for one is not documented.
func syncRows[T any](op kernel.Op, read func(s *wire.Scanner, row *T) (id string)) func(*wire.Scanner) rows[T] {
	return func(s *wire.Scanner) rows[T] {
		if s.Null() {
			return rows[T]{}
		}
		return readRows(s, op.Name, "data", read)
	}
}

// askedFor reads the records of ids. An answer that holds another record is malformed: what
// it lacks says nothing then.
func askedFor[T any](op kernel.Op, ids []string, field string, read func(s *wire.Scanner, row *T) (id string)) func(*wire.Scanner) rows[T] {
	return func(s *wire.Scanner) rows[T] {
		foreign := false
		r := syncRows(op, func(s *wire.Scanner, row *T) string {
			id := read(s, row)
			foreign = foreign || id != "" && !slices.Contains(ids, id)
			return id
		})(s)
		if foreign {
			s.Bad("data."+field, problemOther)
		}
		return r
	}
}

// clock reads the vendor's clock off the header Date, the only place where these calls
// tell it. It is zero if there is none.
func clock(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// syncListing is a list of openimport. The vendor states no end: a list ends with a page
// that has nothing new. Pages overlap by one record, because lists change while they are
// read; slid is told when they do not fit together.
func syncListing[T comparable](op kernel.Op, slid func(), read func(ctx context.Context, p PageRequest) (rows[T], error)) listing[T] {
	return listing[T]{
		op: op, most: maxCount, end: atEmptyPage, same: same[T], slid: slid,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[T]], error) { return flat(read(ctx, p)) },
	}
}

// whole ranges over a list of openimport, and ends with [ErrSlid] if records may be
// missing.
func whole[T comparable](ctx context.Context, op kernel.Op, o PageOptions, read func(ctx context.Context, p PageRequest) (rows[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		slid := false
		for row, err := range syncListing(op, func() { slid = true }, read).all(ctx, o) {
			if !yield(row, err) || err != nil && !isRow(err) {
				return
			}
		}
		if slid {
			var none T
			yield(none, &Error{Vendor: vendor, Op: op.Name, HTTPStatus: http.StatusOK, Err: ErrSlid})
		}
	}
}

// ranged yields the rows of one answer.
func ranged[T any](read func() (rows[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r, err := read()
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		for _, place := range r.records() {
			if !yield(place.get()) {
				return
			}
		}
	}
}

// byIDs yields the records of any number of ids, each of them asked for once.
func byIDs[T any](ids []string, most int, read func(ids []string) (rows[T], error)) iter.Seq2[T, error] {
	ids = slices.Clone(ids)
	return func(yield func(T, error) bool) {
		for chunk := range slices.Chunk(unique(ids), most) {
			for row, err := range ranged(func() (rows[T], error) { return read(chunk) }) {
				if !yield(row, err) || err != nil && !isRow(err) {
					return
				}
			}
		}
	}
}

// unique returns the ids in their order, each once.
func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	var out []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
