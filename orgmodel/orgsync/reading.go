package orgsync

import (
	"errors"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// reading is everything that a run learnt from the source. It is finished before
// anything is written.
type reading struct {
	org       *orgmodel.Directory
	why       said // the reading is full, zero if it is not
	watermark Watermark
	tree      string
	roster    string
	counted   int // people in service by the source's own count
	isCounted bool

	badDepartments map[string]bool // without a way up to a root
	evidence       evidence
	doubts         []Note
	unfit          []said          // why the reading is not accepted: the next one is full
	unanswered     bool            // the source could not be asked about a person: the run is not a success
	reread         map[string]bool // ids to be read by the next run too
}

func (r *reading) full() bool { return !r.why.isEmpty() }

func (r *reading) doubt(entity orgmodel.Entity, id string, reason said) {
	r.doubts = append(r.doubts, reason.note(Note{Entity: entity, ID: id}))
}

func (r *reading) has(entity orgmodel.Entity, id string) bool {
	if entity == orgmodel.EntityDepartment {
		return r.org.HasDepartment(id)
	}
	return r.org.HasPerson(id)
}

var errSourceDown = errors.New("orgsync: not asked, because the source does not answer")

const (
	// maxConfirmations is how many removals one run confirms by point reads, unless
	// it was approved or forced: the guard would not let more pass.
	maxConfirmations = 200
	// batchSize is how many people a BatchReader is asked for at once, and confirmBatch how
	// many of them are to be confirmed: the others are those of the control.
	batchSize    = 100
	confirmBatch = batchSize - 4
	// maxFailures is how many calls in a row may stay without an answer before no more
	// are made: if the source is down, each takes its full time.
	maxFailures = 3
)
