package orgsync_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// scene is a company at 云之家 and three targets, in memory, where a test can stand
// between engine and vendors. After every call to 云简 and 爱关怀 it checks that no one
// in service who had an account lost it.
type scene struct {
	tb     testing.TB
	source *yunzhijiatest.Server
	a      *aiguanhuaitest.Server
	t      *tuzhantest.Server
	y      *yunjiantest.Server

	mu      sync.Mutex
	clock   time.Time
	ahead   time.Duration // of the source's clock
	already map[string]sceneAccounts

	fromSource, toAiguanhuai, toYunjian *sceneTap

	store   orgsync.Store
	reader  *orgsync.YunzhijiaSource
	ta      *orgsync.AiguanhuaiTarget
	tt      *orgsync.TuzhanTarget
	ty      *orgsync.YunjianTarget
	options []orgsync.Option
	targets []orgsync.Target // default: all three
	loses   bool             // accounts may be lost on the way: not checked
}

// sceneAccounts are the people, by id, who had an active account when a run began,
// with the mobile that the target knew.
type sceneAccounts map[string]string

func newScene(tb testing.TB, orgs, people int) *scene {
	tb.Helper()
	s := &scene{tb: tb, clock: time.Date(2026, 3, 2, 9, 0, 0, 0, yunzhijia.Beijing()), store: orgsync.NewMemoryStore()}
	s.source = yunzhijiatest.NewInMemory(yunzhijiatest.WithClock(s.sourceNow), yunzhijiatest.WithTokenLife(1e6*time.Hour),
		yunzhijiatest.WithContacts(), yunzhijiatest.Seed(orgs, people))
	s.a, s.t = aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory()
	s.y = yunjiantest.NewInMemory(yunjiantest.WithSessionLife(1e5 * time.Hour))
	tb.Cleanup(func() { s.source.Close(); s.a.Close(); s.t.Close(); s.y.Close() })
	s.fromSource = &sceneTap{next: s.source.Transport()}
	s.toAiguanhuai = &sceneTap{next: s.a.Transport(), after: func() { s.keepsAccounts("aiguanhuai") }}
	s.toYunjian = &sceneTap{next: s.y.Transport(), after: func() { s.keepsAccounts("yunjian") }}

	const attempts, wait = 2, time.Microsecond
	source, err := yunzhijia.New(s.source.Config(), yunzhijia.WithHTTPClient(s.fromSource.client()), yunzhijia.WithClock(s.now),
		yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(attempts, wait))
	require.NoError(tb, err)
	a, err := aiguanhuai.New(s.a.Config(), aiguanhuai.WithHTTPClient(s.toAiguanhuai.client()), aiguanhuai.WithRetry(attempts, wait))
	require.NoError(tb, err)
	t := s.t.Client(tuzhan.WithRetry(attempts, wait))
	y, err := yunjian.New(s.y.Config(), yunjian.WithHTTPClient(s.toYunjian.client()), yunjian.WithRetry(attempts, wait))
	require.NoError(tb, err)
	s.reader = &orgsync.YunzhijiaSource{Client: source}
	s.ta, s.tt, s.ty = &orgsync.AiguanhuaiTarget{Client: a}, &orgsync.TuzhanTarget{Client: t}, &orgsync.YunjianTarget{Client: y}
	return s
}

func (s *scene) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *scene) sourceNow() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.Add(s.ahead)
}

func (s *scene) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func (s *scene) sourceAhead(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = d
}

// run runs the engine an hour later.
func (s *scene) run(options ...orgsync.RunOptions) (*orgsync.Report, error) {
	s.tb.Helper()
	s.later(time.Hour)
	targets := s.targets
	if targets == nil {
		targets = []orgsync.Target{s.ta, s.tt, s.ty}
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "acme", Source: s.reader, Store: s.store, Targets: targets},
		append([]orgsync.Option{orgsync.WithClock(s.now)}, s.options...)...)
	require.NoError(s.tb, err)
	s.begins()
	return engine.Run(s.tb.Context(), append(options, orgsync.RunOptions{})[0])
}

// sync runs the engine and demands success.
func (s *scene) sync(options ...orgsync.RunOptions) *orgsync.Report {
	s.tb.Helper()
	report, err := s.run(options...)
	require.NoError(s.tb, err, report.Text())
	return report
}

// settle runs the engine until a run succeeds, at most twice more.
func (s *scene) settle() {
	s.tb.Helper()
	report, err := s.run()
	for n := 0; err != nil && n < 2; n++ {
		report, err = s.run()
	}
	require.NoError(s.tb, err, report.Text())
}

func (s *scene) number(id, no string) {
	s.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.JobNo = no })
}

func (s *scene) hire(id, no string) {
	s.source.AddPerson(yunzhijia.Person{
		OpenID: id, Name: "新同事" + id, Phone: fmt.Sprintf("139%08d", len(s.source.People())), OrgID: "org-0001", JobNo: no, JobTitle: "专员",
	})
}

func (s *scene) inService() map[string]yunzhijia.Person {
	people := map[string]yunzhijia.Person{}
	for _, p := range s.source.People() {
		if p.Status == yunzhijia.StatusActive {
			people[p.OpenID] = p
		}
	}
	return people
}

func (s *scene) users() map[string]yunjian.User { return usersOf(s.y) }

func (s *scene) members() map[string]aiguanhuai.Person { return membersOf(s.a) }

func (s *scene) staff() map[string]tuzhan.Employee { return staffOf(s.t) }

// mobiles returns how many active records a target has for each mobile.
func (s *scene) mobiles(target string) map[string]int {
	mobiles := map[string]int{}
	if target == "yunjian" {
		for _, u := range s.y.Users() {
			if !u.IsLeave {
				mobiles[u.Mobile]++
			}
		}
		return mobiles
	}
	for _, p := range s.a.People() {
		if p.Status == aiguanhuai.StatusActive {
			mobiles[p.Mobile.Or("")]++
		}
	}
	return mobiles
}

// begins notes who has an account as a run begins.
func (s *scene) begins() {
	already := map[string]sceneAccounts{"yunjian": {}, "aiguanhuai": {}}
	for target, accounts := range already {
		mobiles := s.mobiles(target)
		for id, p := range s.inService() {
			if mobiles[p.Phone] > 0 {
				accounts[id] = p.Phone
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.already = already
}

// keepsAccounts fails the test if a call took an account from a person in service.
func (s *scene) keepsAccounts(target string) {
	if s.loses {
		return
	}
	s.mu.Lock()
	already := s.already[target]
	s.mu.Unlock()
	mobiles := s.mobiles(target)
	for id, mobile := range already {
		if mobiles[mobile] == 0 {
			assert.Failf(s.tb, "an account was lost", "%s is in service and has no active record at %s after a call", id, target)
		}
	}
}

// wrong lists the records at 云简 and 爱关怀 that are not what the source says: active
// ones of no one in service, and people in service without exactly their own.
func (s *scene) wrong() []string {
	var wrong []string
	people := s.inService()
	byNo, byID := map[string]yunzhijia.Person{}, people
	for id, p := range people {
		no := p.JobNo
		if no == "" {
			no = id
		}
		byNo[no] = p
	}
	for no, u := range s.users() {
		if p, there := byNo[no]; !u.IsLeave && (!there || p.Name != u.FullName || p.Phone != u.Mobile) {
			wrong = append(wrong, "云简 "+no+" is active")
		}
	}
	for no, p := range byNo {
		if u, there := s.users()[no]; !there || u.IsLeave || u.Mobile != p.Phone {
			wrong = append(wrong, "云简 lacks "+no+" for "+p.OpenID)
		}
	}
	for id, m := range s.members() {
		if _, there := byID[id]; m.Status == aiguanhuai.StatusActive && !there {
			wrong = append(wrong, "爱关怀 "+id+" is active")
		}
	}
	for id, p := range people {
		no := p.JobNo
		if no == "" {
			no = id
		}
		if m, there := s.members()[id]; !there || m.Status != aiguanhuai.StatusActive || m.Account != no || m.RealName != p.Name || m.Mobile.Or("") != p.Phone {
			wrong = append(wrong, fmt.Sprintf("爱关怀 has %q instead of %q for %s", m.Account, no, id))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func (s *scene) requireRight() {
	s.tb.Helper()
	require.Empty(s.tb, s.wrong())
}

func (s *scene) requireStatus(no string, leave bool) {
	s.tb.Helper()
	u, there := s.users()[no]
	require.True(s.tb, there, "云简 never had %s; it has %v", no, slices.Sorted(maps.Keys(s.users())))
	require.Equal(s.tb, leave, u.IsLeave, "isLeave of %s at 云简", no)
}

func sceneID(n int) string { return fmt.Sprintf("person-%05d", n) }
func sceneNo(n int) string { return fmt.Sprintf("E%05d", n) }

func sceneTarget(r *orgsync.Report, name string) orgsync.TargetReport {
	i := slices.IndexFunc(r.Targets, func(t orgsync.TargetReport) bool { return t.Name == name })
	if i < 0 {
		return orgsync.TargetReport{}
	}
	return r.Targets[i]
}

// sceneNamed reports whether notes name a record.
func sceneNamed(notes []orgsync.Note, id string) bool {
	return slices.ContainsFunc(notes, func(n orgsync.Note) bool { return n.ID == id })
}

func sceneIs[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
