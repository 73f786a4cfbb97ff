package orgsync_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// since returns the cursors that the feed was asked for.
func (w *world) since() []string {
	var asked []string
	for _, r := range w.source.RequestsTo("getallpersons") {
		form, err := url.ParseQuery(string(r.Body))
		require.NoError(w.tb, err)
		asked = append(asked, form.Get("time"))
	}
	return asked
}

// What changed within the second in which the last reading began was lost.
func TestI08_PostHog64417(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	report := w.sync()
	assert.Equal(t, "2026-03-02 10:00:00", report.Reading.Watermark.Cursor)
	w.source.UpdatePerson(person(3), func(p *yunzhijia.Person) { p.JobTitle = "总监" }) // the clock stands still
	w.sync()
	assert.Equal(t, []string{"2026-03-02 09:55:00"}, w.since(), "an overlap")
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes(), "what is read again is not sent again")
	assert.Equal(t, []string{"2026-03-02 10:55:00"}, w.since())
}

// Nobody ever noticed what the feed had missed.
func TestI08_airbyte14732(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	w.sync()
	w.later(6 * 24 * time.Hour)
	assert.Empty(t, w.sync().Reading.Why)
	w.later(24 * time.Hour)
	assert.Equal(t, "due", w.sync().Reading.Why)
	assert.Zero(t, w.writes())
	assert.Empty(t, w.sync().Reading.Why)

	// Nor does it matter where the source's clock stands, which the cursor is of.
	ours := w.now().Add(5 * 365 * 24 * time.Hour)
	w.options = []orgsync.Option{orgsync.WithClock(func() time.Time { return ours })}
	assert.Equal(t, "due", w.sync().Reading.Why)
	assert.Empty(t, w.sync().Reading.Why)
	ours = ours.Add(-2 * 24 * time.Hour)
	assert.Equal(t, "due", w.sync().Reading.Why, "a clock that went back says nothing")
	assert.Empty(t, w.sync().Reading.Why)
}

// A watermark that went back, or into the future, or lost its zone. That the clock has
// gone back is a reason to read everyone, and that full reading sets the watermark.
func TestI09_ranger165(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 20)
	report := w.sync()
	mark := report.Reading.Watermark
	assert.True(t, mark.Time.Equal(w.now()), "an instant, whatever the zone")

	w.later(-4 * time.Hour)
	report = w.sync()
	assert.Equal(t, "the source's clock has gone back", report.Reading.Why)
	assert.Empty(t, report.Reading.WatermarkWhy)
	mark = report.Reading.Watermark
	assert.True(t, mark.Time.Equal(w.now()))
	report = w.sync()
	assert.False(t, report.Reading.Full)
	mark = report.Reading.Watermark

	ours := w.now()
	w.options = []orgsync.Option{orgsync.WithClock(func() time.Time { return ours })}
	w.later(48 * time.Hour)
	report = w.sync()
	assert.True(t, mark.Time.Equal(report.Reading.Watermark.Time))
	assert.Equal(t, mark.Cursor, report.Reading.Watermark.Cursor)
	assert.Equal(t, "the source's is in the future", report.Reading.WatermarkWhy)
}

// A page came twice, and another one not at all.
func TestI10_duplicati7285(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 5, Prefetch: 1}
	w.sync()
	var first []byte
	repeat := func(body []byte) []byte {
		if first == nil {
			first = bytes.Clone(body)
		}
		return first
	}
	w.source.Leave(person(4))
	w.source.Inject(yunzhijiatest.MutateBody(repeat).On("getallorgs").Always())
	_, err := w.run(orgsync.RunOptions{Full: true})
	require.ErrorIs(t, err, yunzhijia.ErrRepeatedPage)
	assert.Zero(t, w.writes())
	w.source.ClearFaults()

	// A department that is referred to and not there makes the reading incomplete.
	w.source.UpdateOrg("org-0002", func(o *yunzhijia.Org) { o.ParentID = "org-none" })
	report, err := w.run(orgsync.RunOptions{})
	var uncovered *orgsync.CoverageError
	require.ErrorAs(t, err, &uncovered)
	assert.False(t, report.Reading.Complete)
	assert.Contains(t, ids(target(report, "tuzhan").Skipped), "org-0002")
	assert.Equal(t, 3, w.writes(), "the leaver, who was confirmed")
	assert.Len(t, w.t.Employees(), 59)
	assert.Len(t, w.t.Departments(), 12)
}

// A listing was cut off at a cap: 37 of 80 people.
func TestI11_casdoor5035(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 60)
	w.sync()
	w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 20, MaxPages: 2}
	_, err := w.run(orgsync.RunOptions{Full: true})
	require.ErrorIs(t, err, yunzhijia.ErrTooManyPages)
	assert.Zero(t, w.writes())
}

// Somebody without a number was given a random one.
func TestI12_goldapadmin195(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 8)
	w.source.AddPerson(
		yunzhijia.Person{OpenID: "none", Name: "赵无", OrgID: "org-0003", JobNo: "E90001"},
		yunzhijia.Person{OpenID: "masked", Name: "钱藏", Phone: "1326*******4", OrgID: "org-0003", JobNo: "E90002"})
	report := w.sync()
	assert.Equal(t, []string{"masked", "none"}, ids(target(report, "tuzhan").Skipped))
	assert.Equal(t, []string{"masked", "none"}, ids(target(report, "yunjian").Skipped))
	assert.Len(t, w.t.Employees(), 8)
	for _, p := range w.a.People() {
		if p.UserID == "none" || p.UserID == "masked" {
			assert.Equal(t, aiguanhuai.Opt[string]{}, p.Mobile)
		}
	}
}

// A detail call failed and blanked what was there.
func TestI12_casdoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	broken, digest := true, ""
	w.options = []orgsync.Option{orgsync.WithEnrichment(orgsync.Enrichment{
		Person: func(p orgmodel.Person) (orgmodel.Person, error) {
			p.SetPosition("")
			if broken && p.ID == person(9) {
				return p, errors.New("roster not there")
			}
			return p, nil
		},
		Digest: func() string { return digest },
	})}
	digest = "1"
	report := w.sync()
	assert.Equal(t, "the enrichment changed", report.Reading.Why)
	assert.Equal(t, []string{person(9)}, ids(report.Reading.Quarantined))
	for _, p := range w.a.People() {
		assert.NotEmpty(t, p.Position.Or(""), "an incomplete reading clears nothing")
	}
	broken = false
	w.sync(orgsync.RunOptions{Full: true})
	for _, p := range w.a.People() {
		assert.Empty(t, p.Position.Or("?"))
	}
	w.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, w.writes())
}

// Two people with one number were made one.
func TestI13_usersyncpy531(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.source.AddPerson(yunzhijia.Person{OpenID: "twin", Name: "赵新", Phone: "13900000001", OrgID: "org-0003", JobNo: w.source.People()[3].JobNo})
	w.yunzhijia.Pages.Count = 5
	report := w.sync()
	for _, name := range []string{"aiguanhuai", "yunjian"} {
		assert.Equal(t, []string{person(4), "twin"}, ids(target(report, name).Withheld))
	}
	assert.Len(t, w.y.Users(), 19)
	assert.Len(t, w.a.People(), 19)
	assert.Len(t, w.t.Employees(), 21, "兔展 knows people by id")

	// The number is given up by one of them: the other one may have it.
	w.source.UpdatePerson("twin", func(p *yunzhijia.Person) { p.JobNo = "E90001" })
	w.sync()
	w.requireInStep()

	// Somebody's number changes: a new user is made, the old one leaves.
	w.source.UpdatePerson("twin", func(p *yunzhijia.Person) { p.JobNo = "E90002" })
	w.sync()
	w.requireInStep()
	assert.Len(t, w.y.Users(), 22)

	// A number passes from somebody who leaves to somebody else.
	w.source.Leave("twin")
	w.source.UpdatePerson(person(2), func(p *yunzhijia.Person) { p.JobNo = "E90002" })
	w.sync()
	w.requireInStep()
	w.sync(orgsync.RunOptions{Full: true})
	assert.Zero(t, w.writes())
	w.requireInStep()
}

// Somebody gets another number, the run dies before the earlier one is retired, and
// they leave.
func TestI13_OSIRIS213(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	w.source.UpdatePerson(person(3), func(p *yunzhijia.Person) { p.JobNo = "E90001" })
	w.y.Inject(yunjiantest.Status(503).On(yunjiantest.OpSyncUsers).After(1).Always())
	_, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Len(t, w.y.Users(), 21)
	w.y.ClearFaults()
	w.source.Leave(person(3))
	w.sync()
	w.requireInStep()
	w.sync()
	assert.Zero(t, w.writes())
}

// A number changes again before the first change was through, and back again.
func TestI13_renumberedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	first := w.source.People()[2].JobNo
	for _, lost := range []bool{false, true} {
		for _, no := range []string{"E90001", "E90002", first} {
			w.source.UpdatePerson(person(3), func(p *yunzhijia.Person) { p.JobNo = no })
			fault := yunjiantest.Status(503)
			if lost {
				fault = yunjiantest.LoseAnswer()
			}
			w.y.Inject(fault.On(yunjiantest.OpSyncUsers).Always())
			_, err := w.run(orgsync.RunOptions{})
			require.Error(t, err)
			w.y.ClearFaults()
		}
		w.sync()
		w.requireInStep()
		w.sync()
		assert.Zero(t, w.writes())
	}
}

// One bad record ended the run.
func TestI14_CordysCRM552(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 40)
	bad := person(30)
	client, err := aiguanhuai.New(w.a.Config(), aiguanhuai.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			if bytes.Contains(body, []byte(bad)) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(strings.NewReader(`{"errno":200008,"error":"数据格式错误"}`)), Request: r}, nil
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		return w.a.Transport().RoundTrip(r)
	})}))
	require.NoError(t, err)
	w.aiguanhuai.Client = client
	w.t.RefuseRecord(bad, "手机号格式错误")
	report, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	assert.Equal(t, []string{bad}, ids(target(report, "aiguanhuai").Failed))
	assert.Len(t, w.a.People(), 39)
	assert.Equal(t, []string{bad}, ids(target(report, "tuzhan").Failed))
	assert.Len(t, w.t.Employees(), 39)

	bad = "nobody"
	w.t.RefuseRecord(person(30), "")
	w.sync()
	w.requireInStep()

	// Dependants are set aside with their department, and stay where they are.
	w.source.UpdateOrg("org-0005", func(o *yunzhijia.Org) { o.ParentID = "org-0006" })
	w.source.UpdateOrg("org-0006", func(o *yunzhijia.Org) { o.ParentID = "org-0005" })
	w.source.UpdatePerson(person(1), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	report, err = w.run(orgsync.RunOptions{})
	var uncovered *orgsync.CoverageError
	require.ErrorAs(t, err, &uncovered, "12 of 40 are many")
	skipped := ids(target(report, "tuzhan").Skipped)
	assert.Contains(t, skipped, "org-0005")
	assert.Contains(t, skipped, "org-0006")
	assert.Contains(t, skipped, person(5))
	assert.Equal(t, 1, target(report, "tuzhan").Done[orgsync.Update])
	assert.Len(t, w.t.Employees(), 40)
}

// Somebody came back and was made a second time.
func TestI15_goldapadmin391(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 20)
	w.sync()
	for range 2 {
		w.source.Leave(person(4))
		w.sync()
		assert.Len(t, w.t.Employees(), 19)
		w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
		report := w.sync()
		for _, name := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
			assert.Equal(t, map[orgsync.Action]int{orgsync.Reactivate: 1}, target(report, name).Done, name)
		}
		w.requireInStep()
		assert.Len(t, w.a.People(), 20)
		assert.Len(t, w.y.Users(), 20)
	}
}

// Of several departments each target took another one for the main one.
func TestI16_CordysCRM920(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0, 0)
	source := &fakeSource{
		departments: []orgmodel.Department{department("d1", "", "公司"), department("d2", "d1", "研发"), department("d3", "d1", "市场")},
		people:      []orgmodel.Person{staff("u1", "d3", "d1", "d2")},
	}
	engine, err := orgsync.New(orgsync.Config{Tenant: "t", Source: source, Store: w.store,
		Targets: []orgsync.Target{w.aiguanhuai, w.tuzhan, w.yunjian}})
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"d3", "d1", "d2"}, w.a.People()[0].DepartmentID.Or(nil))
	assert.Equal(t, "d3", w.t.Employees()[0].ThirdDeptID)
	assert.Equal(t, []string{"d1", "d2"}, w.t.Employees()[0].DeputyDeptIDs.Or(nil))
	assert.Equal(t, "d3", w.y.Users()[0].DepartmentCode.Or(""))

	source.people[0].SetDepartmentIDs("d2", "d1", "d3")
	report, err := engine.Run(t.Context(), orgsync.RunOptions{Full: true})
	require.NoError(t, err)
	assert.Equal(t, map[orgsync.Action]int{orgsync.Move: 1}, target(report, "tuzhan").Done)
	assert.Equal(t, "d2", w.t.Employees()[0].ThirdDeptID)
}
