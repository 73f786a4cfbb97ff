package storetest

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// recorder lets a check fail without failing the test that watches it.
type recorder struct {
	testing.TB
	ctx    context.Context
	failed bool
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Errorf(string, ...any)    { r.failed = true }
func (r *recorder) FailNow()                 { r.failed = true; runtime.Goexit() }

// fails says whether a check of the suite finds the fault.
func fails(t testing.TB, fault, name string) bool {
	t.Helper()
	store := newFaulty(fault)
	s := suite{open: func(testing.TB) orgsync.Store { return store }, reopen: store.reopen, takeover: store.takeover}
	for _, c := range s.checks() {
		if c.name != name {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := &recorder{TB: t, ctx: ctx}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.run(r, s)
		}()
		<-done
		return r.failed
	}
	require.Fail(t, "no check of that name", name)
	return false
}

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	for fault, name := range map[string]string{
		"keeps nil":            "PutGetDelete",
		"drops empty":          "NilAndEmptyValues",
		"empty is nil":         "NilAndEmptyValues",
		"unordered":            "Order",
		"folds":                "Order",
		"text":                 "AnyBytes",
		"prefix":               "Apart",
		"one tenant":           "Apart",
		"first counts":         "LastOfOneWriteCounts",
		"shares in":            "ValuesAreCopied",
		"shares out":           "ValuesAreCopied",
		"cuts":                 "LargeBatch",
		"half":                 "EndedContext",
		"stops half way":       "AllOrNothing",
		"writes after the end": "EndedContext",
		"reads after the end":  "EndedContext",
		"locks after the end":  "EndedContext",
		"many holders":         "OneHolder",
		"unlocks others":       "Unlock",
		"unlocks once":         "Unlock",
		"writes when lost":     "Takeover",
		"reads when lost":      "Takeover",
		"keeps after the end":  "UnlockAfterTheEnd",
		"forgets":              "Reopen",
		"gets nil":             "Get",
		"gets empty":           "Get",
		"gets in order":        "Get",
		"gets what there is":   "Get",
		"gets once":            "GetKeysTwice",
		"gets text":            "GetOddKeys",
		"shares gets":          "GetValuesAreCopied",
		"gets some":            "GetManyKeys",
		"gets after the end":   "GetEndedContext",
		"gets when lost":       "Takeover",
		"is over":              "Until",
		"goes back":            "Until",
		"passes on":            "Until",
		"holds on":             "Until",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			assert.True(t, fails(t, fault, name), "%s does not find it", name)
			assert.False(t, fails(t, "", name), "%s fails a good store", name)
		})
	}
}

func TestGoodStore(t *testing.T) {
	t.Parallel()
	Run(t, func(testing.TB) orgsync.Store { return newFaulty("") },
		WithReopen(func(_ testing.TB, s orgsync.Store) orgsync.Store { return s }),
		WithTakeover(func(t testing.TB, s orgsync.Store, tenant string) orgsync.Store {
			return s.(*faultyStore).takeover(t, s, tenant)
		}))
}
