package orgsync

import (
	"github.com/orgbridge/orgbridge/orgmodel"
)

// verdict is what asking the source about one record came to.
type verdict uint8

const (
	notAsked     verdict = iota
	confirmed            // not in service, or does not exist
	contradicted         // in service, or there
	unanswered           // no answer that says anything
	pending              // to be asked, but not by this run: the guard would stop it anyway
)

// evidence is what was asked about those who would lose something.
type evidence struct {
	leavers     map[string]verdict         // whom the reading calls leavers and a target holds
	people      map[string]verdict         // whom a target holds and a full reading lacks
	departments map[string]verdict         // that a target holds and the reading lacks
	found       map[string]orgmodel.Person // those among people who are there, and not in service
}

func newEvidence() evidence {
	return evidence{
		leavers: map[string]verdict{}, people: map[string]verdict{}, departments: map[string]verdict{},
		found: map[string]orgmodel.Person{},
	}
}

// proof says why something may be taken away. Each constructor demands what its
// reason needs; there is no other way to plan a removal. One that is not settled yet
// counts for the guard and is not carried out.
type proof struct {
	reason  Reason
	settled bool
}

// Reason says why a change is planned, as a machine value.
type Reason string

// The reasons.
const (
	ReasonNew        Reason = "new"        // the target was not told of it yet
	ReasonChanged    Reason = "changed"    // the record differs from what was acknowledged
	ReasonUncertain  Reason = "uncertain"  // what became of the last call is not known
	ReasonReturned   Reason = "returned"   // in service again
	ReasonRekeyed    Reason = "rekeyed"    // the key changed
	ReasonSuperseded Reason = "superseded" // an earlier key, whose successor is acknowledged
	ReasonHandedOver Reason = "handedOver" // the key belongs to another person now: nothing is sent
	ReasonReleased   Reason = "released"   // a leaver's key is needed by a person in service
	ReasonLeft       Reason = "left"       // not in service, confirmed
	ReasonAbsent     Reason = "absent"     // does not exist at the source any more, confirmed
	ReasonOutside    Reason = "outside"    // out of scope
	ReasonReplaced   Reason = "replaced"   // all that the target holds is replaced
)

// left is the proof for a leaver, who was asked for. Other rows of the reading do not
// matter.
func (e *evidence) left(id string) (proof, bool) {
	v := e.leavers[id]
	if _, there := e.found[id]; there {
		v = confirmed
	}
	return proof{ReasonLeft, v == confirmed}, v == confirmed || v == pending
}

// outside is the proof for what the scope excludes: it was read, and the caller asked
// for its removal.
func outside(scope Scope) (proof, bool) { return proof{ReasonOutside, true}, scope.RemoveOutside }
