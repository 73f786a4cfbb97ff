package orgsync

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Source is where an organisation is read from. [YunzhijiaSource] and
// [YunzhijiaDirectorySource] are ready-made; a source may also be a [Counter], a
// [BatchReader], [Configured] and [Noting].
//
// Sequences follow the rules of [orgmodel.Builder]: one that ends without an error
// was whole, an [*orgmodel.ConversionError] sets one record aside, and any other
// error ends the reading and, with it, the run, before anything is written. So does a
// panic.
type Source interface {
	// Name names the source in reports.
	Name() string
	// Departments yields all departments.
	Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error]
	// People yields the people who changed since the moment with which an earlier
	// reading of the same source ended, less an overlap of the source's own
	// choosing. With a Watermark that has no Cursor, such as the zero one, it yields
	// everyone. Of several records with one id, the last holds.
	//
	// Once the sequence has ended, upTo gives the moment up to which it is
	// complete, by the source's own clock and from before its first record. An
	// error that matches ErrSlid says that records may have been missed while pages
	// were read; the watermark is then not used.
	People(ctx context.Context, since Watermark) (people iter.Seq2[orgmodel.Person, error], upTo func() (Watermark, error))
	// Person reads one person, whatever the status. The error matches ErrNotFound
	// if the source knows that there is no one with that id, and is an *Unclear if
	// it answered without the person and cannot say what that means.
	Person(ctx context.Context, id string) (orgmodel.Person, error)
	// Department reads one department in the same way.
	Department(ctx context.Context, id string) (orgmodel.Department, error)
}

// Counter is a [Source] that can also say how many people there are, by a call
// that does not list them.
type Counter interface {
	// CountPeople returns the number of people in service. It reports false if the
	// source does not say.
	CountPeople(ctx context.Context) (n int, known bool, err error)
}

// BatchReader is a [Source] that can also read many people by their ids at once. That is
// how leavers and absences are confirmed then, and how people are read again whom an
// earlier run could not bring to every target.
type BatchReader interface {
	// Persons returns for each id, in their order, what Person would. The engine asks for
	// at most 100, and what it measures about ids that do not exist holds for one call to
	// the vendor: make one of them if you can. A refusal is an *Unclear only if it was
	// about that person alone, and not about all of them.
	Persons(ctx context.Context, ids []string) []PointRead
}

// PointRead is what reading one person by id came to.
type PointRead struct {
	Person orgmodel.Person
	Err    error
}

// Configured is a [Source] whose records differ from those that another source of the same
// organisation makes. To exchange one for the other is then a change of settings, which
// the guard stops until it is approved.
type Configured interface {
	// Settings is a text that changes if the records of the same people would. It must
	// not change from release to release without need.
	Settings() string
}

// Noting is a [Source] that has something to say about a reading, beside its records.
type Noting interface {
	// Notes says what the latest reading found out of order and made the best of, a line
	// each, for [Report.Notes]. Use ids, and no names.
	Notes() []string
}

var (
	// ErrNotFound says that the source knows that nothing has the id.
	ErrNotFound = errors.New("orgsync: not found at the source")
	// ErrSlid says that pages moved while they were read, so that a record may have
	// been missed although every page came.
	ErrSlid = errors.New("orgsync: pages moved while they were read")
)

// Unclear is the error of a point read that was answered without the record, by a
// source whose answers do not say whether the record exists. The engine compares
// the answer with those for records that exist and for one that cannot.
type Unclear struct {
	// Signature is all that tells this answer from others: status, code, shape and
	// text. The engine takes the id and long runs of digits out before it compares.
	Signature string
	// Err is the cause, nil if the answer was a success without a record.
	Err error
}

// Error says that the answer holds no record, and the cause.
func (e *Unclear) Error() string {
	if e.Err == nil {
		return "the answer holds no record"
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *Unclear) Unwrap() error { return e.Err }

func isUnclear(err error) bool {
	_, ok := errors.AsType[*Unclear](err)
	return ok
}

// Watermark is a moment on a source's own clock. The zero Watermark is none.
type Watermark struct {
	// Cursor is the source's own text for the moment. It goes back to the source
	// as it came, so that parsing cannot change it.
	Cursor string `json:"cursor"`
	// Time is the same moment, to compare with others.
	Time time.Time `json:"time"`
	// Memory is whatever the source wants to be told by the next reading, incremental or
	// not: a digest of what its feed of changes is silent about, for instance. It is part
	// of the state, and of no report. A source that sets none is told none.
	Memory string `json:"-"`
}

// IsZero reports whether w is no moment at all.
func (w Watermark) IsZero() bool { return w == Watermark{} }

// clockTolerance is how far a source's clock may be ahead of ours. It is wide,
// because the zone of 云之家's cursor is an assumption.
const clockTolerance = 24 * time.Hour

// suspicious says why the end of an incremental reading that began at w is not
// believed, "" if it is: everyone is read then, in the same run.
func (w Watermark) suspicious(next Watermark, now time.Time) string {
	switch {
	case w.Time.After(now.Add(clockTolerance)):
		return remarkTexts[RemarkFutureMark]
	case !next.IsZero() && next.Time.Before(w.Time):
		return remarkTexts[RemarkClockBack]
	}
	return ""
}

// advance returns the watermark to store after a run, and why it is not the new
// one if it is not: one from the future would silence the source until then. After
// a full reading it may go back.
func (w Watermark) advance(next Watermark, full bool, now time.Time) (kept Watermark, refused string) {
	switch {
	case next.IsZero() || next.Cursor == "":
		return w, "the source gave none"
	case next.Time.After(now.Add(clockTolerance)):
		return w, "the source's is in the future"
	case !full && next.Time.Before(w.Time):
		return w, "the source's clock has gone back"
	}
	return next, ""
}
