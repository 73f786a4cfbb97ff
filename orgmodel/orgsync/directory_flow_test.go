package orgsync_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// newDirectory is a world that is read by the directory interface: no roster is needed.
func newDirectory(tb testing.TB, orgs, people int, options ...yunzhijiatest.Option) *world {
	tb.Helper()
	w := newWorld(tb, orgs, people, options...)
	w.bySync = true
	return w
}

func (w *world) atCare(id string) aiguanhuai.Person {
	w.tb.Helper()
	people := w.a.People()
	i := slices.IndexFunc(people, func(p aiguanhuai.Person) bool { return p.UserID == id })
	require.GreaterOrEqual(w.tb, i, 0, "%s is not at 爱关怀", id)
	return people[i]
}

// What the directory interface knows more reaches the targets that have a field for it.
func TestDirectory_firstSync(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 30)
	w.source.SetDetails("person-00007", yunzhijiatest.Details{Birthday: "1990-05-17", HireDate: "2019-03-01"})
	w.source.SetSideJobs("person-00007", yunzhijia.SideJob{OrgID: "org-0005"}, yunzhijia.SideJob{OrgID: "org-0003"}, yunzhijia.SideJob{OrgID: "org-0002"})
	report := w.synced(t)
	require.Equal(t, "yunzhijia/openimport", report.Source)
	w.requireInStep()
	p := w.atCare("person-00007")
	assert.Equal(t, []string{"org-0002", "org-0003", "org-0005"}, p.DepartmentID.Or(nil), "the main one first, and once")
	assert.Equal(t, "19900517", p.Birthday.Or(aiguanhuai.Date{}).Compact())
	assert.Equal(t, "20190301", p.JoinDate.Or(aiguanhuai.Date{}).Compact())
	assert.Equal(t, "person-00007@example.com", p.Email.Or(""))
	for _, e := range w.t.Employees() {
		if e.ThirdUserID == "person-00007" {
			assert.Equal(t, []string{"org-0003", "org-0005"}, e.DeputyDeptIDs.Or(nil))
		}
	}
	_, born := w.atCare("person-00008").Birthday.Get()
	assert.False(t, born, "a birthday that is not known")

	w.synced(t)
	assert.Zero(t, w.writes(), "nothing changed")
	for op, n := range map[string]int{"dept/getall": 1, "dept/getAtTime": 1, "person/getAtTime": 1, "person/getall": 0, "person/get": 0} {
		assert.Equal(t, n, w.source.Count(op), op)
	}
}

func (w *world) synced(t *testing.T, options ...orgsync.RunOptions) *orgsync.Report {
	t.Helper()
	report, err := w.watched(append(options, orgsync.RunOptions{})[0])
	require.NoError(t, err, report.Text())
	return report
}

func TestDirectory_incremental(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.synced(t)
	for name, change := range map[string]func(){
		"hired": func() {
			w.source.AddPerson(yunzhijia.Person{OpenID: "new", Name: "新人", Phone: "13900000001", OrgID: "org-0003"})
		},
		"retitled": func() { w.source.UpdatePerson("person-00009", func(p *yunzhijia.Person) { p.JobTitle = "顾问" }) },
		"moved":    func() { w.source.UpdatePerson("person-00011", func(p *yunzhijia.Person) { p.OrgID = "org-0004" }) },
		"born":     func() { w.source.SetDetails("person-00012", yunzhijiatest.Details{Birthday: "1991-02-03"}) },
		"left":     func() { w.source.Leave("person-00013") },
		"disabled": func() {
			w.source.UpdatePerson("person-00014", func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusDisabled })
		},
	} {
		change()
		report := w.synced(t)
		assert.False(t, report.Reading.Full, name)
		assert.Zero(t, w.source.Count("person/getall"), name)
		assert.NotZero(t, w.writes(), name)
		w.requireInStep()
		w.synced(t)
		assert.Zero(t, w.writes(), name)
	}
	assert.Equal(t, "19910203", w.atCare("person-00012").Birthday.Or(aiguanhuai.Date{}).Compact())
	w.source.UpdatePerson("person-00013", func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	w.synced(t)
	w.requireInStep()
}

// A changed tree makes the reading full; a deleted department goes.
func TestDirectory_departments(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]yunzhijiatest.Option{"root not listed": nil, "root listed": {yunzhijiatest.WithListedRoot()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDirectory(t, 6, 30, options...)
			w.synced(t)
			for _, change := range []func(){
				func() { w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"}) },
				func() { w.source.UpdateOrg("org-0003", func(o *yunzhijia.Org) { o.Name = "改名" }) },
				func() { w.source.UpdateOrg("org-0004", func(o *yunzhijia.Org) { o.ParentID = "org-0003" }) },
				func() { w.source.UpdateOrg("org-0001", func(o *yunzhijia.Org) { o.Name = "示例集团" }) },
				func() { w.source.RemoveOrg("org-new") },
			} {
				change()
				require.True(t, w.synced(t).Reading.Full)
				w.requireInStep()
				require.False(t, w.synced(t).Reading.Full)
			}
		})
	}
}

// A side job that ends leaves no trace but a missing row, which the next run sees.
func TestDirectory_sideJobEnds(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 30)
	side := func(ids ...string) (jobs []yunzhijia.SideJob) {
		for _, id := range ids {
			jobs = append(jobs, yunzhijia.SideJob{OrgID: id})
		}
		return jobs
	}
	w.source.SetSideJobs("person-00007", side("org-0003", "org-0004")...)
	w.synced(t)
	for _, c := range []struct {
		sides []string
		want  []string
	}{
		{[]string{"org-0004"}, []string{"org-0002", "org-0004"}},
		{[]string{"org-0004", "org-0005"}, []string{"org-0002", "org-0004", "org-0005"}},
		{nil, []string{"org-0002"}},
		{[]string{"org-0003"}, []string{"org-0002", "org-0003"}},
	} {
		w.source.SetSideJobs("person-00007", side(c.sides...)...)
		report := w.synced(t)
		require.False(t, report.Reading.Full)
		require.Equal(t, c.want, w.atCare("person-00007").DepartmentID.Or(nil))
		require.Equal(t, map[string]bool{"person-00007": true}, w.sent()["aiguanhuai"], "and no one else")
		w.synced(t)
		require.Zero(t, w.writes())
	}
}

// A list of side jobs that cannot be trusted takes nothing away: people are asked for.
func TestDirectory_sideJobsInDoubt(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(rows []any) []any{
		"a row of a person": func(rows []any) []any { rows[0].(map[string]any)["orgId"] = []any{}; return rows },
		"an unreadable row": func(rows []any) []any { rows[0] = "?"; return rows },
		"without a person":  func(rows []any) []any { delete(rows[0].(map[string]any), "openId"); return rows },
		"cut short":         func(rows []any) []any { return rows[:1] },
		"an empty list":     func([]any) []any { return []any{} },
	} {
		for _, full := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newDirectory(t, 5, 30)
				w.source.SetSideJobs("person-00007", yunzhijia.SideJob{OrgID: "org-0004"})
				w.source.SetSideJobs("person-00009", yunzhijia.SideJob{OrgID: "org-0005"})
				w.synced(t)
				w.source.Inject(yunzhijiatest.MutateBody(editRows(edit)).On("company/queryPartTimeJobs").Always())
				w.synced(t, orgsync.RunOptions{Full: full})
				assert.Zero(t, w.writes())
				assert.Positive(t, w.source.Count("relation/queryPersonOrgJobInfo"))
				assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare("person-00007").DepartmentID.Or(nil))
			})
		}
	}
}

// A masked phone is no phone: it changes nothing, and no one gets a made-up one.
func TestDirectory_maskedPhone(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 30)
	w.synced(t)
	w.source.SetDetails("person-00006", yunzhijiatest.Details{MaskPhone: true, Contact: `[{"name":"手机","type":"P","value":"13800000006"}]`})
	w.source.UpdatePerson("person-00006", func(p *yunzhijia.Person) { p.JobTitle = "顾问" })
	report, err := w.run(orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, "顾问", w.atCare("person-00006").Position.Or(""))
	phone, known := w.atCare("person-00006").Mobile.Get()
	assert.True(t, !known || phone == "13800000006", "a mask went out")
	assert.Contains(t, report.Text(), "person-00006", "兔展 and 云简 demand one")
}

// Someone whose leaving the feed does not tell of is found by the next full reading.
func TestDirectory_lostByTheFeed(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 30)
	w.synced(t)
	w.source.Leave("person-00006")
	w.source.LoseChanges("person-00006")
	w.synced(t)
	assert.Zero(t, w.writes())
	w.later(8 * 24 * time.Hour)
	require.True(t, w.synced(t).Reading.Full)
	w.requireInStep()
	assert.Equal(t, aiguanhuai.StatusDisabled, w.atCare("person-00006").Status)
}

// A person who vanishes is missing from a full reading, and from person/get.
func TestDirectory_vanished(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 30)
	w.synced(t)
	w.source.RemovePerson("person-00006")
	w.synced(t, orgsync.RunOptions{Full: true})
	assert.Equal(t, aiguanhuai.StatusDisabled, w.atCare("person-00006").Status)
}

// 60 % vanish: the guard stops, and the approved run confirms 100 a call.
func TestDirectory_mostVanished(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 6, 500)
	w.synced(t)
	for i := range 300 {
		w.source.Leave(person(i + 100))
	}
	_, err := w.watched(orgsync.RunOptions{})
	var guard *orgsync.GuardError
	require.ErrorAs(t, err, &guard)
	assert.Zero(t, w.writes())
	report, err := w.watched(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest, By: "test"}})
	require.NoError(t, err, report.Text())
	w.requireInStep()
	assert.LessOrEqual(t, w.source.Count("person/get"), 8, "100 a call")
}
