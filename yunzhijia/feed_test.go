package yunzhijia_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// ticking is a clock that goes on a second whenever it is read.
func ticking() func() time.Time {
	var reads atomic.Int64
	start := time.Now() // a token is given only to a client whose clock agrees
	return func() time.Time { return start.Add(time.Duration(reads.Add(1)) * time.Second) }
}

// people returns so many invented people.
func people(n int) []yunzhijia.Person {
	list := make([]yunzhijia.Person, n)
	for i := range list {
		list[i] = yunzhijia.Person{OpenID: fmt.Sprintf("p%d", i), Gender: "0", Status: yunzhijia.StatusActive}
	}
	return list
}

func openIDs(list []yunzhijia.Person) []string {
	ids := []string{}
	for _, p := range list {
		ids = append(ids, p.OpenID)
	}
	return ids
}

func TestFeed(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 4} {
		t.Run(fmt.Sprint("prefetch ", prefetch), func(t *testing.T) {
			t.Parallel()
			srv, client := simulate(t, yunzhijiatest.WithClock(ticking()))
			srv.AddPerson(people(9)...)
			feed := client.PersonFeed("2019-12-01 01:40:29", yunzhijia.PageOptions{Count: 3, Prefetch: prefetch})
			_, ok := feed.Cursor()
			assert.False(t, ok, "no run yet")
			assert.Zero(t, srv.Count(""), "and nothing sent")

			events, err := collect(feed.Events(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, people(9), events)
			begins := map[string]int{}
			for _, form := range formsTo(t, srv, "getallpersons") {
				assert.Equal(t, "2019-12-01 01:40:29", form["time"], "the same time on every page")
				assert.Equal(t, "3", form["count"])
				begins[form["begin"]]++
			}
			for _, begin := range []string{"0", "2", "4", "6", "8"} {
				assert.Equal(t, 1, begins[begin], "page at %s", begin)
			}
			if prefetch == 0 {
				assert.Len(t, begins, 5, "the short page is the last")
			}

			_, ok = feed.Cursor()
			require.True(t, ok)
			again, err := collect(feed.Events(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, events, again, "range twice, same rows")
		})
	}
}

// The cursor is the first page's, whichever page comes in first.
func TestCursorOfTheFirstPage(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{1, 3} {
		srv, client := simulate(t)
		answer := func(r *http.Request, w http.ResponseWriter) {
			begin := r.FormValue("begin")
			person := `{"openId":"p` + begin + `"}`
			if begin == "3" {
				person = ""
			}
			_, _ = fmt.Fprintf(w, `{"success":true,"data":{"time":"2026-01-02 03:04:0%s","persons":[%s]}}`, begin, person)
		}
		srv.Inject(yunzhijiatest.Respond(func(w http.ResponseWriter, r *http.Request) { answer(r, w) }).On(yunzhijiatest.OpListPersons).Always())
		latest, cursor, err := client.PersonFeed("", yunzhijia.PageOptions{Count: 1, Prefetch: prefetch}).Latest(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"p0", "p1", "p2"}, openIDs(latest))
		assert.Equal(t, yunzhijia.Cursor("2026-01-02 03:04:00"), cursor)
		assert.Equal(t, string(yunzhijia.Beginning), formsTo(t, srv, "getallpersons")[0]["time"])
	}
}

// A run that did not end well has no cursor, whatever the run before it had.
func TestNoCursor(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddPerson(people(5)...)
	feed := client.PersonFeed(yunzhijia.Beginning, yunzhijia.PageOptions{Count: 2})
	run := func() bool {
		_, err := collect(feed.Events(t.Context()))
		_, ok := feed.Cursor()
		assert.Equal(t, err == nil, ok)
		return ok
	}
	require.True(t, run())

	srv.Inject(yunzhijiatest.Refuse(1, "no").On(yunzhijiatest.OpListPersons).After(1))
	assert.False(t, run(), "the second page failed")
	require.True(t, run())

	srv.Reset()
	for p, err := range feed.Events(t.Context()) {
		require.NoError(t, err)
		_, ok := feed.Cursor()
		assert.False(t, ok, "not while it runs")
		if p.OpenID == "p1" {
			break
		}
	}
	_, ok := feed.Cursor()
	assert.False(t, ok, "left early")
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpListPersons), "and no further page read")

	// Left at the very last row it still is left early.
	for p := range feed.Events(t.Context()) {
		if p.OpenID == "p4" {
			break
		}
	}
	_, ok = feed.Cursor()
	assert.False(t, ok)

	srv.Inject(yunzhijiatest.Status(http.StatusForbidden).On(yunzhijiatest.OpListPersons).After(2))
	latest, cursor, err := feed.Latest(t.Context())
	require.ErrorIs(t, err, yunzhijia.ErrUnauthorized)
	assert.Empty(t, latest)
	assert.Empty(t, cursor)
	_, ok = feed.Cursor()
	assert.False(t, ok)
}

// Of two runs at a time only the later one may set the cursor.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddPerson(people(3)...)
	feed := client.PersonFeed("", yunzhijia.PageOptions{Count: 1})
	for range feed.Events(t.Context()) {
		_, err := collect(feed.Events(t.Context()))
		require.NoError(t, err)
	}
	_, ok := feed.Cursor()
	assert.True(t, ok, "that of the inner run")
	for range feed.Events(t.Context()) {
		for range feed.Events(t.Context()) {
			break
		}
	}
	_, ok = feed.Cursor()
	assert.False(t, ok, "the latest run was left early")
}

// The last event of an openId holds.
func TestLatest(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddPerson(people(3)...)
	srv.UpdatePerson("p1", func(p *yunzhijia.Person) { p.JobTitle = "经理" })
	srv.Leave("p0")
	nobody := yunzhijia.Person{Gender: "0", Status: "1", JobNo: "7"}
	srv.AddPerson(nobody, nobody)
	srv.UpdatePerson("p1", func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusDisabled })

	latest, cursor, err := client.PersonFeed("", yunzhijia.PageOptions{Count: 2, Prefetch: 2}).Latest(t.Context())
	require.NoError(t, err)
	want := people(3)
	want[0].Status = yunzhijia.StatusLeft
	want[1].Status, want[1].JobTitle = yunzhijia.StatusDisabled, "经理"
	assert.Equal(t, append(want, nobody, nobody), latest)
	_, err = cursor.Time(nil)
	require.NoError(t, err)
}

// The next run sees what happened since, and with an overlap never less.
func TestIncremental(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.WithClock(ticking()))
	srv.AddPerson(people(5)...)
	_, cursor, err := client.PersonFeed("", yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)

	none, _, err := client.PersonFeed(cursor, yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)
	assert.Empty(t, none)
	srv.Leave("p3")
	changed, _, err := client.PersonFeed(cursor, yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"p3"}, openIDs(changed))
	earlier, err := cursor.Minus(time.Hour)
	require.NoError(t, err)
	all, _, err := client.PersonFeed(earlier, yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 5)
}

// A page without its time is an answer that cannot be resumed from; on later
// pages nobody needs it.
func TestFeedWithoutTime(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddPerson(people(3)...)
	noTime := yunzhijiatest.Respond(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"success":true,"data":{"persons":[{"openId":"p1","gender":"0","status":"1"}]}}`))
	}).On(yunzhijiatest.OpListPersons)
	feed := client.PersonFeed("", yunzhijia.PageOptions{Count: 2})
	srv.Inject(noTime)
	_, _, err := feed.Latest(t.Context())
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
	assert.Contains(t, err.Error(), `"data.time"`)

	srv.Inject(noTime.After(1))
	latest, cursor, err := feed.Latest(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"p0", "p1"}, openIDs(latest))
	assert.NotEmpty(t, cursor)
}
