package orgsync

import (
	"context"
	"errors"
	"iter"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// Target is where an organisation is pushed to. [AiguanhuaiTarget],
// [TuzhanTarget] and [YunjianTarget] are ready-made. A panic in one of its methods
// that take records is an error like another.
type Target interface {
	// Name tells the targets of one engine apart, in the state as well: a target
	// of another name is another target, which holds nothing yet.
	Name() string
	// Settings is any text that changes when the target would make other records
	// of the same people. It must hold no secret.
	Settings() string
	// Traits says how the target is to be treated.
	Traits() Traits
	// Department returns d as the target's record. An error sets it aside; its
	// text is reported and must not hold values of d.
	Department(d orgmodel.Department) (Record, error)
	// Person returns p as the target's record, or an error likewise. Somebody who
	// is not in service may have no more than id and status: the source has
	// forgotten them. The organisation that p belongs to is there to be looked up in.
	Person(p orgmodel.Person, org *orgmodel.Directory) (Record, error)
	// Push makes one call, or a few, with at most Traits.Batch records, and returns
	// what became of each, in the order given. It does not go on with what has not
	// been sent when ctx ends, and must be safe to repeat with the same records.
	Push(ctx context.Context, batch Batch) []Outcome
}

// Replacer is a [Target] that can also be given everything at once.
type Replacer interface {
	// Replace makes these departments and people all that the target holds, or
	// changes nothing. Departments come parents first.
	Replace(ctx context.Context, departments, people iter.Seq[Item]) error
	// ReplaceFirst reports whether the first push to the target is a Replace.
	ReplaceFirst() bool
}

// Traits says how a target is to be treated.
type Traits struct {
	Batch         int  // the most records of one Push
	NoDepartments bool // people alone are pushed
	Upserts       bool // adding and updating are the same
	// DeletesLeavers says that somebody who is not in service is deleted, because
	// the target knows no status, and so is a department that is gone. Otherwise
	// both are updated.
	DeletesLeavers bool
	// IdentifiesByKey says that the target knows a person by Record.Key and not by
	// the source's id, so that another key is another person there.
	IdentifiesByKey bool
}

// Record is a department or a person in a target's form.
type Record struct {
	// Key is what nobody else may have at the target, such as an account or a user
	// number; "" if that is the source's id. It is stored in the state.
	Key string
	// Value is the record. encoding/json must show all of it that matters: records
	// whose JSON is the same are not sent again.
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

// Batch is a number of records for one operation.
type Batch struct {
	Op    Op
	Items []Item
}

// Item is one record of a batch.
type Item struct {
	ID    string // the source's
	Key   string // by which the target knows the person
	Value any    // Record.Value, of whatever is deleted as well
}

// Outcome is what became of one record.
type Outcome struct {
	// Err is nil if the target has acknowledged the record.
	Err error
	// Adopted says that the target held the record already when it was added.
	Adopted bool
}

// failAll is the outcome of n records that share an error.
func failAll(n int, err error) []Outcome {
	outcomes := make([]Outcome, n)
	for i := range outcomes {
		outcomes[i].Err = err
	}
	return outcomes
}

// unreachable reports whether the other side answers nobody for now.
func unreachable(err error) bool {
	return errors.Is(err, tuzhan.ErrUnavailable) || errors.Is(err, tuzhan.ErrRateLimited) || errors.Is(err, tuzhan.ErrUnauthorized)
}

// systemic reports whether an error is about the target as a whole, so that the
// next batch would fare no better. The general sentinels are the same in all vendor
// packages.
func systemic(err error) bool {
	for _, kind := range []error{
		tuzhan.ErrUnavailable, tuzhan.ErrUnauthorized, tuzhan.ErrRateLimited, tuzhan.ErrNotFound, tuzhan.ErrMalformed,
		tuzhan.ErrTooLarge, tuzhan.ErrOutcomeUnknown, context.Canceled, context.DeadlineExceeded, errOtherTarget, errOutcomes, errPanicked,
		aiguanhuai.ErrSignature, aiguanhuai.ErrPartnerNotFound, aiguanhuai.ErrCorpNotFound, aiguanhuai.ErrSystem,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// errOutcomes is the outcome of a batch about which a target does not say what became
// of each record.
var errOutcomes = errors.New("orgsync: the target answered another number of outcomes")

// errOtherTarget is the outcome of a batch whose records are none of the target's.
var errOtherTarget = errors.New("orgsync: the record is not one that this target makes")

// values takes the typed records out of items.
func values[T any](items []Item) ([]T, bool) {
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
