package targettest

import (
	"context"
	"runtime"
	"testing"

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

// fails says whether a check fails, or panics.
func fails(t testing.TB, check func(t testing.TB)) bool {
	t.Helper()
	r := &recorder{TB: t, ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if recover() != nil {
				r.failed = true
			}
		}()
		check(r)
	}()
	<-done
	return r.failed
}

func targetFails(t testing.TB, fault, name string) bool {
	t.Helper()
	for _, c := range targetChecks() {
		if c.name != name {
			continue
		}
		var last *faultyTarget
		s := targetSuite{open: func(testing.TB) orgsync.Target { last = newFaultyTarget(fault); return last }}
		s.InService = func(t testing.TB, target orgsync.Target) []string { return last.inService(t, target) }
		s.Refuse = func(_ testing.TB, _ orgsync.Target, id, _ string) { last.refused[id] = true }
		return fails(t, func(t testing.TB) { c.run(t, s) })
	}
	require.Fail(t, "no check of that name", name)
	return false
}

func TestFaultyTargets(t *testing.T) {
	t.Parallel()
	for _, c := range targetChecks() {
		require.False(t, targetFails(t, "", c.name), "%s: a target without a fault", c.name)
	}
	for fault, name := range map[string]string{
		"no name":                          "Names",
		"names change":                     "Names",
		"places change":                    "Names",
		"settings change":                  "Names",
		"settings are an address":          "Names",
		"no batch":                         "Traits",
		"traits change":                    "Traits",
		"changes people":                   "Records",
		"stamps":                           "Records",
		"hides names":                      "Records",
		"hides leavers":                    "Records",
		"keys of names":                    "Records",
		"no JSON":                          "Records",
		"wrong JSON":                       "Records",
		"overwrites":                       "Records",
		"panics":                           "SparseRecords",
		"panics without a directory entry": "SparseRecords",
		"department panics":                "SparseRecords",
		"shows values":                     "SparseRecords",
		"forgets the key":                  "HeldKey",
		"is sure":                          "HeldKey",
		"is never sure":                    "HeldKey",
		"blank keys":                       "HeldKey",
		"masked keys":                      "HeldKey",
		"keeps no key":                     "HeldKey",
		"adds once":                        "Push",
		"adds twice":                       "Push",
		"removes no one":                   "Push",
		"does nothing":                     "Push",
		"too few":                          "Push",
		"too many":                         "PushDepartments",
		"half":                             "PushWhole",
		"takes anything":                   "PushOthersValues",
		"panics over others":               "PushOthersValues",
		"other order":                      "PushOrder",
		"leaves it open":                   "PushOrder",
		"is down":                          "PushOrder",
		"sends after the end":              "PushEndedContext",
		"acknowledges after the end":       "PushEndedContext",
	} {
		require.True(t, targetFails(t, fault, name), "%s: %s finds nothing", fault, name)
	}
}

func TestFaultySources(t *testing.T) {
	t.Parallel()
	sourceFails := func(fault, name string) bool {
		for _, c := range sourceChecks() {
			if c.name == name {
				s := sourceSuite{open: func(testing.TB) orgsync.Source { return &faultySource{fault: fault} }}
				return fails(t, func(t testing.TB) { c.run(t, s) })
			}
		}
		require.Fail(t, "no check of that name", name)
		return false
	}
	for _, c := range sourceChecks() {
		for _, fault := range []string{"", "unclear"} {
			require.False(t, sourceFails(fault, c.name), "%s: a source without a fault", c.name)
		}
	}
	for fault, name := range map[string]string{
		"no name":                "Name",
		"departments twice":      "Departments",
		"no id":                  "Departments",
		"once":                   "People",
		"goes back":              "People",
		"no time":                "People",
		"no status":              "People",
		"tells of others":        "Incremental",
		"no quiet end":           "Incremental",
		"early watermark":        "LeftEarly",
		"yields on":              "LeftEarly",
		"reads another status":   "PointReads",
		"reads no status":        "PointReads",
		"reads another name":     "PointReads",
		"reads another person":   "PointReads",
		"batch in another order": "Batches",
		"batch lacks one":        "Batches",
		"batch fails for one":    "Batches",
		"batch cut off is gone":  "Batches",
		"unknown is empty":       "UnknownIDs",
		"unknown is an error":    "UnknownIDs",
		"no signature":           "UnknownIDs",
		"ends quietly":           "Cancel",
		"cut off is gone":        "EndedContext",
		"counts below nothing":   "Count",
		"counts on":              "Count",
	} {
		require.True(t, sourceFails(fault, name), "%s: %s finds nothing", fault, name)
	}
	require.True(t, sourceFails("ends quietly", "EndedContext"))
}
