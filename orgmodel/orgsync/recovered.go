package orgsync

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// errPanicked is what is left of a panic in a source, a target or an enrichment. What it
// panicked with may be personal, so only its type is told.
var errPanicked = errors.New("orgsync: panicked")

// recovered is a target whose panics are errors: of the one record, or of the calls
// to the one target. Other targets, and the process, are not affected.
type recovered struct{ Target }

func (t recovered) Department(d orgmodel.Department) (record Record, err error) {
	defer recoverTo(&err)
	return t.Target.Department(d)
}

func (t recovered) Person(p orgmodel.Person, org *orgmodel.Directory, held string) (record Record, err error) {
	defer recoverTo(&err)
	return t.Target.Person(p, org, held)
}

func (t recovered) Push(ctx context.Context, batch Batch) (outcomes []Outcome) {
	var err error
	defer func() {
		if err != nil {
			outcomes = FailAll(len(batch.Items), Outcome{Err: err, Down: true})
		}
	}()
	defer recoverTo(&err)
	outcomes = t.Target.Push(ctx, batch)
	if len(outcomes) != len(batch.Items) {
		err = fmt.Errorf("%w %d outcomes for %d items", errOutcomes, len(outcomes), len(batch.Items))
	}
	return outcomes
}

func (t recovered) replace(ctx context.Context, departments, people iter.Seq[Item]) (err error) {
	defer recoverTo(&err)
	return t.Target.(Replacer).Replace(ctx, departments, people)
}

// asking does what asks the source. If that panics, the source was not read to its end.
func (r *run) asking(ctx context.Context, do func() error) error {
	err := func() (err error) {
		defer recoverTo(&err)
		return do()
	}()
	if _, told := errors.AsType[*SourceError](err); !told && errors.Is(err, errPanicked) {
		return r.sourceError(ctx, err)
	}
	return err
}

// recoverTo is deferred.
func recoverTo(err *error) {
	if value := recover(); value != nil {
		*err = fmt.Errorf("%w with %T", errPanicked, value)
	}
}
