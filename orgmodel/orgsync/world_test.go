package orgsync_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// world is the four vendors in memory, with a clock of their own.
type world struct {
	tb     testing.TB
	mu     sync.Mutex
	clock  time.Time
	source *yunzhijiatest.Server
	a      *aiguanhuaitest.Server
	t      *tuzhantest.Server
	y      *yunjiantest.Server
	store  orgsync.Store
	mark   time.Time // the watermark of the last run that was watched

	yunzhijia  *orgsync.YunzhijiaSource
	directory  *orgsync.YunzhijiaDirectorySource
	bySync     bool // read by the latter
	aiguanhuai *orgsync.AiguanhuaiTarget
	tuzhan     *orgsync.TuzhanTarget
	yunjian    *orgsync.YunjianTarget
	options    []orgsync.Option
	unsealed   bool // run without a sealing key
	wrap       func(orgsync.Store) orgsync.Store
	afterCall  func() // while a run is watched: told after every call to a target
}

// sealingKey is the key of every world: people who vanish can be disabled everywhere.
func sealingKey() []byte { return []byte("0123456789abcdef0123456789abcdef") }

func newWorld(tb testing.TB, orgs, people int, options ...yunzhijiatest.Option) *world {
	tb.Helper()
	w := &world{tb: tb, clock: time.Date(2026, 3, 2, 9, 0, 0, 0, yunzhijia.Beijing()), store: orgsync.NewMemoryStore()}
	w.source = yunzhijiatest.NewInMemory(append([]yunzhijiatest.Option{
		yunzhijiatest.WithClock(w.now), yunzhijiatest.WithTokenLife(1000 * 24 * time.Hour),
		yunzhijiatest.WithContacts(), yunzhijiatest.Seed(orgs, people),
	}, options...)...)
	w.a = aiguanhuaitest.NewInMemory()
	w.t = tuzhantest.NewInMemory()
	// Not by the world's clock, which jumps: a login that outlives a run which died would
	// bear a time long past.
	w.y = yunjiantest.NewInMemory(yunjiantest.WithSessionLife(1000 * 24 * time.Hour))
	tb.Cleanup(func() { w.source.Close(); w.a.Close(); w.t.Close(); w.y.Close() })

	source, err := yunzhijia.New(w.source.Config(), yunzhijia.WithHTTPClient(w.source.HTTPClient()),
		yunzhijia.WithClock(w.now), yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	a, err := aiguanhuai.New(w.a.Config(), aiguanhuai.WithHTTPClient(w.noting(w.a.Transport())), aiguanhuai.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	t, err := tuzhan.New(w.t.Config(), tuzhan.WithHTTPClient(w.noting(w.t.Transport())), tuzhan.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	y, err := yunjian.New(w.y.Config(), yunjian.WithHTTPClient(w.noting(w.y.Transport())), yunjian.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	directory, err := yunzhijia.New(w.source.SyncConfig(), yunzhijia.WithHTTPClient(w.source.HTTPClient()),
		yunzhijia.WithClock(w.now), yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
	require.NoError(tb, err)
	w.yunzhijia = &orgsync.YunzhijiaSource{Client: source}
	w.directory = &orgsync.YunzhijiaDirectorySource{Client: directory}
	w.aiguanhuai = &orgsync.AiguanhuaiTarget{Client: a}
	w.tuzhan = &orgsync.TuzhanTarget{Client: t}
	w.yunjian = &orgsync.YunjianTarget{Client: y}
	return w
}

// noting returns a client that tells afterCall of every call that has been made.
func (w *world) noting(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := transport.RoundTrip(r)
		w.mu.Lock()
		after := w.afterCall
		w.mu.Unlock()
		if after != nil {
			after()
		}
		return response, err
	})}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) engine() *orgsync.Engine {
	w.tb.Helper()
	store := w.store
	if w.wrap != nil {
		store = w.wrap(store)
	}
	options := []orgsync.Option{orgsync.WithClock(w.now)}
	if !w.unsealed {
		options = append(options, orgsync.WithSealing(sealingKey()))
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: w.reader(), Store: store,
		Targets: []orgsync.Target{w.aiguanhuai, w.tuzhan, w.yunjian},
	}, append(options, w.options...)...)
	require.NoError(w.tb, err)
	return engine
}

func (w *world) reader() orgsync.Source {
	if w.bySync {
		return w.directory
	}
	return w.yunzhijia
}

func (w *world) run(options orgsync.RunOptions) (*orgsync.Report, error) {
	w.tb.Helper()
	w.later(time.Hour)
	w.reset()
	return w.engine().Run(w.tb.Context(), options)
}

// sync runs and demands that all is well.
func (w *world) sync(options ...orgsync.RunOptions) *orgsync.Report {
	w.tb.Helper()
	report, err := w.run(append(options, orgsync.RunOptions{})[0])
	require.NoError(w.tb, err, report.Text())
	return report
}

func (w *world) reset() {
	w.source.Reset()
	w.a.Reset()
	w.t.Reset()
	w.y.Reset()
}

// writes counts the calls that change a target.
func (w *world) writes() int {
	return w.a.Count("") + w.t.Count(tuzhantest.OpDepartments) + w.t.Count(tuzhantest.OpEmployees) + w.y.Count(yunjiantest.OpSyncUsers)
}

// requireInStep compares departments and people in service at each target with the source.
func (w *world) requireInStep() {
	w.tb.Helper()
	wantPeople, users := map[string]string{}, map[string]string{}
	orgs, names := map[string]string{}, map[string]string{}
	for _, o := range w.source.Orgs() {
		orgs[o.OrgID], names[o.OrgID] = o.ParentID+"|"+o.Name, o.Name
	}
	for _, p := range w.source.People() {
		if p.Status == yunzhijia.StatusActive {
			wantPeople[p.OpenID] = strings.Join([]string{p.Name, p.Phone, w.departments(p), p.JobTitle}, "|")
			users[p.OpenID] = strings.Join([]string{p.Name, p.Phone, p.OrgID, names[p.OrgID]}, "|")
		}
	}
	gotDepartments, gotPeople, accounts := map[string]string{}, map[string]string{}, map[string]string{}
	for _, d := range w.a.Departments() {
		if d.Status != aiguanhuai.StatusActive {
			continue // dissolved
		}
		gotDepartments[d.DepartmentID] = d.ParentID.Or("") + "|" + d.DepartmentName
	}
	for _, p := range w.a.People() {
		if p.Status == aiguanhuai.StatusActive && !strings.HasPrefix(p.UserID, "foreign") {
			gotPeople[p.UserID] = strings.Join([]string{p.RealName, p.Mobile.Or(""), strings.Join(p.DepartmentID.Or(nil), ","), p.Position.Or("")}, "|")
			accounts[p.Account] += p.UserID
		}
	}
	require.Equal(w.tb, orgs, gotDepartments, "departments at 爱关怀")
	require.Equal(w.tb, wantPeople, gotPeople, "people at 爱关怀")
	require.Len(w.tb, accounts, len(gotPeople), "accounts at 爱关怀")

	gotDepartments, gotPeople = map[string]string{}, map[string]string{}
	for _, d := range w.t.Departments() {
		if strings.HasPrefix(d.ThirdDeptID, "foreign") {
			continue
		}
		gotDepartments[d.ThirdDeptID] = d.ThirdParentID + "|" + d.DeptName
	}
	for _, p := range w.t.Employees() {
		if strings.HasPrefix(p.ThirdUserID, "foreign") {
			continue
		}
		gotPeople[p.ThirdUserID] = strings.Join([]string{p.ChannelName, p.Phone, strings.Join(append([]string{p.ThirdDeptID}, p.DeputyDeptIDs.Or(nil)...), ","), p.Job.Or("")}, "|")
	}
	require.Equal(w.tb, orgs, gotDepartments, "departments at 兔展")
	require.Equal(w.tb, wantPeople, gotPeople, "people at 兔展")
	w.requireUsers(users, accounts)
}

// departments are those that the source tells of: the side departments by the directory
// interface alone.
func (w *world) departments(p yunzhijia.Person) string {
	var sides []string
	for _, job := range w.source.SideJobs(p.OpenID) {
		if w.bySync && job.OrgID != p.OrgID {
			sides = append(sides, job.OrgID)
		}
	}
	slices.Sort(sides)
	return strings.Join(append([]string{p.OrgID}, slices.Compact(sides)...), ",")
}

// requireUsers compares the users of 云简 with records by id. A person is known there,
// and at 爱关怀, by the number that the source gives, and by an earlier one or the id if
// it gives none.
func (w *world) requireUsers(records, accounts map[string]string) {
	w.tb.Helper()
	got := map[string]string{}
	for _, u := range w.y.Users() {
		if !u.IsLeave && !strings.HasPrefix(u.UserNo, "foreign") {
			got[u.UserNo] = strings.Join([]string{u.FullName, u.Mobile, u.DepartmentCode.Or(""), u.DepartmentName.Or("")}, "|")
		}
	}
	want := map[string]string{}
	var unnumbered []string
	for _, p := range w.source.People() {
		switch no := strings.TrimSpace(p.JobNo); {
		case p.Status != yunzhijia.StatusActive:
		case no == "":
			unnumbered = append(unnumbered, p.OpenID)
		default:
			want[no] = records[p.OpenID]
			require.Equal(w.tb, p.OpenID, accounts[no], "account %s at 爱关怀", no)
		}
	}
	for _, id := range unnumbered {
		for no, record := range got {
			if _, numbered := want[no]; !numbered && record == records[id] {
				want[no] = record
				break
			}
		}
	}
	require.Equal(w.tb, want, got, "users at 云简")
	require.Len(w.tb, got, len(records), "users at 云简")
}

func person(n int) string { return fmt.Sprintf("person-%05d", n) }

func ids(notes []orgsync.Note) []string {
	var list []string
	for _, n := range notes {
		list = append(list, n.ID)
	}
	slices.Sort(list)
	return list
}

func target(r *orgsync.Report, name string) orgsync.TargetReport {
	for _, t := range r.Targets {
		if t.Name == name {
			return t
		}
	}
	return orgsync.TargetReport{}
}
