package orgsync_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func requireGuard(t *testing.T, err error, kind orgsync.Kind) *orgsync.GuardError {
	t.Helper()
	var guard *orgsync.GuardError
	require.ErrorAs(t, err, &guard)
	for _, v := range guard.Violations {
		if v.Kind == kind {
			return guard
		}
	}
	require.Failf(t, "another violation", "%v", guard)
	return nil
}

// A listing that came back empty was taken for "everybody has left".
func TestI01_ssosync194(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()

	t.Run("fewer", func(t *testing.T) {
		for i := range 36 {
			w.source.RemovePerson(person(i + 20))
		}
		_, err := w.run(orgsync.RunOptions{Full: true})
		guard := requireGuard(t, err, orgsync.KindFewerPeople)
		assert.Zero(t, w.writes())
		_, err = w.run(orgsync.RunOptions{Full: true, Approve: orgsync.Approve{Digest: guard.Digest + "0"}})
		requireGuard(t, err, orgsync.KindFewerPeople)
		assert.Zero(t, w.writes())
		_, err = w.run(orgsync.RunOptions{Full: true, Approve: orgsync.Approve{Digest: guard.Digest}})
		require.NoError(t, err)
		assert.Len(t, w.t.Employees(), 24)
	})
	t.Run("nothing", func(t *testing.T) {
		for _, o := range w.source.Orgs() {
			w.source.RemoveOrg(o.OrgID)
		}
		for _, options := range []orgsync.RunOptions{{}, {Full: true}, {Force: true, Full: true}} {
			_, err := w.run(options)
			guard := requireGuard(t, err, orgsync.KindNothing)
			assert.Empty(t, guard.Digest)
			assert.Zero(t, w.writes())
		}
	})
}

// Most of the company left, the feed said so, and somebody approved: the next full
// reading misses nobody.
func TestI01_approvedLeaversAreNotMissedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	for i := range 36 {
		w.source.Leave(person(i + 20))
	}
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindPeople)
	report := w.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	assert.False(t, report.Reading.Full)
	w.requireInStep()
	w.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, w.writes())

	// From there on everybody counts again.
	for i := range 12 {
		w.source.RemovePerson(person(i + 1))
	}
	_, err = w.run(orgsync.RunOptions{Full: true})
	requireGuard(t, err, orgsync.KindFewerPeople)
	assert.Zero(t, w.writes())
}

// Nobody in the feed, while the departments are there.
func TestI01_ssosync159(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	for i := range 60 {
		w.source.RemovePerson(person(i + 1))
	}
	_, err := w.run(orgsync.RunOptions{Full: true, Force: true})
	requireGuard(t, err, orgsync.KindNothing)
	assert.Zero(t, w.writes())
}

// A failed page was skipped, and whoever was on it was deleted.
func TestI02_ssosync278(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 20, Prefetch: 1}
	w.sync()
	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001"})
	for _, op := range []string{"getallorgs", "getallpersons"} {
		for page := range 2 {
			fault := yunzhijiatest.Status(500).On(op).After(page).Always()
			if op == "getallpersons" || page == 0 {
				w.source.Inject(fault)
				_, err := w.run(orgsync.RunOptions{Full: true})
				var failed *orgsync.SourceError
				require.ErrorAs(t, err, &failed)
				assert.Zero(t, w.writes())
				w.source.ClearFaults()
			}
		}
	}
	w.sync()
	w.requireInStep()
}

// A row that could not be read makes the reading incomplete: it adds, and removes no one
// except a leaver who was confirmed (I25). People missing from it are withheld, and named.
func TestI02_ssosync234(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.source.AddPerson(yunzhijia.Person{Name: "无号", OrgID: "org-0003"}) // no openId
	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001"})
	w.source.Leave(person(5))
	w.source.RemovePerson(person(6))
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.False(t, report.Reading.Complete)
	for name, removed := range map[string]orgsync.Action{"aiguanhuai": orgsync.Disable, "tuzhan": orgsync.Delete, "yunjian": orgsync.Disable} {
		assert.Equal(t, map[orgsync.Action]int{orgsync.Create: 1, removed: 1}, target(report, name).Done, name)
		assert.Equal(t, []string{person(6)}, ids(target(report, name).Withheld), name)
	}
}

// A changed mapping rewrote every record without anybody having asked.
func TestI04_authentik19295(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.aiguanhuai.Adapter.OrgSource = 1
	_, err := w.run(orgsync.RunOptions{})
	guard := requireGuard(t, err, orgsync.KindSettings)
	assert.Zero(t, w.writes())
	report := w.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	assert.Equal(t, 60, target(report, "aiguanhuai").Done[orgsync.Update])
	w.sync()
	assert.Zero(t, w.writes())
}

// A record without its key attribute is set aside, not given another key.
func TestI04_wgportal571(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	w.yunjian.Adapter.UserNo = orgmodel.KeyEmployeeNo
	w.source.AddPerson(yunzhijia.Person{OpenID: "no-number", Name: "赵新", Phone: "13900000001", OrgID: "org-0003"})
	report := w.sync()
	assert.Equal(t, []string{"no-number"}, ids(target(report, "yunjian").Skipped))
	assert.Len(t, w.y.Users(), 20)
}

// Accounts that the sync had never made were deleted by it.
func TestI05_ssosync88(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	w.sync() // departments are there from now on
	add := func(id string) {
		_, err := w.tuzhan.Client.AddEmployees(t.Context(), []tuzhan.Employee{{
			ThirdUserID: id, UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "钱前", Phone: "13900000002",
			ThirdDeptID: "org-0003", RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
		}})
		require.NoError(t, err)
		_, err = w.yunjian.Client.SyncUsers(t.Context(), []yunjian.User{{UserNo: id, FullName: "钱前", Mobile: "13900000002"}})
		require.NoError(t, err)
		_, err = w.aiguanhuai.Client.UpdatePeople(t.Context(), []aiguanhuai.Person{{UserID: id, Account: id, RealName: "钱前", Status: aiguanhuai.StatusActive}})
		require.NoError(t, err)
	}
	add("left-before")
	add("somebody-else")
	w.source.AddPerson(yunzhijia.Person{OpenID: "left-before", Name: "钱前", Phone: "13900000002", OrgID: "org-0003", Status: yunzhijia.StatusLeft})
	report := w.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, w.writes(), report.Text())
	assert.Len(t, w.t.Employees(), 22)
	assert.Len(t, w.a.People(), 22)
}

// "Disable all, then enable again" crashed half-way. Whatever is removed comes last.
func TestI06_bkuser199(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 40)
	w.sync()
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"})
	for _, p := range w.source.People() {
		if p.OrgID == "org-0012" {
			w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-new" })
		}
	}
	w.source.RemoveOrg("org-0012")
	w.source.Leave(person(2))
	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-new", JobNo: "E90001"})
	w.sync()
	w.requireInStep()
	var order []string
	for _, r := range w.t.Requests() {
		var body struct {
			PublicParams struct {
				OptType string `json:"optType"`
			} `json:"publicParams"`
		}
		if r.Op == tuzhantest.OpToken {
			continue
		}
		require.NoError(t, json.Unmarshal(r.Body, &body))
		order = append(order, r.Op+" "+body.PublicParams.OptType)
	}
	assert.Equal(t, []string{
		"dept/batchAdd add", "channel/employee/batchAdd update", "channel/employee/batchAdd add",
		"channel/employee/batchAdd delete", "dept/batchAdd delete",
	}, order)
}

// A sync that had transferred nobody reported success.
func TestI07_CordysCRM1708(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	for _, p := range w.source.People() {
		w.y.RefuseRecord(p.JobNo, "职级未维护")
	}
	report, err := w.run(orgsync.RunOptions{})
	var failed *orgsync.TargetError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "yunjian", failed.Target)
	assert.Equal(t, 20, failed.Failed)
	assert.Len(t, target(report, "yunjian").Failed, 20)
	assert.NotEmpty(t, report.Error)
	for _, p := range w.source.People() {
		w.y.RefuseRecord(p.JobNo, "")
	}
	report = w.sync() // although the feed is silent
	assert.Equal(t, "yunjian does not hold everything yet", report.Reading.Why)
	assert.Equal(t, 20, target(report, "yunjian").Done[orgsync.Create]+target(report, "yunjian").Done[orgsync.Update])
	w.requireInStep()
}

// What the point read contradicts is not absence.
func TestAbsenceIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.source.RemovePerson(person(7))
	w.source.Inject(yunzhijiatest.Status(404).On("getperson").Always())
	report, err := w.run(orgsync.RunOptions{Full: true})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted)
	assert.True(t, doubted.Unanswered)
	assert.Zero(t, w.writes(), "a gateway's 404 for everyone proves nothing")
	assert.Equal(t, []string{person(7)}, ids(report.Reading.Doubts))
	w.source.ClearFaults()

	report = w.sync()
	assert.Equal(t, "an absence could not be confirmed", report.Reading.Why)
	assert.Len(t, w.t.Employees(), 59)
}

func TestGrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.options = []orgsync.Option{orgsync.WithGrace(3)}
	w.sync()
	w.source.RemovePerson(person(7))
	for i := range 2 {
		report := w.sync(orgsync.RunOptions{Full: true})
		assert.Zero(t, w.writes(), "run %d", i)
		assert.Len(t, report.Reading.Doubts, 1)
	}
	w.sync(orgsync.RunOptions{Full: true})
	assert.Len(t, w.t.Employees(), 59)
}

func TestGuardErrorsAreReadable(t *testing.T) {
	t.Parallel()
	err := error(&orgsync.GuardError{Violations: []orgsync.Violation{
		{Kind: orgsync.KindPeople, Target: "tuzhan", Planned: 300, Recent: 20, Of: 1000, Allowed: 50},
		{Kind: orgsync.KindSettings, Target: "yunjian", Planned: 7}, {Kind: orgsync.KindNothing},
	}})
	assert.EqualError(t, err, "orgsync: stopped by the guard before anything was sent: "+
		"tuzhan: people removed: 300 of 1000, 50 allowed, and 20 within the last 24 hours; "+
		"yunjian: settings changed (7 changes); nothing at the source")
	assert.Equal(t, "orgsync: x: 1 failed, 2 not sent: boom",
		(&orgsync.TargetError{Target: "x", Failed: 1, NotSent: 2, Err: errors.New("boom")}).Error())
}
