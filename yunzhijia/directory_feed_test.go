package yunzhijia_test

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func readCloser(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func simulateDirectory(t *testing.T, options ...yunzhijiatest.Option) (*yunzhijiatest.Server, *yunzhijia.Client) {
	t.Helper()
	srv := yunzhijiatest.NewInMemory(options...)
	t.Cleanup(srv.Close)
	return srv, newClient(t, srv.SyncConfig(), yunzhijia.WithHTTPClient(srv.HTTPClient()))
}

// begins returns the offsets at which pages of a list were asked for.
func begins(t *testing.T, srv *yunzhijiatest.Server, op string) (list []int) {
	t.Helper()
	for _, form := range formsTo(t, srv, op) {
		var data struct{ Begin int }
		require.NoError(t, json.Unmarshal([]byte(form["data"]), &data))
		list = append(list, data.Begin)
	}
	return list
}

func idsOf(people []yunzhijia.DirectoryPerson) (list []string) {
	for _, p := range people {
		list = append(list, p.OpenID)
	}
	return list
}

// Pages overlap, and the list ends with the page that has nothing new, also where the
// vendor cuts pages short, or the list fills its last page.
func TestDirectoryFeedPages(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]int{
		0: {0}, 1: {0}, 9: {0, 8}, 10: {0, 9}, 11: {0, 9, 10}, 19: {0, 9, 18}, 28: {0, 9, 18, 27},
	} {
		srv, client := simulateDirectory(t)
		srv.AddOrg(yunzhijia.Org{OrgID: "o"})
		srv.AddPerson(people(n)...)
		feed := client.DirectoryPersons(yunzhijia.PageOptions{Count: 10})
		got, err := collect(feed.Persons(t.Context()))
		require.NoError(t, err)
		assert.Len(t, got, n)
		assert.Equal(t, want, begins(t, srv, "person/getall"), n)
		at, ended := feed.Clock()
		assert.True(t, ended && !at.IsZero() && !feed.Slid())
	}
	srv, client := simulateDirectory(t)
	srv.AddPerson(people(20)...)
	srv.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte { // at most 4 rows, whatever was asked for
		var answer map[string]any
		_ = json.Unmarshal(body, &answer)
		rows := answer["data"].([]any)
		answer["data"] = rows[:min(4, len(rows))]
		body, _ = json.Marshal(answer)
		return body
	}).On(yunzhijiatest.OpListDirectoryPersons).Always())
	got, err := collect(client.DirectoryPersons(yunzhijia.PageOptions{Count: 10}).Persons(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, 20, len(slices.Compact(idsOf(got))))
}

// Rows that go while a run reads take no one else with them.
func TestDirectoryFeedOfAListThatShrinks(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 4} {
		for page := range 4 {
			srv, client := simulateDirectory(t)
			srv.AddPerson(people(35)...)
			gone := leave(srv, 0, 6)
			srv.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte { gone(); return body }).On(yunzhijiatest.OpListDirectoryPersons).After(page))
			feed := client.DirectoryPersons(yunzhijia.PageOptions{Count: 10, Prefetch: prefetch})
			got, err := collect(feed.Persons(t.Context()))
			require.NoError(t, err)
			assert.Subset(t, idsOf(got), openIDs(people(35)[6:]), fmt.Sprint(prefetch, page))
			assert.False(t, feed.Slid(), fmt.Sprint(prefetch, page, begins(t, srv, "person/getall")))
		}
	}
}

// The clock is the vendor's, as the first page has it, and there is none where a run did
// not come to its end.
func TestDirectoryFeedClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, yunzhijia.Beijing())
	start := at
	srv := yunzhijiatest.NewInMemory(yunzhijiatest.WithClock(func() time.Time { at = at.Add(time.Second); return at }))
	t.Cleanup(srv.Close)
	client := newClient(t, srv.SyncConfig(), yunzhijia.WithHTTPClient(srv.HTTPClient()), yunzhijia.WithClock(func() time.Time { return at }))
	srv.AddPerson(people(30)...)
	feed := client.ChangedPersons(yunzhijia.Beginning, yunzhijia.PageOptions{Count: 10})
	for range feed.Persons(t.Context()) {
		break
	}
	_, ended := feed.Clock()
	assert.False(t, ended)
	begun := at
	got, err := collect(feed.Persons(t.Context()))
	require.NoError(t, err)
	assert.Len(t, got, 30)
	clock, ended := feed.Clock()
	assert.True(t, ended)
	assert.True(t, clock.After(start) && clock.Sub(begun) <= 3*time.Second, "not that of a later page")

	// A moment is asked for in Beijing, and rows are pointers: they lack days.
	srv.UpdatePerson("p3", func(p *yunzhijia.Person) { p.JobTitle = "顾问" })
	since := yunzhijia.CursorAt(at.Add(-3*time.Second), nil)
	srv.Reset()
	got, err = collect(client.ChangedPersons(since, yunzhijia.PageOptions{}).Persons(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []string{"p3"}, idsOf(got))
	assert.Contains(t, formsTo(t, srv, "person/getAtTime")[0]["data"], `"time":"`+string(since)+`"`)
}

// A list that never stands still ends with an error: what it lacks was perhaps missed.
func TestDirectoryListSlid(t *testing.T) {
	t.Parallel()
	srv, client := simulateDirectory(t)
	srv.AddPerson(people(60)...)
	for i := range 60 {
		srv.SetSideJobs(fmt.Sprintf("p%d", i), yunzhijia.SideJob{OrgID: "o"})
	}
	n := 0
	srv.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte {
		srv.SetSideJobs(fmt.Sprintf("p%d", n))
		n++
		return body
	}).On(yunzhijiatest.OpListSideJobs).Always())
	_, err := collect(client.AllSideJobs(t.Context(), yunzhijia.PageOptions{Count: 10}))
	require.ErrorIs(t, err, yunzhijia.ErrSlid)
}

// Ids go 100 or 200 a call, each once.
func TestDirectoryByID(t *testing.T) {
	t.Parallel()
	srv, client := simulateDirectory(t)
	srv.AddOrg(yunzhijia.Org{OrgID: "o", Name: "示例"})
	srv.AddPerson(people(450)...)
	var all []string
	for i := range 450 {
		all = append(all, fmt.Sprintf("p%d", i), "p0")
	}
	got, err := collect(client.AllDirectoryPersonsByID(t.Context(), append(all, "unknown")))
	require.NoError(t, err)
	assert.Len(t, got, 450)
	assert.Equal(t, 5, srv.Count(yunzhijiatest.OpGetDirectoryPersons))
	jobs, err := collect(client.AllPersonJobs(t.Context(), all))
	require.NoError(t, err)
	assert.Len(t, jobs, 450)
	assert.Equal(t, 3, srv.Count(yunzhijiatest.OpListPersonJobs))
	orgs, err := collect(client.AllDirectoryOrgsByID(t.Context(), []string{"o", "unknown"}))
	require.NoError(t, err)
	assert.Len(t, orgs, 1)
}

// How far the vendor's clock is from ours is told, once a run has learnt it.
func TestDirectoryFeedAhead(t *testing.T) {
	t.Parallel()
	ours := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, by := range []time.Duration{2 * time.Minute, 0, -2 * time.Minute} { // a token is refused beyond 3
		srv, _ := simulateDirectory(t, yunzhijiatest.WithClock(func() time.Time { return ours.Add(by) }))
		srv.AddPerson(people(30)...)
		client := newClient(t, srv.SyncConfig(), yunzhijia.WithHTTPClient(srv.HTTPClient()), yunzhijia.WithClock(func() time.Time { return ours }))
		feed := client.DirectoryPersons(yunzhijia.PageOptions{Count: 10})
		for range feed.Persons(t.Context()) {
			break
		}
		assert.Zero(t, feed.Ahead(), "a run that did not end")
		_, err := collect(feed.Persons(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, by, feed.Ahead())
	}
}
