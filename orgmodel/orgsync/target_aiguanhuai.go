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

// AiguanhuaiTarget pushes to 爱关怀 by updates (增量更新), which are assumed to add what the
// vendor does not hold yet: the vendor's docs do not say, see NoUpserts. Leavers, and
// departments that are gone, are disabled (禁用). With RunOptions.Replace everything is
// given at once (全量推送), which removes what others put there.
type AiguanhuaiTarget struct {
	// Client pushes. Required.
	Client *aiguanhuai.Client
	// Adapter makes the vendor's records.
	Adapter orgmodel.Aiguanhuai
	// NoUpserts says that updates do not add. New records then fail, until everything
	// is replaced.
	NoUpserts bool
	// Label is the target's name, default "aiguanhuai".
	Label string
}

// Name returns the label.
func (t *AiguanhuaiTarget) Name() string { return cmp.Or(t.Label, "aiguanhuai") }

// Destination is the client's host and corpId.
func (t *AiguanhuaiTarget) Destination() string { return t.Client.Destination() }

// Settings covers the adapter.
func (t *AiguanhuaiTarget) Settings() string {
	return fmt.Sprintf("aiguanhuai/2 account=%d orgSource=%d", t.Adapter.Account, cmp.Or(t.Adapter.OrgSource, aiguanhuai.DefaultOrgSource))
}

// Traits are those of an endpoint that adds or updates, where accounts are unique (用户唯一标示).
func (t *AiguanhuaiTarget) Traits() Traits {
	return Traits{Batch: aiguanhuai.MaxBatch, Departments: true, Upserts: !t.NoUpserts, UniqueKeys: true}
}

func (t *AiguanhuaiTarget) check() error { return requireClient(t.Client != nil, t.Name()) }

// Department returns d for 爱关怀.
func (t *AiguanhuaiTarget) Department(d orgmodel.Department) (Record, error) {
	value, err := t.Adapter.FromDepartment(d)
	return Record{Value: value}, err
}

// Person returns p for 爱关怀. The account, unique as well, is the key.
func (t *AiguanhuaiTarget) Person(p orgmodel.Person, _ *orgmodel.Directory, held string) (Record, error) {
	key, provisional, err := t.Adapter.Account.Of(p, held)
	if err != nil {
		return Record{}, err
	}
	adapter := t.Adapter
	adapter.Account = orgmodel.KeyID
	value, err := adapter.FromPerson(p)
	value.Account = key
	return Record{Key: key, Provisional: provisional, Value: value}, err
}

// Push updates records. The vendor judges a call as a whole, so one that it rejects
// for its records is halved until the bad ones stand alone.
func (t *AiguanhuaiTarget) Push(ctx context.Context, batch Batch) []Outcome {
	if batch.Op == OpAddDepartments || batch.Op == OpAddPeople {
		return FailAll(len(batch.Items), Outcome{Err: Rejected(errNoUpserts)})
	}
	if batch.Op.isDepartment() {
		departments, ok := Values[aiguanhuai.Department](batch.Items)
		if !ok {
			return FailAll(len(batch.Items), Outcome{Err: errOtherTarget, Down: true})
		}
		return updateAiguanhuai(ctx, departments, t.Client.UpdateDepartments)
	}
	people, ok := Values[aiguanhuai.Person](batch.Items)
	if !ok {
		return FailAll(len(batch.Items), Outcome{Err: errOtherTarget, Down: true})
	}
	for i, item := range batch.Items {
		people[i].Account = cmp.Or(item.Key, people[i].Account)
	}
	return updateAiguanhuai(ctx, people, t.Client.UpdatePeople)
}

func updateAiguanhuai[T any](ctx context.Context, records []T, update func(context.Context, []T) (aiguanhuai.Result[T], error)) []Outcome {
	result, _ := update(ctx, records) // the error is the sum of the items'
	outcomes := outcomesOf(len(records), result)
	objected := 0
	for _, failed := range result.Failed {
		if rejectsRecords(failed.Err) {
			objected++
		}
	}
	if objected < 2 || objected < len(records) || ctx.Err() != nil {
		return outcomes
	}
	half := len(records) / 2
	first := updateAiguanhuai(ctx, records[:half], update)
	return append(first, updateAiguanhuai(ctx, records[half:], update)...)
}

// rejectsRecords reports whether a call was rejected because of what is in it.
func rejectsRecords(err error) bool {
	return errors.Is(err, aiguanhuai.ErrDataFormat)
}

// Replace makes a full push. A task that is not completed has no effect, so after
// a failure or a crash the next one starts anew.
func (t *AiguanhuaiTarget) Replace(ctx context.Context, departments, people iter.Seq[Item]) error {
	_, err := t.Client.PushAll(ctx, typed[aiguanhuai.Department](departments), typed[aiguanhuai.Person](people))
	switch {
	case errors.Is(err, aiguanhuai.ErrTaskNotFound) && errors.Is(err, aiguanhuai.ErrOutcomeUnknown):
		// An earlier try of the last step did it, and the repetition found the task gone.
		return nil
	case rejectsRecords(err):
		return Rejected(err)
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

var errNoUpserts = errors.New("orgsync: 爱关怀 takes new records by a replacement only (RunOptions.Replace)")

func requireClient(there bool, target string) error {
	if !there {
		return &ConfigError{Field: "Targets." + target + ".Client", Reason: "is missing"}
	}
	return nil
}
