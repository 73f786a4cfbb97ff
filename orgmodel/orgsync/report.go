package orgsync

import (
	"fmt"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Report says what a run read, planned and did. It names records by the source's
// ids and holds no names, mobiles or other values; encoding/json writes it whole.
type Report struct {
	Tenant   string    `json:"tenant"`
	Source   string    `json:"source"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	DryRun   bool      `json:"dryRun"`

	Reading  Reading        `json:"reading"`
	Digest   string         `json:"digest,omitempty"`   // of what the guard objects to, see Approve
	Guard    []Violation    `json:"guard,omitempty"`    // what the guard found, approved or not
	Approved bool           `json:"approved,omitempty"` // all of it
	Targets  []TargetReport `json:"targets"`
	Notes    []string       `json:"notes,omitempty"`
	Error    string         `json:"error,omitempty"`

	NoteCodes  []Remark `json:"noteCodes,omitempty"`  // what Notes says, for programs, one for one
	ErrorCodes []Remark `json:"errorCodes,omitempty"` // what Error says, see Remarks

	org  *orgmodel.Directory
	plan *Plan // of a dry run
}

// TargetReport says what was planned and done at one target.
type TargetReport struct {
	Name      string         `json:"name"`
	Replaced  bool           `json:"replaced,omitempty"` // everything at once
	Planned   map[Action]int `json:"planned"`
	Done      map[Action]int `json:"done"`
	Adopted   int            `json:"adopted,omitempty"` // of Done, what the target held already when it was added
	Unchanged int            `json:"unchanged"`
	Outside   int            `json:"outside,omitempty"`  // told once, out of scope now
	NotSent   int            `json:"notSent,omitempty"`  // because the target was given up
	Changes   []Change       `json:"changes,omitempty"`  // of a dry run
	Skipped   []Note         `json:"skipped,omitempty"`  // no record can be made
	Withheld  []Note         `json:"withheld,omitempty"` // not believed, not confirmed, or waiting for others
	Held      []Note         `json:"held,omitempty"`     // held back until they are approved
	Removed   []Note         `json:"removed,omitempty"`  // who and what was disabled or deleted
	Failed    []Note         `json:"failed,omitempty"`   // refused, with an unknown outcome, or impossible to disable
	// Departments counts what was acknowledged by department, the most changes first.
	Departments []DepartmentChanges `json:"departments,omitempty"`
	Error       string              `json:"error,omitempty"` // why the target was given up
	ErrorCode   Remark              `json:"errorCode,omitzero"`
}

// SourceError says that the source could not be read to its end. Nothing was sent.
type SourceError struct {
	Source string
	Err    error
}

// Error names the source and the cause.
func (e *SourceError) Error() string { return "orgsync: reading " + e.Source + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// ReadingError says that the reading was used as far as it goes, and that it is not
// believed, or that the source could not be asked about some people who would be
// removed.
type ReadingError struct {
	Source     string
	Reasons    []string // why it does not fit: the next run reads everyone
	Unanswered bool     // point reads came to nothing: see Reading.Doubts
}

// Error names the source and the reasons.
func (e *ReadingError) Error() string {
	var parts []string
	if len(e.Reasons) > 0 {
		more := ""
		if n := len(e.Reasons) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		parts = append(parts, "the reading does not fit: "+e.Reasons[0]+more)
	}
	if e.Unanswered {
		parts = append(parts, "some people could not be asked for")
	}
	return "orgsync: reading " + e.Source + ": " + strings.Join(parts, "; ")
}

// TargetError says that a target does not hold everything it should. The next run
// goes on from there.
type TargetError struct {
	Target  string
	Failed  int   // records that were refused, or whose outcome is unknown
	NotSent int   // records that wait for the next run
	Err     error // why the target was given up, nil if it was not
}

// Error names the target, the counts and the cause.
func (e *TargetError) Error() string {
	text := fmt.Sprintf("orgsync: %s: %d failed, %d not sent", e.Target, e.Failed, e.NotSent)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// DepartmentChanges counts what a target acknowledged of one department.
type DepartmentChanges struct {
	ID     string         `json:"id"`               // at the source; "" for people without one
	Itself Action         `json:"itself,omitempty"` // what became of the department
	People map[Action]int `json:"people,omitempty"` // whose main one it is, or was before they were removed
}

// Changes is how many people and departments this counts.
func (d DepartmentChanges) Changes() int {
	n := 0
	if d.Itself != "" {
		n = 1
	}
	for _, people := range d.People {
		n += people
	}
	return n
}
