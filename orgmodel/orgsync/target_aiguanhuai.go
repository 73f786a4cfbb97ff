package orgsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
)

// AiguanhuaiTarget pushes to 爱关怀. It starts with a full push (全量推送), which
// replaces whatever the vendor holds, and goes on with updates (增量更新). Leavers, and
// departments that are gone, are disabled (禁用).
//
// The vendor takes no record without a name, and the state holds nobody's, so whoever
// has vanished from the source altogether can only be removed by another full push. The
// engine makes one when the reading was full and complete and every record could be sent.
type AiguanhuaiTarget struct {
	// Client pushes. Required.
	Client *aiguanhuai.Client
	// Adapter makes the vendor's records.
	Adapter orgmodel.Aiguanhuai
	// KeepOthers never makes a full push, so that what somebody else put there stays.
	KeepOthers bool
	// Label is the target's name, default "aiguanhuai".
	Label string
}

// aiguanhuaiBatch is the vendor's own limit (推荐每次最多2000条记录).
const aiguanhuaiBatch = 2000

// Name returns the label.
func (t *AiguanhuaiTarget) Name() string { return cmp.Or(t.Label, "aiguanhuai") }

// Settings covers the adapter.
func (t *AiguanhuaiTarget) Settings() string { return fmt.Sprintf("aiguanhuai/1 %+v", t.Adapter) }

// Traits are those of an endpoint that adds or updates, 2,000 records a call.
func (t *AiguanhuaiTarget) Traits() Traits { return Traits{Batch: aiguanhuaiBatch, Upserts: true} }

func (t *AiguanhuaiTarget) check() error { return requireClient(t.Client != nil, t.Name()) }

// Department returns d for 爱关怀.
func (t *AiguanhuaiTarget) Department(d orgmodel.Department) (Record, error) {
	value, err := t.Adapter.FromDepartment(d)
	return Record{Value: value}, err
}

// Person returns p for 爱关怀. The account, unique as well, is the key.
func (t *AiguanhuaiTarget) Person(p orgmodel.Person, _ *orgmodel.Directory) (Record, error) {
	value, err := t.Adapter.FromPerson(p)
	return Record{Key: value.Account, Value: value}, err
}

// Push updates records. The vendor judges a call as a whole, so one that it takes
// for malformed is halved until the bad records stand alone.
func (t *AiguanhuaiTarget) Push(ctx context.Context, batch Batch) []Outcome {
	switch batch.Op {
	case OpAddDepartments, OpUpdateDepartments, OpRemoveDepartments:
		return updateAiguanhuai(ctx, batch.Items, t.Client.UpdateDepartments)
	case OpAddPeople, OpUpdatePeople, OpRemovePeople:
		return updateAiguanhuai(ctx, batch.Items, t.Client.UpdatePeople)
	}
	return failAll(len(batch.Items), errOtherTarget)
}

func updateAiguanhuai[T any](ctx context.Context, items []Item, update func(context.Context, []T) (aiguanhuai.Result[T], error)) []Outcome {
	records, ok := values[T](items)
	if !ok || len(items) == 0 {
		return failAll(len(items), errOtherTarget)
	}
	result, _ := update(ctx, records) // the error is the sum of the results
	outcomes := make([]Outcome, len(items))
	objected := 0
	for _, failed := range result.Failed {
		outcomes[failed.Index].Err = failed.Err
		if errors.Is(failed.Err, aiguanhuai.ErrDataFormat) {
			objected++
		}
	}
	if objected < 2 || objected < len(items) || ctx.Err() != nil {
		return outcomes
	}
	half := len(items) / 2
	first := updateAiguanhuai(ctx, items[:half], update)
	return append(first, updateAiguanhuai(ctx, items[half:], update)...)
}

// ReplaceFirst reports whether a full push may start.
func (t *AiguanhuaiTarget) ReplaceFirst() bool { return !t.KeepOthers }

// Replace makes a full push. A task that is not completed has no effect, so after
// a failure or a crash the next one starts anew.
func (t *AiguanhuaiTarget) Replace(ctx context.Context, departments, people iter.Seq[Item]) error {
	_, err := t.Client.PushAll(ctx, typed[aiguanhuai.Department](departments), typed[aiguanhuai.Person](people))
	// An earlier try of the last step did it, and the repetition found the task gone.
	if errors.Is(err, aiguanhuai.ErrTaskNotFound) && errors.Is(err, aiguanhuai.ErrOutcomeUnknown) {
		return nil
	}
	return err
}

func typed[T any](items iter.Seq[Item]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item := range items {
			value, ok := item.Value.(T)
			if !ok {
				yield(value, errOtherTarget)
				return
			}
			if !yield(value, nil) {
				return
			}
		}
	}
}

func requireClient(there bool, target string) error {
	if !there {
		return &ConfigError{Field: "Targets." + target + ".Client", Reason: "is missing"}
	}
	return nil
}
