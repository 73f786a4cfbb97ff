package orgsync_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// stage is where an engine runs: a clock that moves an hour before each run, a store,
// a source and targets.
type stage struct {
	tb      testing.TB
	mu      sync.Mutex
	clock   time.Time
	tenant  string
	store   orgsync.Store
	source  orgsync.Source
	targets []orgsync.Target
	options []orgsync.Option
}

func newBareStage(tb testing.TB) *stage {
	return &stage{
		tb: tb, tenant: "acme", store: orgsync.NewMemoryStore(),
		clock: time.Date(2026, 3, 2, 9, 0, 0, 0, yunzhijia.Beijing()),
	}
}

func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *stage) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func (s *stage) engine() *orgsync.Engine {
	s.tb.Helper()
	e, err := orgsync.New(orgsync.Config{Tenant: s.tenant, Source: s.source, Store: s.store, Targets: s.targets},
		append([]orgsync.Option{orgsync.WithClock(s.now)}, s.options...)...)
	require.NoError(s.tb, err)
	return e
}

func (s *stage) run(options orgsync.RunOptions) (*orgsync.Report, error) {
	s.tb.Helper()
	s.later(time.Hour)
	return s.engine().Run(s.tb.Context(), options)
}

// sync runs and demands success.
func (s *stage) sync(options ...orgsync.RunOptions) *orgsync.Report {
	s.tb.Helper()
	r, err := s.run(append(options, orgsync.RunOptions{})[0])
	require.NoError(s.tb, err, r.Text())
	return r
}

// stopped runs and demands that the guard stops or holds.
func (s *stage) stopped(options ...orgsync.RunOptions) *orgsync.GuardError {
	s.tb.Helper()
	r, err := s.run(append(options, orgsync.RunOptions{})[0])
	g, ok := errors.AsType[*orgsync.GuardError](err)
	require.True(s.tb, ok, "%v\n%s", err, r.Text())
	return g
}

func approve(digest string) orgsync.RunOptions {
	return orgsync.RunOptions{Approve: orgsync.Approve{Digest: digest, By: "an operator"}}
}

// stored returns all that a tenant's state holds, by bucket and key.
func (s *stage) stored() map[string]map[string]string {
	s.tb.Helper()
	lease, err := s.store.Lock(s.tb.Context(), s.tenant)
	require.NoError(s.tb, err)
	defer func() { require.NoError(s.tb, lease.Unlock(s.tb.Context())) }()
	buckets := []string{"meta", "targets", "owed", "held", "missing", "unlisted", "approvals", "names", "sealed", "feeders"}
	for code := range len(s.targets) + 2 {
		for _, prefix := range []string{"p.", "d.", "i.", "k.", "c."} {
			buckets = append(buckets, fmt.Sprint(prefix, code))
		}
	}
	all := map[string]map[string]string{}
	for _, bucket := range buckets {
		for e, err := range lease.All(s.tb.Context(), bucket) {
			require.NoError(s.tb, err)
			if all[bucket] == nil {
				all[bucket] = map[string]string{}
			}
			all[bucket][e.Key] = string(e.Value)
		}
	}
	return all
}

// violated returns the kinds of violations, sorted.
func violated(list []orgsync.Violation) []string {
	kinds := map[string]bool{}
	for _, v := range list {
		kinds[string(v.Kind)] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}

func notedIDs(notes []orgsync.Note) []string {
	list := make([]string, len(notes))
	for i, n := range notes {
		list[i] = n.ID
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func reportOf(r *orgsync.Report, name string) orgsync.TargetReport {
	for _, t := range r.Targets {
		if t.Name == name {
			return t
		}
	}
	return orgsync.TargetReport{}
}

// vendors is a stage with the four simulators in memory.
type vendors struct {
	*stage

	yzj *yunzhijiatest.Server
	agh *aiguanhuaitest.Server
	tz  *tuzhantest.Server
	yj  *yunjiantest.Server

	src *orgsync.YunzhijiaSource
	ta  *orgsync.AiguanhuaiTarget
	tt  *orgsync.TuzhanTarget
	ty  *orgsync.YunjianTarget
}

func newVendors(tb testing.TB, orgs, people int) *vendors {
	tb.Helper()
	v := &vendors{stage: newBareStage(tb)}
	v.yzj = yunzhijiatest.NewInMemory(yunzhijiatest.WithClock(v.now), yunzhijiatest.WithTokenLife(100_000*time.Hour),
		yunzhijiatest.WithContacts(), yunzhijiatest.Seed(orgs, people))
	v.agh, v.tz = aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory()
	v.yj = yunjiantest.NewInMemory(yunjiantest.WithSessionLife(100_000 * time.Hour))
	tb.Cleanup(func() { v.yzj.Close(); v.agh.Close(); v.tz.Close(); v.yj.Close() })
	src, err := yunzhijia.New(v.yzj.Config(), yunzhijia.WithHTTPClient(v.yzj.HTTPClient()), yunzhijia.WithClock(v.now),
		yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	v.src, v.ta = &orgsync.YunzhijiaSource{Client: src}, stageAiguanhuai(tb, v.agh)
	t := v.tz.Client(tuzhan.WithRetry(2, time.Millisecond))
	y := v.yj.Client(yunjian.WithRetry(2, time.Millisecond))
	v.tt, v.ty = &orgsync.TuzhanTarget{Client: t}, &orgsync.YunjianTarget{Client: y}
	v.source, v.targets = v.src, []orgsync.Target{v.ta, v.tt, v.ty}
	return v
}

func stageAiguanhuai(tb testing.TB, server *aiguanhuaitest.Server) *orgsync.AiguanhuaiTarget {
	tb.Helper()
	c := server.Client(aiguanhuai.WithRetry(2, time.Millisecond))
	return &orgsync.AiguanhuaiTarget{Client: c}
}

func (v *vendors) users() map[string]yunjian.User { return usersOf(v.yj) }

func (v *vendors) staff() map[string]tuzhan.Employee { return staffOf(v.tz) }

func (v *vendors) members() map[string]aiguanhuai.Person { return membersOf(v.agh) }

// inService counts the people in service at 爱关怀.
func (v *vendors) inService() int {
	n := 0
	for _, p := range v.agh.People() {
		if p.Status == aiguanhuai.StatusActive {
			n++
		}
	}
	return n
}

func seeded(n int) string   { return fmt.Sprintf("person-%05d", n) }
func seededNo(n int) string { return fmt.Sprintf("E%05d", n) }

// player is a person of a stage with a number, in a department.
func player(n int, department string) orgmodel.Person {
	p := orgmodel.Person{ID: fmt.Sprintf("p%05d", n)}
	p.SetName(fmt.Sprintf("员工%c%c", rune('一'+n/500), rune('丁'+n%500)))
	p.SetMobile(fmt.Sprintf("138%08d", n))
	p.SetEmployeeNo(fmt.Sprintf("N%05d", n))
	p.SetStatus(orgmodel.StatusActive)
	p.SetDepartmentIDs(department)
	return p
}

func playerID(n int) string { return player(n, "").ID }
