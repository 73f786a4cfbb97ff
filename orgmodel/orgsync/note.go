package orgsync

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Reading says what was read.
type Reading struct {
	Full        bool     `json:"full"`
	Why         string   `json:"why,omitempty"` // it is full
	WhyCode     Remark   `json:"whyCode,omitzero"`
	Departments int      `json:"departments"`
	People      int      `json:"people"` // in an incremental reading, those who changed
	Complete    bool     `json:"complete"`
	Incomplete  []string `json:"incomplete,omitempty"` // why, the first few reasons
	Unfit       []string `json:"unfit,omitempty"`      // why it is not accepted, so that the next one is full

	IncompleteCodes []Remark `json:"incompleteCodes,omitempty"` // the same for programs, one for one
	UnfitCodes      []Remark `json:"unfitCodes,omitempty"`

	Quarantined   []Note    `json:"quarantined,omitempty"`
	Doubts        []Note    `json:"doubts,omitempty"`      // whose absence, or leaving, is not believed
	UnknownLeft   []string  `json:"unknownLeft,omitempty"` // who left, and no target was ever told of: the first hundred
	MoreUnknown   int       `json:"moreUnknown,omitempty"` // how many more of them there are
	Watermark     Watermark `json:"watermark,omitzero"`
	WatermarkWhy  string    `json:"watermarkWhy,omitempty"` // it was not moved
	CountedPeople int       `json:"countedPeople,omitempty"`
}

// Note is one record and what there is to say of it.
type Note struct {
	Entity orgmodel.Entity `json:"entity"`
	ID     string          `json:"id"`
	Action Action          `json:"action,omitempty"`
	Reason string          `json:"reason,omitempty"`

	Code RemarkCode `json:"code,omitempty"` // what Reason says, for programs: see [Remark]
	Args []string   `json:"args,omitempty"` // what it is about
}

// Remark returns what Reason says, for programs. It is zero if Reason is a [Reason], or
// a report of an earlier version was read.
func (n Note) Remark() Remark { return Remark{n.Code, n.Args} }

func sortNotes(notes []Note) {
	slices.SortStableFunc(notes, func(a, b Note) int {
		return cmp.Or(strings.Compare(string(a.Entity), string(b.Entity)), strings.Compare(a.ID, b.ID))
	})
}

// Action is what a plan does with a record.
type Action string

// The actions.
const (
	Create     Action = "create"
	Update     Action = "update"
	Move       Action = "move"       // an update with another main department, or another parent
	Reactivate Action = "reactivate" // a person or department that was disabled or deleted returns
	Disable    Action = "disable"
	Delete     Action = "delete"
)
