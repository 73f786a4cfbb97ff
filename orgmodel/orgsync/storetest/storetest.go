package storetest

import (
	"testing"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Option tells [Run] what more it can do with a store.
type Option func(*suite)

// WithReopen makes the suite check that a store keeps everything beyond the life
// of its process. reopen ends the use of store as the end of a process would, and
// opens what it kept once more.
func WithReopen(reopen func(t testing.TB, store orgsync.Store) orgsync.Store) Option {
	return func(s *suite) { s.reopen = reopen }
}

// WithTakeover makes the suite check that a holder who lost the tenant can do no
// harm. takeover makes the lease that is held on tenant void without its holder
// taking part (its time runs out, say), and returns the store, the same or
// another, in which the tenant can be locked now.
func WithTakeover(takeover func(t testing.TB, store orgsync.Store, tenant string) orgsync.Store) Option {
	return func(s *suite) { s.takeover = takeover }
}

// Run checks the stores that open returns: a new and empty one for every call,
// which open closes itself with t.Cleanup. The checks are subtests and run in
// parallel.
func Run(t *testing.T, open func(t testing.TB) orgsync.Store, options ...Option) {
	t.Helper()
	s := suite{open: open}
	for _, option := range options {
		option(&s)
	}
	for _, c := range s.checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, s)
		})
	}
}

type suite struct {
	open     func(t testing.TB) orgsync.Store
	reopen   func(t testing.TB, store orgsync.Store) orgsync.Store
	takeover func(t testing.TB, store orgsync.Store, tenant string) orgsync.Store
}

type check struct {
	name string
	run  func(t testing.TB, s suite)
}

func (s suite) checks() []check {
	checks := []check{
		{"Empty", checkEmpty},
		{"PutGetDelete", checkPutGetDelete},
		{"Order", checkOrder},
		{"Apart", checkApart},
		{"NilAndEmptyValues", checkNilAndEmpty},
		{"AnyBytes", checkAnyBytes},
		{"LastOfOneWriteCounts", checkLastCounts},
		{"ValuesAreCopied", checkCopies},
		{"LargeBatch", checkLargeBatch},
		{"Get", checkGet},
		{"GetKeysTwice", checkGetTwice},
		{"GetOddKeys", checkGetOddKeys},
		{"GetValuesAreCopied", checkGetCopies},
		{"GetManyKeys", checkGetMany},
		{"GetEndedContext", checkGetEnded},
		{"Until", checkUntil},
		{"ConcurrentWrites", checkConcurrentWrites},
		{"AllOrNothing", checkAllOrNothing},
		{"StopEarly", checkStopEarly},
		{"WriteWithinAll", checkWriteWithinAll},
		{"OneHolder", checkOneHolder},
		{"Contention", checkContention},
		{"Unlock", checkUnlock},
		{"UnlockAfterTheEnd", checkUnlockAfterTheEnd},
		{"EndedContext", checkEndedContext},
		{"Model", checkModel},
	}
	if s.reopen != nil {
		checks = append(checks, check{"Reopen", checkReopen})
	}
	if s.takeover != nil {
		checks = append(checks, check{"Takeover", checkTakeover})
	}
	return checks
}
