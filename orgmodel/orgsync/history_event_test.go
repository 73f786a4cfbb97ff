package orgsync_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// A chronicle is what happened in the runs of one tenant, in order.
type chronicle []event

// event is one thing that happened. What Kind says decides which fields mean something.
type event struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at,omitzero"` // by the clock of the runs

	Options *runFacts `json:"options,omitempty"` // begin
	Plan    []target1 `json:"plan,omitempty"`    // plan
	Digest  string    `json:"digest,omitempty"`  // plan: of what the guard objects to

	Rows      []row             `json:"rows,omitempty"`      // departments, people, point
	Since     orgsync.Watermark `json:"since,omitzero"`      // people
	UpTo      orgsync.Watermark `json:"upTo,omitzero"`       // people
	Slid      bool              `json:"slid,omitempty"`      // people
	Refused   []string          `json:"refused,omitempty"`   // departments, people: ids set aside, and not told of afterwards
	Entity    string            `json:"entity,omitempty"`    // point
	ID        string            `json:"id,omitempty"`        // point
	Answer    string            `json:"answer,omitempty"`    // point: see the constants
	Signature string            `json:"signature,omitempty"` // point: of an answer without a record

	Call        int      `json:"call,omitempty"` // call, answer: the number
	Target      string   `json:"target,omitempty"`
	Destination string   `json:"destination,omitempty"` // call: hashed
	Op          string   `json:"op,omitempty"`          // call: an orgsync.Op, or replace
	Items       []sent   `json:"items,omitempty"`       // call
	Outcomes    []string `json:"outcomes,omitempty"`    // answer: one for each item

	Stored []stored `json:"stored,omitempty"` // write

	Error string              `json:"error,omitempty"` // departments, people, end: what went wrong
	Named map[string][]string `json:"named,omitempty"` // end: ids that the report names, by target
	Quiet bool                `json:"quiet,omitempty"` // end: no target was given up or kept waiting
}

// The kinds of events.
const (
	kindBegin       = "begin"
	kindPlan        = "plan"
	kindDepartments = "departments"
	kindPeople      = "people"
	kindPoint       = "point"
	kindCall        = "call"
	kindAnswer      = "answer"
	kindWrite       = "write"
	kindLost        = "lost" // the lease
	kindEnd         = "end"
)

// The answers of a point read.
const (
	answerActive  = "active"
	answerLeft    = "left"     // there, and not in service
	answerThere   = "there"    // a department, or a person without a status
	answerUnknown = "notFound" // the source knows that there is none
	answerUnclear = "unclear"  // no record, which may mean anything
	answerFailed  = "failed"
)

// The outcomes of a record.
const (
	outcomeOK       = "ok"
	outcomeRejected = "rejected"
	outcomeOpen     = "open" // unknown
)

const opReplace = "replace"

// runFacts are how a run was started, and what is true meanwhile.
type runFacts struct {
	Full    bool            `json:"full,omitempty"`
	Hold    bool            `json:"hold,omitempty"`
	Force   bool            `json:"force,omitempty"`
	DryRun  bool            `json:"dryRun,omitempty"`
	Approve string          `json:"approve,omitempty"`
	Replace []string        `json:"replace,omitempty"`
	Adopt   []string        `json:"adopt,omitempty"`
	Clean   bool            `json:"clean,omitempty"`   // nothing is made to go wrong
	Timed   bool            `json:"timed,omitempty"`   // the lease can pass to another run
	Limits  *orgsync.Limits `json:"limits,omitempty"`  // nil: not looked at
	Truth   []string        `json:"truth"`             // who is in service at the source
	Keyed   map[string]bool `json:"keyed,omitempty"`   // targets where keys belong to people -> whether the key is the record
	Deletes map[string]bool `json:"deletes,omitempty"` // targets that delete leavers
}

// target1 is the plan of one target.
type target1 struct {
	Name    string           `json:"name"`
	Changes []orgsync.Change `json:"changes"`
}

// row is one record of a reading. Values are hashed; cleared ones are "".
type row struct {
	ID          string            `json:"id"`
	Status      string            `json:"status,omitempty"` // active, left, or "" if it is unknown
	No          string            `json:"no,omitempty"`     // the employee number
	Parent      string            `json:"parent,omitempty"` // of a department
	Departments []string          `json:"departments,omitempty"`
	Fields      map[string]string `json:"fields,omitempty"`
}

// sent is one record of a call.
type sent struct {
	ID     string            `json:"id"`
	Key    string            `json:"key,omitempty"`
	Active bool              `json:"active,omitempty"`
	Parent string            `json:"parent,omitempty"` // of a department
	Fields map[string]string `json:"fields,omitempty"` // as in row
	Digest string            `json:"digest,omitempty"` // of the whole record
}

// stored is one value that the state was given. Deleted ones have no more than their names.
type stored struct {
	Bucket  string                `json:"bucket"`
	Key     string                `json:"key"`
	Deleted bool                  `json:"deleted,omitempty"`
	Target  string                `json:"target,omitempty"` // of a record
	Entity  string                `json:"entity,omitempty"`
	Known   *orgsync.Known        `json:"known,omitempty"`
	Again   bool                  `json:"again,omitempty"` // it is to be sent once more after the next time
	Meta    *orgsync.StoredMeta   `json:"meta,omitempty"`
	Settled *orgsync.StoredTarget `json:"settled,omitempty"` // of a target as a whole
}

// write writes a chronicle as lines of JSON.
func (c chronicle) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	for i := range c {
		if err := lines.Encode(&c[i]); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

func readChronicle(r io.Reader) (chronicle, error) {
	var c chronicle
	lines := json.NewDecoder(r)
	for {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return c, nil
		} else if err != nil {
			return nil, err
		}
		c = append(c, e)
	}
}

var historyFile = flag.String("history", "", "a chronicle to be validated by TestHistoryFile")

// TestHistoryFile validates a chronicle that an earlier test has written.
func TestHistoryFile(t *testing.T) {
	t.Parallel()
	if *historyFile == "" {
		t.Skip("no -history FILE")
	}
	f, err := os.Open(*historyFile)
	require.NoError(t, err)
	defer f.Close()
	c, err := readChronicle(f)
	require.NoError(t, err)
	for _, broken := range validate(c) {
		t.Error(broken)
	}
}
