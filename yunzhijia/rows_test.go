package yunzhijia_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// oddRows are rows of people, and what is wrong with them.
var oddRows = []struct {
	row  string
	want yunzhijia.Person
	bad  *yunzhijia.RowError
}{
	{row: `{"openId":"a","status":"1","Status":"0","openid":"b","OPENID":"c"}`, want: yunzhijia.Person{OpenID: "a", Status: "1"}},
	{row: `{"openId":91228.0,"jobNo":9.1E4,"orgId":1.38E10}`, want: yunzhijia.Person{OpenID: "91228", JobNo: "91000", OrgID: "13800000000"}},
	{row: `{"openId":"a","isAdmin":1.0,"status":1.0}`, want: yunzhijia.Person{OpenID: "a", IsAdmin: true, Status: "1"}},
	{row: `{"openId":"\u200ba\u0000","name":"张\ufeff三\n"}`, want: yunzhijia.Person{OpenID: "a", Name: "张三"}},
	{row: `{"openId":"a","jobTitle":"a\tb"}`, want: yunzhijia.Person{OpenID: "a", JobTitle: "a\tb"}},
	{row: `{"openId":"a","status":"1","status":"0"}`, bad: &yunzhijia.RowError{ID: "a", Field: "status", Problem: "occurs twice"}},
	{row: `{"name":"\ud842","openId":"a"}`, bad: &yunzhijia.RowError{ID: "a", Field: "name", Problem: "holds half a character"}},
	{row: `{"openId":"a","name":"张\u0000三"}`, bad: &yunzhijia.RowError{ID: "a", Field: "name", Problem: "holds a control character"}},
	{row: `{"openId":1.5,"name":"张三"}`, bad: &yunzhijia.RowError{Field: "openId", Problem: "cannot be read as text"}},
	{row: `{"openId":"a","orgId":{"x":1}}`, bad: &yunzhijia.RowError{ID: "a", Field: "orgId", Problem: "cannot be read as text"}},
	{row: `{"openId":"a","isAdmin":"maybe"}`, bad: &yunzhijia.RowError{ID: "a", Field: "isAdmin", Problem: "cannot be read as true or false"}},
	{row: `null`, bad: &yunzhijia.RowError{Problem: "cannot be read as an object"}},
	{row: `"x"`, bad: &yunzhijia.RowError{Problem: "cannot be read as an object"}},
	{row: `[]`, bad: &yunzhijia.RowError{Problem: "cannot be read as an object"}},
}

// One row that cannot be read spoils no other.
func TestOddRows(t *testing.T) {
	t.Parallel()
	for _, c := range oddRows {
		t.Run(c.row, func(t *testing.T) {
			t.Parallel()
			_, client := respondingTo(t, "getUserInfoRelyOrgIds", func(begin, _ int) string {
				if begin > 0 {
					return `[]`
				}
				return `[{"openId":"first"},` + c.row + `,{"openId":"last"}]`
			})
			query := yunzhijia.OrgUsersQuery{OrgIDs: []string{"o"}}
			want := []yunzhijia.Person{{OpenID: "first"}, c.want, {OpenID: "last"}}
			if c.bad != nil {
				want = []yunzhijia.Person{{OpenID: "first"}, {OpenID: "last"}}
				bad := *c.bad
				bad.Op, bad.Index = "getUserInfoRelyOrgIds", 1
				c.bad = &bad
			}

			list, err := client.ListOrgUsers(t.Context(), query, yunzhijia.PageRequest{})
			assert.Equal(t, want, list)
			checkRow(t, c.bad, err)

			var ranged []yunzhijia.Person
			var errs []error
			for p, err := range client.AllOrgUsers(t.Context(), query, yunzhijia.PageOptions{}) {
				if err != nil {
					assert.Zero(t, p)
					errs = append(errs, err)
					continue
				}
				ranged = append(ranged, p)
			}
			assert.Equal(t, want, ranged)
			if c.bad == nil {
				assert.Empty(t, errs)
				return
			}
			require.Len(t, errs, 1)
			checkRow(t, c.bad, errs[0])
		})
	}
}

func checkRow(t *testing.T, want *yunzhijia.RowError, err error) {
	t.Helper()
	if want == nil {
		require.NoError(t, err)
		return
	}
	var got *yunzhijia.RowError
	require.ErrorAs(t, err, &got)
	assert.Equal(t, *want, *got)
	require.ErrorIs(t, err, yunzhijia.ErrMalformed)
	require.NotErrorIs(t, err, yunzhijia.ErrNotFound)
	assert.NotContains(t, err.Error(), "张")
}

func TestRowErrorText(t *testing.T) {
	t.Parallel()
	e := yunzhijia.RowError{Op: "getallpersons", Index: 7, ID: "a\nb", Field: "name", Problem: "holds half a character"}
	require.EqualError(t, &e, `yunzhijia getallpersons: row 7 ("a\nb"): field "name" holds half a character`)
	require.EqualError(t, &yunzhijia.RowError{Op: "getallorgs", Problem: "cannot be read as an object"},
		`yunzhijia getallorgs: row 0 cannot be read as an object`)
}

// What is wrong with a head does not spoil the department; what is wrong with the list does.
func TestUnreadableHead(t *testing.T) {
	t.Parallel()
	_, client := respondingTo(t, "getallorgs", func(begin, _ int) string {
		if begin > 0 {
			return `[]`
		}
		return `[{"orgId":"a","inChargers":[{"name":"\udfb7"}]},{"orgId":"b","inChargers":null},{"orgId":"c","inChargers":{}}]`
	})
	orgs, err := client.ListOrgs(t.Context(), yunzhijia.PageRequest{})
	assert.Equal(t, []yunzhijia.Org{{OrgID: "a", InChargers: []yunzhijia.Person{{}}}, {OrgID: "b"}}, orgs)
	require.EqualError(t, err, `yunzhijia getallorgs: row 2 ("c"): field "inChargers" cannot be read as an array`)
}

// Rows that cannot be read count for the paging like others.
func TestFeedWithUnreadableRows(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 3} {
		srv := yunzhijiatest.NewInMemory()
		t.Cleanup(srv.Close)
		srv.AddPerson(people(12)...)
		spoil := func(b []byte) []byte {
			for _, id := range []string{"p2", "p4", "p11"} { // within, at a border, at the end
				b = []byte(strings.ReplaceAll(string(b), `"openId":"`+id+`"`, `"openId":"`+id+`","email":"\udfb7"`))
			}
			return b
		}
		srv.Inject(yunzhijiatest.MutateBody(spoil).On(yunzhijiatest.OpListPersons).Always())
		client := newClient(t, srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()))
		feed := client.PersonFeed("", yunzhijia.PageOptions{Count: 5, Prefetch: prefetch})
		var got, bad []string
		for p, err := range feed.Events(t.Context()) {
			if err != nil {
				var row *yunzhijia.RowError
				require.ErrorAs(t, err, &row)
				bad = append(bad, row.ID)
				continue
			}
			got = append(got, p.OpenID)
		}
		assert.Equal(t, []string{"p0", "p1", "p3", "p5", "p6", "p7", "p8", "p9", "p10"}, got)
		assert.Equal(t, []string{"p2", "p4", "p11"}, bad)
		_, ended := feed.Cursor()
		assert.True(t, ended)
		assert.False(t, feed.Slid())

		srv.AddPerson(yunzhijia.Person{OpenID: "p3"}, yunzhijia.Person{OpenID: "p4"})
		srv.ClearFaults()
		srv.Inject(yunzhijiatest.MutateBody(func(b []byte) []byte {
			return spoil([]byte(strings.ReplaceAll(string(b), `"openId":"p7"`, `"phone":[],"openId":"p7"`)))
		}).On(yunzhijiatest.OpListPersons).Always())
		srv.AddPerson(yunzhijia.Person{OpenID: "p7"})
		latest, cursor, err := feed.Latest(t.Context())
		assert.Equal(t, []string{"p0", "p1", "p3", "p5", "p6", "p8", "p9", "p10"}, openIDs(latest))
		assert.NotEmpty(t, cursor)
		require.ErrorIs(t, err, yunzhijia.ErrMalformed)
		var row *yunzhijia.RowError
		require.ErrorAs(t, err, &row)
	}
}

// A person who is readable again in a later event is there.
func TestLatestOfSomebodyReadableAgain(t *testing.T) {
	t.Parallel()
	_, client := respondingTo(t, "getallpersons", func(int, int) string {
		return `{"time":"2026-01-02 03:04:05","persons":[{"openId":"a","name":"old"},{"openId":"b"},{"openId":"a","name":{}},{"openId":"b","name":[]},{"openId":"a","name":"new"}]}`
	})
	latest, cursor, err := client.PersonFeed("", yunzhijia.PageOptions{}).Latest(t.Context())
	assert.Equal(t, []yunzhijia.Person{{OpenID: "a", Name: "new"}}, latest)
	assert.Equal(t, yunzhijia.Cursor("2026-01-02 03:04:05"), cursor)
	require.Error(t, err)
}

// A reading ends even if the server sends nothing but unreadable rows, always the same ones.
func TestUnreadableRowsRepeat(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]func(*yunzhijia.Client) error{
		"getallorgs": func(c *yunzhijia.Client) error {
			return last(collectAll(c.AllOrgs(t.Context(), yunzhijia.PageOptions{Count: 2})))
		},
		"getpersonByRoleIds": func(c *yunzhijia.Client) error {
			return last(collectAll(c.AllRoleMembers(t.Context(), []string{"r"}, yunzhijia.PageOptions{Count: 2})))
		},
	} {
		srv, client := respondingTo(t, name, func(int, int) string { return `[null,{"orgId":[]}]` })
		require.ErrorIs(t, rows(client), yunzhijia.ErrRepeatedPage, name)
		assert.Equal(t, 2, srv.Count(name))
	}
}

func collectAll[T any](seq func(func(T, error) bool)) (errs []error) {
	for _, err := range seq {
		errs = append(errs, err)
	}
	return errs
}

func last(errs []error) error { return errs[len(errs)-1] }

// BenchmarkFetchPage reads a page of 1,000 people over loopback. ratio-to-discard is the
// time taken over that of reading the same answer and throwing it away.
func BenchmarkFetchPage(b *testing.B) {
	srv := yunzhijiatest.NewServer()
	b.Cleanup(srv.Close)
	body := page(1000)
	srv.Inject(yunzhijiatest.Respond(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}).On(yunzhijiatest.OpListDescendantOrgs).Always(), yunzhijiatest.Respond(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}).On(yunzhijiatest.OpListOrgUsers).Always())
	client := srv.Client(yunzhijia.WithLimiter(unlimited))
	fetch := func() {
		rows, err := client.ListOrgUsers(b.Context(), yunzhijia.OrgUsersQuery{OrgIDs: []string{"o"}}, yunzhijia.PageRequest{})
		if err != nil || len(rows) != 1000 {
			b.Fatal("not fetched", err)
		}
	}
	discard := discarding(b, srv.URL()+"/gateway/opendata-control/data/getsuborgs")
	fastest := [2]time.Duration{}
	b.ReportAllocs()
	for b.Loop() {
		for i, round := range []func(){fetch, discard} {
			started := time.Now()
			round()
			if taken := time.Since(started); fastest[i] == 0 || taken < fastest[i] {
				fastest[i] = taken
			}
		}
	}
	b.ReportMetric(float64(fastest[0])/float64(fastest[1]), "ratio-to-discard")
}

func discarding(b *testing.B, url string) func() {
	b.Helper()
	return func() {
		resp, err := http.Post(url, "application/x-www-form-urlencoded", strings.NewReader("eid=1"))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}
