package orgsync

import (
	"context"
	"errors"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Target is where an organisation is pushed to. [AiguanhuaiTarget], [TuzhanTarget]
// and [YunjianTarget] are ready-made; package targettest checks others. A panic in
// a method that takes records is treated as an error.
type Target interface {
	// Name tells the targets of one engine apart, in the state as well: a target
	// of another name is another target, which holds nothing yet.
	Name() string
	// Destination says where the records end up: host, port, and the company,
	// account or app there, normalised. The state of a target belongs to one
	// destination. It is kept as a hash. "" means that the target cannot tell.
	Destination() string
	// Settings is a text that changes when the target would make other records of
	// the same people, and never otherwise: a new version of a program must give
	// the same text for the same settings. It must hold no secret.
	Settings() string
	// Traits says how the target is to be treated.
	Traits() Traits
	// Department returns d as the target's record. An error sets it aside; its
	// text is reported and must not hold values of d.
	Department(d orgmodel.Department) (Record, error)
	// Person returns p as the target's record, or an error, as Department does. held
	// is the key that the target acknowledged for p, "" if none. A target that learns
	// no key from p itself must use held, and may fall back to another only without
	// one; it then sets Record.Provisional. org is where the departments of p can be
	// looked up. People who are not in service may have no more than an id and a
	// status.
	Person(p orgmodel.Person, org *orgmodel.Directory, held string) (Record, error)
	// Push makes one call, or a few, with at most Traits.Batch records, and returns
	// what became of each, in the order given. It stops sending when ctx ends, and
	// must be safe to repeat with the same records.
	Push(ctx context.Context, batch Batch) []Outcome
}

// Replacer is a [Target] that can also be given everything at once.
type Replacer interface {
	// Replace makes these departments and people all that the target holds, or
	// changes nothing. Departments come parents first. An error that matches
	// ErrRejected says that nothing was changed because of single records: the
	// engine then sends the changes record by record. If the engine cannot go on, it
	// ends ctx, and the last item has no Value: the call must fail then.
	Replace(ctx context.Context, departments, people iter.Seq[Item]) error
}

// Traits says how a target is to be treated.
type Traits struct {
	Batch       int  // the most records of one Push
	Departments bool // departments are pushed too, before the people in them
	Upserts     bool // adding and updating are the same
	// DeletesLeavers says that people who are not in service are deleted, because
	// the target knows no status, and so are departments that are gone. Otherwise
	// both are updated.
	DeletesLeavers bool
	// IdentifiesByKey says that the target knows a person by Record.Key and not by
	// the source's id, so that another key is another person there.
	IdentifiesByKey bool
	// UniqueKeys says that no two records, those of leavers included, may have the
	// same Record.Key.
	UniqueKeys bool
}

// keyed reports whether keys belong to people at the target.
func (t Traits) keyed() bool { return t.IdentifiesByKey || t.UniqueKeys }

// Record is a department or a person in a target's form.
type Record struct {
	// Key is what no one else may have at the target, such as an account or a user
	// number; "" if that is the source's id. It is stored in the state.
	Key string
	// Provisional says that Key is a fallback for want of the real one.
	Provisional bool
	// Value is the record. Its JSON must show all of it that matters: records
	// whose JSON is the same are not sent again. A value that has the method
	// AppendJSON([]byte) ([]byte, error) is not encoded by reflection.
	Value any
}

// Op says what a batch is for.
type Op uint8

// The operations. Targets with Traits.Upserts never see those that add.
const (
	OpAddDepartments Op = iota + 1
	OpUpdateDepartments
	OpRemoveDepartments
	OpAddPeople
	OpUpdatePeople
	OpRemovePeople
)

func opNames() []string {
	return []string{"", "addDepartments", "updateDepartments", "removeDepartments", "addPeople", "updatePeople", "removePeople"}
}

// String returns the operation's name, such as "addPeople".
func (o Op) String() string {
	if names := opNames(); int(o) < len(names) {
		return names[o]
	}
	return "unknown"
}

// MarshalText returns String.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (o *Op) UnmarshalText(text []byte) error {
	for i, name := range opNames() {
		if i > 0 && name == string(text) {
			*o = Op(i) // #nosec G115 -- there are seven
			return nil
		}
	}
	return errors.New("orgsync: not an operation")
}

func (o Op) isDepartment() bool { return o >= OpAddDepartments && o <= OpRemoveDepartments }

func (o Op) entity() orgmodel.Entity {
	if o.isDepartment() {
		return orgmodel.EntityDepartment
	}
	return orgmodel.EntityPerson
}

// Batch is a number of records for one operation.
type Batch struct {
	Op    Op
	Items []Item
}

// Item is one record of a batch.
type Item struct {
	ID string // the source's
	// Key is the one by which the target must know the person, "" for the
	// source's id. It differs from the key of Value where an earlier key is
	// retired or released.
	Key   string
	Value any // Record.Value, of what is deleted as well
}

// Outcome is what became of one record.
type Outcome struct {
	// Err is nil if the target has acknowledged the record. An error that matches
	// ErrRejected says that the record was not carried out; any other one leaves
	// that open.
	Err error
	// Adopted says that the target held the record already when it was added.
	Adopted bool
	// Down says that Err is about the target as a whole, so that the next batch
	// would fare no better.
	Down bool
}

// ErrRejected says that a target looked at a record and did not carry it out.
var ErrRejected = errors.New("orgsync: rejected by the target")

// Rejected returns err as one that matches [ErrRejected], for targets.
func Rejected(err error) error {
	if err == nil || errors.Is(err, ErrRejected) {
		return err
	}
	return &rejected{err}
}

type rejected struct{ err error }

func (e *rejected) Error() string   { return e.err.Error() }
func (e *rejected) Unwrap() []error { return []error{e.err, ErrRejected} }

// FailAll returns the outcomes of n records that share an error, for targets.
func FailAll(n int, outcome Outcome) []Outcome {
	outcomes := make([]Outcome, n)
	for i := range outcomes {
		outcomes[i] = outcome
	}
	return outcomes
}

// Values takes the typed records out of items, for targets. It reports false if
// one of them is of another type.
func Values[T any](items []Item) ([]T, bool) {
	typed := make([]T, len(items))
	for i, item := range items {
		value, ok := item.Value.(T)
		if !ok {
			return nil, false
		}
		typed[i] = value
	}
	return typed, true
}

var (
	// errOutcomes is the outcome of a batch about which a target does not say what
	// became of each record.
	errOutcomes = errors.New("orgsync: the target returned")
	// errOtherTarget is the outcome of a batch whose records are none of the target's.
	errOtherTarget = errors.New("orgsync: the record is not one that this target makes")
)
