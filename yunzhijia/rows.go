package yunzhijia

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// RowError says that one record of an answer cannot be read, while the others can. It
// matches [ErrMalformed] and holds nothing of the record but its id.
//
// The sequences of the All methods and of [PersonFeed.Events] yield it in the record's
// place and go on. List methods return the other records and all RowErrors, joined.
type RowError struct {
	Op      string // the vendor's name of the call
	Index   int    // of the record on its page, from 0
	ID      string // "" if that cannot be read either
	Field   string // "" if it is no record at all
	Problem string
}

// Error names call, record, field and problem.
func (e *RowError) Error() string {
	text := vendor + " " + e.Op + ": row " + strconv.Itoa(e.Index)
	if e.ID != "" {
		text += fmt.Sprintf(" (%q)", e.ID)
	}
	if e.Field != "" {
		text += fmt.Sprintf(": field %q", e.Field)
	}
	return text + " " + e.Problem
}

// Is reports whether target is [ErrMalformed].
func (e *RowError) Is(target error) bool { return target == ErrMalformed }

// rows are the records of an answer that can be read, and those that cannot.
type rows[T any] struct {
	good []T
	bad  []*RowError // in order
}

// maxGuess bounds the room that is made for the rows of a page at once.
const maxGuess = 1000

// readRows reads an array of records. Each of them is its own: read notes what is
// wrong with it, and returns its id.
func readRows[T any](s *wire.Scanner, op, field string, read func(s *wire.Scanner, row *T) (id string)) rows[T] {
	var r rows[T]
	var none T
	outerField, outer := s.Problem()
	index := 0
	for more := s.Array(field); more; more = s.More(']') {
		start := s.Offset()
		last := len(r.good)
		if last < cap(r.good) {
			r.good = r.good[:last+1]
		} else {
			r.good = append(r.good, none)
		}
		id := read(s, &r.good[last])
		if field, problem := s.Problem(); problem != "" {
			r.good[last] = none
			r.good = r.good[:last]
			r.bad = append(r.bad, &RowError{Op: op, Index: index, ID: strings.Clone(id), Field: field, Problem: problem})
		}
		if index == 0 { // the rows of a page are about of one length
			r.good = grown(r.good, s.Rest()/max(s.Offset()-start, 1)+1)
		}
		index++
	}
	if outer != "" {
		s.Bad(outerField, outer)
	}
	return r
}

// grown makes room for more rows.
func grown[T any](list []T, more int) []T {
	out := make([]T, len(list), len(list)+min(more, maxGuess))
	copy(out, list)
	return out
}

// readList reads an array within a record, whose problems are the record's. null is
// the empty list.
func readList[T any](s *wire.Scanner, field string, read func(s *wire.Scanner, row *T) (id string)) []T {
	if s.Null() {
		return nil
	}
	var list []T
	sound := s.Sound()
	for more := s.Array(""); more; more = s.More(']') {
		var row T
		read(s, &row)
		list = append(list, row)
	}
	s.Within(sound, field)
	return list
}

// listed reads an answer whose data is an array of records.
func listed[T any](op string, read func(s *wire.Scanner, row *T) (id string)) func(*wire.Scanner) rows[T] {
	return func(s *wire.Scanner) rows[T] { return readRows(s, op, "data", read) }
}

// result is what a List method returns.
func result[T any](r rows[T], err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	if len(r.good) == 0 {
		r.good = nil
	}
	return r.good, r.err()
}

// err joins the errors of all records.
func (r rows[T]) err() error {
	errs := make([]error, len(r.bad))
	for i, e := range r.bad {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// isRow reports whether an error is that of one row, after which others come.
func isRow(err error) bool {
	_, ok := errors.AsType[*RowError](err)
	return ok
}

// record is one place on a page: a row, or what is wrong with it.
type record[T any] struct {
	row *T
	bad *RowError
}

func (r record[T]) get() (row T, err error) {
	if r.bad != nil {
		return row, r.bad
	}
	return *r.row, nil
}

// same compares two records as they came, wherever on a page they were.
func same[T comparable](a, b record[T]) bool {
	if a.row != nil && b.row != nil {
		return *a.row == *b.row
	}
	return a.bad != nil && b.bad != nil &&
		a.bad.ID == b.bad.ID && a.bad.Field == b.bad.Field && a.bad.Problem == b.bad.Problem
}

// records puts rows and errors into the order in which they came.
func (r rows[T]) records() []record[T] {
	out := make([]record[T], 0, len(r.good)+len(r.bad))
	good, bad := r.good, r.bad
	for i := range cap(out) {
		if len(bad) > 0 && bad[0].Index == i {
			out = append(out, record[T]{bad: bad[0]})
			bad = bad[1:]
			continue
		}
		out = append(out, record[T]{row: &good[0]})
		good = good[1:]
	}
	return out
}

// flat is the page of a listing whose rows are the records that are counted.
func flat[T any](r rows[T], err error) (page.Page[record[T]], error) {
	records := r.records()
	return page.Page[record[T]]{Rows: records, Records: len(records)}, err
}
