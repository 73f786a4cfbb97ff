package yunzhijia

import (
	"context"
	"net/http"

	"github.com/orgbridge/orgbridge/internal/wire"
)

const problemNone = "cannot be read as an object"

// point reads the one record with an id. An answer without any record has one meaning,
// however it is written: no data, null, {}, [], [null] and [{}] are all [ErrNoRecord].
// Others in the place of the one are malformed: that there are some says nothing about
// the one.
func point[T any](
	ctx context.Context, c *Client, r *request, field, id string,
	read func(s *wire.Scanner, row *T) (id string), blank func(T) bool,
) (T, error) {
	var none T
	r.mayLackData = true
	others := false
	found, err := call(ctx, c, r, func(s *wire.Scanner) (found *T) {
		others = false // an earlier attempt may have got so far
		one := func() {
			var row T
			switch rowID := read(s, &row); {
			case rowID == id && found == nil:
				found = &row
			case !blank(row):
				others = true
			}
		}
		sound := s.Sound()
		switch s.Kind() {
		case '{':
			one()
		case '[':
			for more := s.Begin('['); more; more = s.More(']') {
				if !s.Null() {
					one()
				}
			}
		default:
			if !s.Null() {
				s.Bad("", problemNone)
				s.Skip()
			}
		}
		if found == nil && others {
			s.Bad(field, problemOther)
		}
		s.Within(sound, "data")
		return found
	})
	switch {
	case err != nil:
		return none, err
	case found == nil:
		return none, &Error{
			Vendor: vendor, Op: r.op.Name, HTTPStatus: http.StatusOK, Attempts: r.attempts, Err: ErrNoRecord,
		}
	}
	return *found, nil
}
