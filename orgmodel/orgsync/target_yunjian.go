package orgsync

import (
	"cmp"
	"context"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunjian"
)

// YunjianTarget pushes people to an endpoint that speaks 云简's 人员同步 format: another
// platform's, or your own. It does not put people into 云简 itself: by that interface they
// flow out of 云简, and 云简's own import is not public. To receive what 云简 pushes, use
// [yunjian.Handler].
//
// There are no departments: each user carries code and name of one, so that a
// department's new name is a change of every person in it. Leavers get isLeave.
//
// An endpoint knows a user by userNo. By default that is the employee number, or
// the id of a person who has none: when that person gets a number, a new user is made and
// the old one gets isLeave.
type YunjianTarget struct {
	// Client pushes. Required.
	Client *yunjian.Client
	// Adapter makes the users. Its Lookup is set by the engine.
	Adapter orgmodel.Yunjian
	// Label is the target's name, default "yunjian". Endpoints need one each.
	Label string
}

// Name returns the label.
func (t *YunjianTarget) Name() string { return cmp.Or(t.Label, "yunjian") }

// Destination is the client's host and account.
func (t *YunjianTarget) Destination() string { return t.Client.Destination() }

// Settings covers the adapter.
func (t *YunjianTarget) Settings() string {
	return fmt.Sprintf("yunjian/1 key=%d female=%s", t.Adapter.UserNo, t.Adapter.FemaleCode)
}

// Traits are those of an endpoint that adds or updates people alone.
func (t *YunjianTarget) Traits() Traits {
	return Traits{Batch: yunjian.DefaultBatch, Upserts: true, IdentifiesByKey: true}
}

func (t *YunjianTarget) check() error { return requireClient(t.Client != nil, t.Name()) }

// Department is never called: there are none.
func (t *YunjianTarget) Department(orgmodel.Department) (Record, error) {
	return Record{}, errOtherTarget
}

// Person returns p for 云简.
func (t *YunjianTarget) Person(p orgmodel.Person, org *orgmodel.Directory, held string) (Record, error) {
	key, provisional, err := t.Adapter.UserNo.Of(p, held)
	if err != nil {
		return Record{}, err
	}
	adapter := t.Adapter
	adapter.UserNo, adapter.Lookup = orgmodel.KeyID, org.Department
	value, err := adapter.FromPerson(p)
	value.UserNo = key
	return Record{Key: key, Provisional: provisional, Value: value}, err
}

// Push sends users. One whose key differs from the record's is the same person
// under an earlier number.
func (t *YunjianTarget) Push(ctx context.Context, batch Batch) []Outcome {
	users, ok := Values[yunjian.User](batch.Items)
	if !ok {
		return FailAll(len(batch.Items), Outcome{Err: errOtherTarget, Down: true})
	}
	for i, item := range batch.Items {
		users[i].UserNo = cmp.Or(item.Key, users[i].UserNo)
	}
	result, _ := t.Client.SyncUsers(ctx, users) // the error is the sum of the items'
	return outcomesOf(len(users), result)
}
