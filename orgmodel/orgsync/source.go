package orgsync

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Source is where an organisation is read from. [YunzhijiaSource] is ready-made.
//
// Sequences follow the rules of [orgmodel.Builder]: one that ends without an error
// was whole, an [*orgmodel.ConversionError] sets one record aside, and any other
// error ends the reading and, with it, the run, before anything is written.
type Source interface {
	// Name names the source in reports.
	Name() string
	// Departments yields all departments.
	Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error]
	// People yields whoever changed since a moment that an earlier reading of the
	// same source ended with, less an overlap of the source's own choosing; with
	// the zero Watermark everybody. The last of several records with one id holds.
	//
	// Once the sequence has ended, upTo gives the moment up to which it told
	// everything: by the source's own clock, and from before its first record.
	People(ctx context.Context, since Watermark) (people iter.Seq2[orgmodel.Person, error], upTo func() (Watermark, error))
	// Person reads one person, whatever the status. The error matches ErrNotFound
	// if the source says that there is nobody with that id.
	Person(ctx context.Context, id string) (orgmodel.Person, error)
	// Department reads one department, or fails with ErrNotFound likewise.
	Department(ctx context.Context, id string) (orgmodel.Department, error)
}

// ErrNotFound says that the source answered, and that nothing has the id.
var ErrNotFound = errors.New("orgsync: not found at the source")

// Watermark is a moment on a source's own clock. The zero Watermark is none.
type Watermark struct {
	// Cursor is the source's own text for the moment. It goes back to the source
	// as it came, so that no reading of it can move it.
	Cursor string `json:"cursor"`
	// Time is the same moment, to compare with others.
	Time time.Time `json:"time"`
}

// IsZero reports whether w is no moment at all.
func (w Watermark) IsZero() bool { return w == Watermark{} }

// clockTolerance is how far a source's clock may be ahead of ours. It is wide,
// because the zone of 云之家's cursor is an assumption.
const clockTolerance = 24 * time.Hour

// advance returns the watermark to store after a run, and why it is not the new
// one if it is not: it must not go back, and one from the future would silence
// the source until then.
func (w Watermark) advance(next Watermark, now time.Time) (kept Watermark, refused string) {
	switch {
	case next.IsZero() || next.Cursor == "":
		return w, "the source gave none"
	case next.Time.After(now.Add(clockTolerance)):
		return w, "the source's is in the future"
	case next.Time.Before(w.Time):
		return w, "the source's clock has gone back"
	}
	return next, ""
}
