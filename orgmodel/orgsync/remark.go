package orgsync

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Remark is what a text of a plan or report says, for programs: a code, and what it is
// about. From it, a page can say the same in another language.
type Remark struct {
	Code RemarkCode `json:"code"`
	Args []string   `json:"args,omitempty"` // listed at the code
}

// IsZero reports whether r says nothing.
func (r Remark) IsZero() bool { return r.Code == "" }

// RemarkCode is one of the things that there are to say. Codes are only added. "Cause"
// stands for the code and the arguments of another remark.
type RemarkCode string

// About records of which a target is not told, or not now.
const (
	RemarkField              RemarkCode = "field"               // a field, and what is wrong with it
	RemarkNoChain            RemarkCode = "no-chain"            // a department without a way up to a root
	RemarkNoStatus           RemarkCode = "no-status"           // a person whose status is not known
	RemarkNoPlace            RemarkCode = "no-place"            // a department that a person is in, and that has no place in the tree
	RemarkPlaceUnknown       RemarkCode = "place-unknown"       // a person whose departments are not known, with a scope
	RemarkMissing            RemarkCode = "missing"             // from the reading, which is not proved
	RemarkMissingIncomplete  RemarkCode = "missing-incomplete"  // from the reading, which is incomplete
	RemarkNotSwitchedOff     RemarkCode = "not-switched-off"    // a department, because the reading is incomplete
	RemarkNotCleared         RemarkCode = "not-cleared"         // fields, because the reading is incomplete
	RemarkLeft               RemarkCode = "left"                // by the reading, which is not confirmed
	RemarkKeyTaken           RemarkCode = "key-taken"           // the key is another person's too
	RemarkUnconfirmed        RemarkCode = "unconfirmed"         // a removal
	RemarkWaitsFor           RemarkCode = "waits-for"           // an id whose change was not acknowledged
	RemarkWaitsForParent     RemarkCode = "waits-for-parent"    // which was not acknowledged
	RemarkOccupied           RemarkCode = "occupied"            // a department that goes and is not empty at the target
	RemarkHeldBack           RemarkCode = "held-back"           // a Kind
	RemarkCannotDisable      RemarkCode = "cannot-disable"      // cause
	RemarkGoneCannotDisable  RemarkCode = "gone-cannot-disable" // cause, or nothing
	RemarkNotReplaced        RemarkCode = "not-replaced"        // cannot be disabled, and the replacement was rejected
	RemarkDepartmentFailed   RemarkCode = "department-failed"   // not sent: a department of theirs failed
	RemarkReplacementNeeded  RemarkCode = "replacement-needed"  // the target takes new records by a replacement alone
	RemarkNotReplacedBecause RemarkCode = "no-replacement"      // why, in English
)

// About what is not believed.
const (
	RemarkInService         RemarkCode = "in-service"         // left by the reading, in service when asked for
	RemarkStatusless        RemarkCode = "statusless"         // left by the reading, without a status when asked for
	RemarkLeftUnanswered    RemarkCode = "left-unanswered"    // code of the reason or "", then cause
	RemarkMissingPending    RemarkCode = "missing-pending"    // it will be asked for later
	RemarkThere             RemarkCode = "there"              // missing from the reading, there when asked for
	RemarkMissingCounted    RemarkCode = "missing-counted"    // from how many full readings, of how many that are needed
	RemarkMissingUnanswered RemarkCode = "missing-unanswered" // code of the reason or "", then cause
	RemarkNotReread         RemarkCode = "not-reread"         // cause
	RemarkNoneKnown         RemarkCode = "none-known"         // reason: nothing is known to be there that could be asked for
	RemarkKnownNotReturned  RemarkCode = "known-not-returned" // reason: a record that is there was not returned
	RemarkAgainNotReturned  RemarkCode = "again-not-returned" // reason: the same, at the second try
	RemarkUnknownAnswered   RemarkCode = "unknown-answered"   // reason: an id that does not exist was not answered as such
	RemarkUnknownDiffer     RemarkCode = "unknown-differ"     // reason: ids that do not exist are answered in different ways
	RemarkSlid              RemarkCode = "slid"               // pages moved while they were read
	RemarkUnlisted          RemarkCode = "unlisted"           // entity and id of what is there and was not listed
	RemarkProblem           RemarkCode = "problem"            // kind of an orgmodel.Problem in words, entity, ids
	RemarkMore              RemarkCode = "more"               // how many more there are
)

// Why everyone was read.
const (
	RemarkFirstRun       RemarkCode = "first-run"
	RemarkAskedFor       RemarkCode = "asked-for"
	RemarkReplacement    RemarkCode = "replacement" // was asked for
	RemarkNotClean       RemarkCode = "not-clean"   // the last run
	RemarkTreeChanged    RemarkCode = "tree-changed"
	RemarkRosterChanged  RemarkCode = "roster-changed"
	RemarkDue            RemarkCode = "due"
	RemarkAbsencesWait   RemarkCode = "absences-wait" // for an approval
	RemarkManyOwed       RemarkCode = "many-owed"     // to be read one by one
	RemarkTargetBehind   RemarkCode = "target-behind" // a target that does not hold everything yet
	RemarkTargetSettings RemarkCode = "target-settings"
	RemarkTargetMissed   RemarkCode = "target-missed"  // a target that was none of the last run
	RemarkOtherSource    RemarkCode = "other-source"   // the source is another one
	RemarkFutureMark     RemarkCode = "future-mark"    // the last watermark is in the future
	RemarkClockBack      RemarkCode = "clock-back"     // the source's clock
	RemarkCountDiffers   RemarkCode = "count-differs"  // people counted, and expected
	RemarkDidNotFit      RemarkCode = "did-not-fit"    // the last reading
	RemarkConverted      RemarkCode = "converted"      // the state
	RemarkMoreMissing    RemarkCode = "more-missing"   // than was confirmed
	RemarkAbsenceOpen    RemarkCode = "absence-open"   // could not be confirmed
	RemarkRereadMissing  RemarkCode = "reread-missing" // people who were to be read again were not found
)

// About a run.
const (
	RemarkNoKey          RemarkCode = "no-key"          // the state is sealed
	RemarkHeldEarlier    RemarkCode = "held-earlier"    // how many people wait for an approval
	RemarkGuard          RemarkCode = "guard"           // Kind, target, department, planned, of, allowed
	RemarkSource         RemarkCode = "source"          // source, cause: nothing was sent
	RemarkReading        RemarkCode = "reading"         // source: the reading is not believed
	RemarkUnanswered     RemarkCode = "unanswered"      // source: some people could not be asked for
	RemarkTarget         RemarkCode = "target"          // target, how many failed, how many were not sent, cause or nothing
	RemarkScopeUnknown   RemarkCode = "scope-unknown"   // the scope names no department that is there
	RemarkScopeLacks     RemarkCode = "scope-lacks"     // departments of the scope that are not there
	RemarkNoTarget       RemarkCode = "no-target"       // what holds people and is no target of this run, how many people
	RemarkScopeEmpty     RemarkCode = "scope-empty"     // the scope holds no one
	RemarkHoldsNoOne     RemarkCode = "holds-no-one"    // target, people in scope, planned
	RemarkFewRecords     RemarkCode = "few-records"     // for most people there is none: target, people in scope, planned
	RemarkUnplannable    RemarkCode = "unplannable"     // target, people in scope, planned, people of whom no record can be made
	RemarkOtherPlace     RemarkCode = "other-place"     // target: it leads somewhere else than the state says
	RemarkOtherTenant    RemarkCode = "other-tenant"    // target: another tenant of the store feeds it
	RemarkTenantsShared  RemarkCode = "tenants-shared"  // target: more than one tenant feeds it, so it cannot be replaced
	RemarkLocked         RemarkCode = "locked"          // another run holds the state: who, or ""
	RemarkLeaseLost      RemarkCode = "lease-lost"      //
	RemarkCorrupt        RemarkCode = "corrupt"         // the state
	RemarkSealKey        RemarkCode = "seal-key"        // is not the one that the state was sealed with
	RemarkInterrupted    RemarkCode = "interrupted"     //
	RemarkTimeout        RemarkCode = "timeout"         //
	RemarkNotAsked       RemarkCode = "not-asked"       // because the source does not answer
	RemarkNotFound       RemarkCode = "not-found"       // at the source
	RemarkPanicked       RemarkCode = "panicked"        // a target or an enrichment
	RemarkNoRecord       RemarkCode = "no-record"       // the answer holds none
	RemarkUnavailable    RemarkCode = "unavailable"     // this and those that follow: vendor, call, HTTP status, the vendor's code, the vendor's message
	RemarkUnauthorized   RemarkCode = "unauthorized"    //
	RemarkRateLimited    RemarkCode = "rate-limited"    //
	RemarkMalformed      RemarkCode = "malformed"       //
	RemarkOutcomeUnknown RemarkCode = "outcome-unknown" //
	RemarkNotSent        RemarkCode = "not-sent"        //
	RemarkRefused        RemarkCode = "refused"         //
	RemarkOther          RemarkCode = "other"           // a text that has no code
)

// fixedTexts are the texts that say one thing and name nothing.
func fixedTexts() map[RemarkCode]string {
	return map[RemarkCode]string{
		RemarkPlaceUnknown: "belongs to departments that are not known, and there is a scope", RemarkOtherSource: "the source is another one",
		RemarkNoChain: "has no chain of parents up to a root", RemarkNoStatus: "has no status that is known",
		RemarkMissing: "missing from the reading, which is not proved", RemarkMissingIncomplete: "missing from the reading, which is incomplete",
		RemarkNotSwitchedOff: "is not switched off, because the reading is incomplete",
		RemarkNotCleared:     "fields are not cleared, because the reading is incomplete",
		RemarkLeft:           "left by the reading, which is not confirmed", RemarkKeyTaken: "has a key that belongs to another person too",
		RemarkUnconfirmed: "not confirmed yet", RemarkWaitsForParent: "waits for its parent, which was not acknowledged",
		RemarkOccupied: "still has people or departments at the target", RemarkGoneCannotDisable: "is gone from the source and cannot be disabled",
		RemarkInService:      "left by the reading, but in service when asked for",
		RemarkStatusless:     "left by the reading, but without a status when asked for",
		RemarkMissingPending: "missing, which is not confirmed yet", RemarkThere: "missing from the reading, but there when asked for",
		RemarkNoneKnown: "no record is known to be there", RemarkAgainNotReturned: "a record that is there was not returned",
		RemarkKnownNotReturned: "a record that is there was not returned (does the app lack the call?)",
		RemarkUnknownAnswered:  "an id that does not exist was not answered as such",
		RemarkUnknownDiffer:    "ids that do not exist are answered in different ways",
		RemarkSlid:             "pages moved while they were read",

		RemarkFirstRun: "first run", RemarkAskedFor: "asked for", RemarkReplacement: "a replacement was asked for",
		RemarkNotClean: "the last run did not end in good order", RemarkTreeChanged: "departments changed",
		RemarkRosterChanged: "the enrichment changed", RemarkDue: "due", RemarkAbsencesWait: "absences wait for an approval",
		RemarkManyOwed: manyOwed, RemarkFutureMark: "the last watermark is in the future", RemarkClockBack: "the source's clock has gone back",
		RemarkDidNotFit: "the last reading did not fit", RemarkConverted: "the state was converted",
		RemarkMoreMissing: "more is missing than was confirmed", RemarkAbsenceOpen: "an absence could not be confirmed",
		RemarkRereadMissing: "people who were to be read again were not found",

		RemarkNoKey:        "the state has sealed fields, and no key was given: those who vanished cannot be disabled everywhere",
		RemarkScopeUnknown: "names no department that is there", RemarkHoldsNoOne: "holds no one", RemarkFewRecords: "has no record for most people",
		RemarkOtherPlace: reasonOtherPlace, RemarkOtherTenant: reasonOtherTenant, RemarkTenantsShared: reasonTenantsShared,
	}
}

// formats are the texts that name something.
func formats() map[RemarkCode]string {
	return map[RemarkCode]string{
		RemarkNoPlace:        "belongs to department %q, which is not there or has no place in the tree",
		RemarkWaitsFor:       "waits for the change of %s, which was not acknowledged",
		RemarkMissingCounted: "missing from full read %s of %s",
		RemarkUnlisted:       "%s %s is missing from it, but there when asked for",
		RemarkTargetBehind:   "%s does not hold everything yet",
		RemarkTargetSettings: "settings of %s changed",
		RemarkTargetMissed:   "%s was no target of the last run",
		RemarkScopeLacks:     "the scope names departments that are not there: %s",
		RemarkNoTarget:       "%s holds %s people and is no target of this run: it is told of no change",
		RemarkCountDiffers:   "the source counts %s people, %s were expected",
		RemarkHeldEarlier:    "%s people were held back by earlier runs and wait for an approval",
		RemarkMore:           "and %s more",
	}
}

var (
	remarkTexts   = fixedTexts()
	remarkFormats = formats()
	remarkCodes   = codesByText(remarkTexts)
)

func codesByText(texts map[RemarkCode]string) map[string]RemarkCode {
	codes := map[string]RemarkCode{}
	for _, code := range slices.Sorted(maps.Keys(texts)) {
		codes[texts[code]] = code
	}
	return codes
}

// said is a remark and its text in English.
type said struct {
	Remark

	text string
}

func (s said) isEmpty() bool { return s.text == "" }

// say makes a remark whose text follows from the code and what it is about.
func say(code RemarkCode, args ...string) said {
	text, fixed := remarkTexts[code]
	if !fixed {
		shown := make([]any, len(args))
		for i := range args {
			shown[i] = args[i]
		}
		text = fmt.Sprintf(remarkFormats[code], shown...)
	}
	return said{Remark{code, args}, text}
}

// because makes a remark that ends in a cause.
func because(code RemarkCode, text string, cause Remark, args ...string) said {
	return said{Remark{code, append(append(args, string(cause.Code)), cause.Args...)}, text}
}

// sayError is the remark that an error amounts to, with the text of the error.
func sayError(err error) said { return said{remarkOf(err), err.Error()} }

// understood returns the remark of a text that the state kept, or that names nothing.
func understood(text string) said {
	if code, known := remarkCodes[text]; known {
		return said{Remark{Code: code}, text}
	}
	return said{Remark{RemarkOther, []string{text}}, text}
}

func (s said) note(n Note) Note {
	n.Reason, n.Code, n.Args = s.text, s.Code, s.Args
	return n
}

// mapped returns a remark with its arguments changed.
func (r Remark) mapped(change func(string) string) Remark {
	if len(r.Args) == 0 {
		return r
	}
	args := make([]string, len(r.Args))
	for i := range args {
		args[i] = change(r.Args[i])
	}
	return Remark{r.Code, args}
}

// trimmed is the text of an error without the name of this package.
func trimmed(text string) string { return strings.TrimPrefix(text, "orgsync: ") }

// remark adds a note on the run as a whole.
func (r *Report) remark(s said) {
	r.Notes, r.NoteCodes = append(r.Notes, s.text), append(r.NoteCodes, s.Remark)
}

func remarkOfProblem(p orgmodel.Problem) Remark {
	const most = 10
	return Remark{RemarkProblem, append([]string{p.Kind.Error(), string(p.Entity)}, p.IDs[:min(most, len(p.IDs))]...)}
}
