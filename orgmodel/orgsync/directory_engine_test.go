package orgsync_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// through puts a transport between the source and the simulator.
func (w *world) through(transport func(r *http.Request) (*http.Response, error)) {
	w.tb.Helper()
	client, err := yunzhijia.New(w.source.SyncConfig(), yunzhijia.WithHTTPClient(&http.Client{Transport: roundTripper(transport)}),
		yunzhijia.WithClock(w.now), yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
	require.NoError(w.tb, err)
	w.directory.Client = client
}

// TestEveryTrouble for this source: each of its troubles in every stage.
func TestDirectory_everyTrouble(t *testing.T) {
	t.Parallel()
	for _, trouble := range directoryTroubles() {
		if !strings.HasPrefix(trouble.name, "source") {
			continue
		}
		t.Run(trouble.name, func(t *testing.T) {
			t.Parallel()
			for name, stage := range stages() {
				if name == "first" || name == "replaced" {
					continue // they read as the others do
				}
				for after := range 2 {
					if after > 0 && name != "changes" {
						break
					}
					w := newDirectory(t, 6, 14)
					w.directory.Pages = yunzhijia.PageOptions{Count: 5, Prefetch: 2}
					w.source.SetSideJobs(person(2), yunzhijia.SideJob{OrgID: "org-0004"})
					stage.prepare(w)
					trouble.inject(w, after)
					w.watched(stage.options)
					w.clearTroubles()
					w.settle(orgsync.RunOptions{Full: true})
					w.requireInStep()
				}
			}
		})
	}
}

// A run may die at any write of the state.
func TestDirectory_crash(t *testing.T) {
	t.Parallel()
	for write := range 12 {
		for _, late := range []bool{false, true} {
			w := newDirectory(t, 6, 14)
			w.source.SetSideJobs(person(2), yunzhijia.SideJob{OrgID: "org-0004"})
			w.synced(t)
			w.happenings()
			w.source.SetSideJobs(person(2), yunzhijia.SideJob{OrgID: "org-0005"})
			w.source.SetSideJobs(person(5), yunzhijia.SideJob{OrgID: "org-0002"})
			crash := &failingStore{Store: w.store, err: errors.New("killed"), late: late, after: write}
			w.wrap = func(orgsync.Store) orgsync.Store { return crash }
			w.watched(orgsync.RunOptions{})
			w.wrap = nil
			w.settle(orgsync.RunOptions{})
			w.requireInStep()
		}
	}
}

// A vendor that refuses a whole call because one id in it is unknown has not said that the
// others do not exist. Eight people whom the list hides are among those who are confirmed
// together with two who are really gone.
func TestI23_refusedForOneOfMany(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 60)
	hidden := map[string]bool{}
	w.directory.Pages = yunzhijia.PageOptions{Count: 1000, Prefetch: 1}
	hide := func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return hidden[fmt.Sprint(row.(map[string]any)["openId"])] })
	}
	w.source.Inject(yunzhijiatest.MutateBody(editRows(hide)).On("person/getall").Always())
	w.through(w.lastPage(t))
	w.synced(t)
	for i := 10; i < 18; i++ {
		hidden[person(i)] = true
	}
	w.source.RemovePerson(person(20))
	w.source.RemovePerson(person(21))
	for range 2 { // the first one does not fit
		w.watched(orgsync.RunOptions{Full: true})
	}
	for id := range hidden {
		assert.Equal(t, aiguanhuai.StatusActive, w.atCare(id).Status, "%s was there when asked for", id)
	}
	for _, id := range []string{person(20), person(21)} {
		assert.Equal(t, aiguanhuai.StatusDisabled, w.atCare(id).Status)
	}
}

// lastPage is a vendor that refuses person/get for many if one is unknown, and whose list
// of people is one page: what is asked for beyond it repeats its last row.
func (w *world) lastPage(t *testing.T) func(r *http.Request) (*http.Response, error) {
	var last json.RawMessage
	return func(r *http.Request) (*http.Response, error) {
		data := dataOf(t, r)
		switch {
		case strings.HasSuffix(r.URL.Path, "/person/get"):
			for _, id := range data.Array {
				if w.person(id).Name == "" {
					return envelopeOf(r, `{"success":false,"errorCode":221,"error":"人员不存在","data":null}`), nil
				}
			}
		case strings.HasSuffix(r.URL.Path, "/person/getall") && data.Begin > 0:
			return envelopeOf(r, `{"success":true,"error":"","errorCode":100,"data":[`+string(last)+`]}`), nil
		}
		response, err := w.source.Transport().RoundTrip(r)
		if err == nil && strings.HasSuffix(r.URL.Path, "/person/getall") {
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			response.Body = io.NopCloser(bytes.NewReader(body))
			var answer struct{ Data []json.RawMessage }
			require.NoError(t, json.Unmarshal(body, &answer))
			last = answer.Data[len(answer.Data)-1]
		}
		return response, err
	}
}

// syncData is what a request of openimport asks for.
type syncData struct {
	Begin int
	Array []string
}

func dataOf(t *testing.T, r *http.Request) (data syncData) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	require.NoError(t, err)
	_ = json.Unmarshal([]byte(form.Get("data")), &data) // a request for a token has none
	return data
}

func envelopeOf(r *http.Request, body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(body))}
}

// Without the header Date there is no watermark: our clock does not stand for the vendor's.
func TestI08_noClock(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 20)
	without := func(r *http.Request) (*http.Response, error) {
		response, err := w.source.Transport().RoundTrip(r)
		if err == nil {
			response.Header.Del("Date")
		}
		return response, err
	}
	w.through(without)
	report := w.synced(t)
	assert.True(t, report.Reading.Watermark.IsZero())
	w.source.Leave(person(3))
	report = w.synced(t)
	assert.True(t, report.Reading.Full)
	w.requireInStep()
}

// A vendor's clock that goes back makes this same run read everyone; one from the future
// is not believed.
func TestI39_clockOfTheDirectory(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 20)
	shift := time.Duration(0)
	w.through(func(r *http.Request) (*http.Response, error) {
		response, err := w.source.Transport().RoundTrip(r)
		if err == nil && shift != 0 {
			response.Header.Set("Date", w.now().Add(shift).UTC().Format(http.TimeFormat))
		}
		return response, err
	})
	w.synced(t)
	require.False(t, w.synced(t).Reading.Full)
	shift = -5 * time.Hour
	report, err := w.run(orgsync.RunOptions{})
	require.NoError(t, err)
	assert.True(t, report.Reading.Full)
	assert.Contains(t, report.Reading.Why, "gone back")
	shift = 100 * 24 * time.Hour
	before := report.Reading.Watermark
	report, err = w.run(orgsync.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, before, report.Reading.Watermark)
}

// What the vendor calls deleted, and does not return any more, does not exist; of an id
// that no one has, the answer is not clear.
func TestDirectory_deletedDepartment(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 6, 14)
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"})
	w.source.RemoveOrg("org-new")
	people, upTo := w.directory.People(t.Context(), orgsync.Watermark{})
	for _, err := range people {
		require.NoError(t, err)
	}
	_, err := upTo()
	require.NoError(t, err)
	_, err = w.directory.Department(t.Context(), "org-new")
	require.ErrorIs(t, err, orgsync.ErrNotFound)
	_, err = w.directory.Department(t.Context(), "org-never")
	var unclear *orgsync.Unclear
	require.ErrorAs(t, err, &unclear)
	_, err = w.directory.Department(t.Context(), "org-0003")
	require.NoError(t, err)
}

// Heads and superiors are read where they are wanted.
func TestDirectory_headsAndSuperiors(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 4, 20)
	w.source.SetSuperiors(person(7), person(2), person(1))
	w.directory.Heads, w.directory.Superiors = true, true
	heads := map[string][]string{}
	for d, err := range w.directory.Departments(t.Context()) {
		require.NoError(t, err)
		heads[d.ID] = d.ManagerIDs
	}
	assert.Equal(t, []string{"person-00002"}, heads["org-0002"])
	people, _ := w.directory.People(t.Context(), orgsync.Watermark{})
	for p, err := range people {
		require.NoError(t, err)
		if p.ID == person(7) {
			assert.Equal(t, []string{person(1), person(2)}, p.ManagerIDs)
		}
	}
	p, err := w.directory.Person(t.Context(), person(7))
	require.NoError(t, err)
	assert.Equal(t, []string{person(1), person(2)}, p.ManagerIDs)
}

// Calls are pages for a full reading, and changes for an incremental one.
func TestDirectory_calls(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 20, 2000)
	for i := range 300 {
		w.source.SetSideJobs(person(i+1), yunzhijia.SideJob{OrgID: "org-0020"})
	}
	w.directory.Pages = yunzhijia.PageOptions{Count: 100, Prefetch: 1}
	w.synced(t)
	count := func(want map[string]int) {
		t.Helper()
		total := 0
		for op, n := range want {
			assert.Equal(t, n, w.source.Count(op), op)
			total += w.source.Count(op)
		}
		assert.Equal(t, total, w.source.Count("")-w.source.Count("getAccessToken"), "other calls")
	}
	// Pages overlap by one record, and the last one has nothing new.
	count(map[string]int{"dept/getall": 1, "dept/get": 1, "company/queryPartTimeJobs": 5, "person/getall": 22})
	for i := range 20 {
		w.source.UpdatePerson(person(i+40), func(p *yunzhijia.Person) { p.JobTitle = "顾问" })
	}
	w.source.SetSideJobs(person(500), yunzhijia.SideJob{OrgID: "org-0011"})
	w.synced(t)
	count(map[string]int{
		"dept/getall": 1, "dept/get": 1, "dept/getAtTime": 1, "company/queryPartTimeJobs": 5, "person/getAtTime": 2,
		"person/get": 1, "relation/queryPersonOrgJobInfo": 1,
	})
}
