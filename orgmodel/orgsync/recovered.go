package orgsync

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// errPanicked is what is left of a panic in a target or an enrichment. What it
// panicked with may be personal, so only its type is told.
var errPanicked = errors.New("orgsync: panicked")

// recovered is a target whose panics are errors: of the one record, or of the calls
// to the one target. Another target, and the process, have nothing to do with them.
type recovered struct{ Target }

func (t recovered) Department(d orgmodel.Department) (record Record, err error) {
	defer recoverTo(&err)
	return t.Target.Department(d)
}

func (t recovered) Person(p orgmodel.Person, org *orgmodel.Directory) (record Record, err error) {
	defer recoverTo(&err)
	return t.Target.Person(p, org)
}

func (t recovered) Push(ctx context.Context, batch Batch) (outcomes []Outcome) {
	err := error(nil)
	defer func() {
		if err != nil {
			outcomes = failAll(len(batch.Items), err)
		}
	}()
	defer recoverTo(&err)
	return t.Target.Push(ctx, batch)
}

// replaceFirst reports whether the target is a Replacer that starts with a full push.
func replaceFirst(t Target) bool {
	replacer, ok := t.(Replacer)
	return ok && replacer.ReplaceFirst()
}

func (t recovered) replace(ctx context.Context, departments, people iter.Seq[Item]) (err error) {
	defer recoverTo(&err)
	return t.Target.(Replacer).Replace(ctx, departments, people)
}

// recoverTo is deferred.
func recoverTo(err *error) {
	if value := recover(); value != nil {
		*err = fmt.Errorf("%w with %T", errPanicked, value)
	}
}
