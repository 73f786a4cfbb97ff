package yunzhijia_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// listings are the All methods over a seeded team, each giving ids.
func listings(c *yunzhijia.Client, o yunzhijia.PageOptions) map[string]func(context.Context) iter.Seq2[string, error] {
	org := func(o yunzhijia.Org) string { return o.OrgID }
	person := func(p yunzhijia.Person) string { return p.OpenID }
	subs := yunzhijia.OrgUsersQuery{OrgIDs: []string{"org-0001"}, IncludeDescendants: true}
	return map[string]func(context.Context) iter.Seq2[string, error]{
		"getallorgs": func(ctx context.Context) iter.Seq2[string, error] { return ids(c.AllOrgs(ctx, o), org) },
		"getorgpersons": func(ctx context.Context) iter.Seq2[string, error] {
			return ids(c.AllOrgMembers(ctx, "org-0001", o), person)
		},
		"getPartners": func(ctx context.Context) iter.Seq2[string, error] {
			return ids(c.AllPartners(ctx, time.Time{}, o), func(p yunzhijia.Partner) string { return p.PartnerID })
		},
		"getUserInfoRelyOrgIds": func(ctx context.Context) iter.Seq2[string, error] {
			return ids(c.AllOrgUsers(ctx, subs, o), person)
		},
		"getallpersons": func(ctx context.Context) iter.Seq2[string, error] {
			return ids(c.PersonFeed("", o).Events(ctx), person)
		},
		"getpersonByRoleIds": func(ctx context.Context) iter.Seq2[string, error] {
			return ids(c.AllRoleMembers(ctx, []string{"r1", "r2"}, o), func(r yunzhijia.RoleMembers) string { return fmt.Sprint(r.RoleID, r.Members) })
		},
		"getorginfos": func(ctx context.Context) iter.Seq2[string, error] {
			q := yunzhijia.OrgDetailsQuery{OrgIDs: []string{"org-0001", "org-0002"}, IncludeSubOrgs: true}
			return ids(c.AllOrgDetails(ctx, q, o), func(i yunzhijia.OrgDetails) string { return fmt.Sprint(i.Org.OrgID, i.Members) })
		},
	}
}

func ids[T any](seq iter.Seq2[T, error], id func(T) string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for row, err := range seq {
			if !yield(id(row), err) {
				return
			}
		}
	}
}

func seeded(t *testing.T) (*yunzhijiatest.Server, *yunzhijia.Client) {
	t.Helper()
	srv, client := simulate(t, yunzhijiatest.Seed(7, 42))
	for i := range 7 {
		srv.AddPartner(yunzhijia.Partner{PartnerID: fmt.Sprint("partner-", i)})
	}
	var all []string
	for _, p := range srv.People() {
		all = append(all, p.OpenID)
	}
	srv.AddRole("r1", "一", all[:5]...)
	srv.AddRole("r2", "二", all[5:9]...)
	return srv, client
}

func TestListings(t *testing.T) {
	t.Parallel()
	// Requests of two ranges at 3 records a page. Only where the page promises
	// that a short page is the last no empty one is asked for.
	want := map[string]struct{ rows, requests int }{
		"getallorgs":            {7, 4},   // 3 3 1 0
		"getorgpersons":         {6, 3},   // 3 3 0
		"getPartners":           {7, 3},   // 3 3 1
		"getUserInfoRelyOrgIds": {42, 15}, // 14 full pages and an empty one
		"getallpersons":         {42, 21}, // a row of each page is that of the one before
		"getpersonByRoleIds":    {4, 4},   // r1 3, r1 2 + r2 1, r2 3, none
		"getorginfos":           {4, 5},   // as many sub-departments as fill a page come with each
	}
	for name := range listings(nil, yunzhijia.PageOptions{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, client := seeded(t)
			sequence := listings(client, yunzhijia.PageOptions{Count: 3})[name](t.Context())
			assert.Zero(t, srv.Count(name), "lazy")
			rows, err := collect(sequence)
			require.NoError(t, err)
			assert.Len(t, rows, want[name].rows)
			assert.Equal(t, want[name].requests, srv.Count(name))

			again, err := collect(sequence)
			require.NoError(t, err)
			assert.Equal(t, rows, again, "range twice, same rows")

			ahead, err := collect(listings(client, yunzhijia.PageOptions{Count: 3, Prefetch: 4})[name](t.Context()))
			require.NoError(t, err)
			assert.Equal(t, rows, ahead, "same rows with prefetch")

			srv.Reset()
			for range sequence {
				break
			}
			assert.Equal(t, 1, srv.Count(name), "break stops the requests")

			_, err = collect(listings(client, yunzhijia.PageOptions{Count: 3, MaxPages: 1})[name](t.Context()))
			require.ErrorIs(t, err, yunzhijia.ErrTooManyPages)

			srv.Inject(yunzhijiatest.Status(http.StatusForbidden).On(name).After(1))
			rows, err = collect(sequence)
			require.ErrorIs(t, err, yunzhijia.ErrUnauthorized)
			assert.NotEmpty(t, rows, "those of the first page")
			assert.Contains(t, err.Error(), "page 2")

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = collect(listings(client, yunzhijia.PageOptions{})[name](ctx))
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// Where the page is silent, a server that caps its pages below count must not
// end the listing.
func TestCappedPages(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{1, 4} {
		_, client := respondingTo(t, "getallorgs", func(begin, _ int) string {
			var rows []string
			for i := begin; i < min(begin+2, 9); i++ { // never more than 2
				rows = append(rows, fmt.Sprintf(`{"orgId":"o%d"}`, i))
			}
			return "[" + strings.Join(rows, ",") + "]"
		})
		orgs, err := collect(client.AllOrgs(t.Context(), yunzhijia.PageOptions{Count: 5, Prefetch: prefetch}))
		require.NoError(t, err)
		assert.Len(t, orgs, 9)
	}
}

func TestRepeatedPage(t *testing.T) {
	t.Parallel()
	_, client := respondingTo(t, "getallorgs", func(int, int) string { return `[{"orgId":"a"},{"orgId":"b"}]` })
	_, err := collect(client.AllOrgs(t.Context(), yunzhijia.PageOptions{Count: 2}))
	require.ErrorIs(t, err, yunzhijia.ErrRepeatedPage)
}

// respondingTo returns a client whose calls of one operation get data that
// depends on begin and count.
func respondingTo(t testing.TB, op string, data func(begin, count int) string) (*yunzhijiatest.Server, *yunzhijia.Client) {
	t.Helper()
	srv := yunzhijiatest.NewInMemory()
	t.Cleanup(srv.Close)
	srv.Inject(yunzhijiatest.Respond(func(w http.ResponseWriter, r *http.Request) {
		begin, _ := strconv.Atoi(r.FormValue("begin"))
		count, _ := strconv.Atoi(r.FormValue("count"))
		_, _ = fmt.Fprintf(w, `{"success":true,"data":%s}`, data(begin, count))
	}).On(op).Always())
	client, err := yunzhijia.New(srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()), yunzhijia.WithLimiter(unlimited))
	if err != nil {
		t.Fatal(err)
	}
	return srv, client
}

// The page does not say what begin and count mean for roles. Whatever it is,
// everybody comes.
func TestGroupedListingLosesNobody(t *testing.T) {
	t.Parallel()
	type cut func(groups [][]string, begin, count int) [][]string
	window := func(list []string, begin, count int) []string {
		begin = min(begin, len(list))
		return list[begin:min(begin+count, len(list))]
	}
	readings := map[string]cut{
		"groups": func(groups [][]string, begin, count int) [][]string {
			begin = min(begin, len(groups))
			return groups[begin:min(begin+count, len(groups))]
		},
		"members of each group": func(groups [][]string, begin, count int) [][]string {
			var out [][]string
			for _, g := range groups {
				out = append(out, window(g, begin, count))
			}
			return out
		},
		"members of all groups": func(groups [][]string, begin, count int) [][]string {
			var out [][]string
			for _, g := range groups {
				out = append(out, window(g, min(begin, len(g)), count))
				count -= len(out[len(out)-1])
				begin = max(begin-len(g), 0)
			}
			return out
		},
	}
	for name, reading := range readings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				sizes := rapid.SliceOfN(rapid.IntRange(0, 7), 1, 6).Draw(rt, "sizes")
				count := rapid.IntRange(len(sizes)+1, 10).Draw(rt, "count")
				prefetch := rapid.IntRange(0, 3).Draw(rt, "prefetch")
				want, groups := map[string]bool{}, [][]string{}
				for i, size := range sizes {
					group := []string{}
					for j := range size {
						id := fmt.Sprintf("p%d-%d", i, j)
						group, want[id] = append(group, id), true
					}
					groups = append(groups, group)
				}
				_, client := respondingTo(t, "getpersonByRoleIds", func(begin, count int) string {
					var rows []string
					for _, g := range reading(groups, begin, count) {
						var members []string
						for _, id := range g {
							members = append(members, `{"openId":"`+id+`"}`)
						}
						rows = append(rows, `{"members":[`+strings.Join(members, ",")+`]}`)
					}
					return "[" + strings.Join(rows, ",") + "]"
				})
				rows, err := collect(client.AllRoleMembers(t.Context(), []string{"r"}, yunzhijia.PageOptions{Count: count, Prefetch: prefetch}))
				if err != nil {
					rt.Fatal(err)
				}
				got := map[string]bool{}
				for _, row := range rows {
					for _, m := range row.Members {
						got[m.OpenID] = true
					}
				}
				if len(got) != len(want) {
					rt.Fatalf("%d of %d came", len(got), len(want))
				}
			})
		})
	}
}

// Nor is a sub-department lost, should begin and count be about those.
func TestSubOrgsAreCounted(t *testing.T) {
	t.Parallel()
	_, client := respondingTo(t, "getorginfos", func(begin, count int) string {
		var rows []string
		for i := begin; i < min(begin+count, 7); i++ {
			rows = append(rows, fmt.Sprintf(`{"orgId":"o%d"}`, i))
		}
		return `[{"org":{"orgId":"a"},"subOrgs":[` + strings.Join(rows, ",") + `]}]`
	})
	query := yunzhijia.OrgDetailsQuery{OrgIDs: []string{"a"}, IncludeSubOrgs: true}
	found := 0
	for info, err := range client.AllOrgDetails(t.Context(), query, yunzhijia.PageOptions{Count: 3}) {
		require.NoError(t, err)
		found += len(info.SubOrgs)
	}
	assert.Equal(t, 7, found)
}

// What comes whole on every page, more than one page may hold, does not keep
// the listing from ending.
func TestSubOrgsOnEveryPage(t *testing.T) {
	t.Parallel()
	for _, subOrgs := range []int{1, 4, 9} {
		for members := range 8 {
			_, client := respondingTo(t, "getorginfos", func(begin, count int) string {
				var below, people []string
				for i := range subOrgs {
					below = append(below, fmt.Sprintf(`{"orgId":"o%d"}`, i))
				}
				for i := begin; i < min(begin+count, members); i++ {
					people = append(people, fmt.Sprintf(`{"openId":"p%d"}`, i))
				}
				return `[{"org":{"orgId":"a"},"subOrgs":[` + strings.Join(below, ",") + `],"members":[` + strings.Join(people, ",") + `]}]`
			})
			found := 0
			query := yunzhijia.OrgDetailsQuery{OrgIDs: []string{"a"}, IncludeSubOrgs: true}
			for info, err := range client.AllOrgDetails(t.Context(), query, yunzhijia.PageOptions{Count: 3}) {
				require.NoError(t, err, "%d sub-departments, %d members", subOrgs, members)
				assert.Len(t, info.SubOrgs, subOrgs)
				found += len(info.Members)
			}
			assert.Equal(t, members, found)
		}
	}
}

// Groups alone never fill a page, so that what fills it is known to be counted
// in something else.
func TestGroupedListingNeedsRoomForGroups(t *testing.T) {
	t.Parallel()
	srv, client := seeded(t)
	o := yunzhijia.PageOptions{Count: 2}
	for field, err := range map[string]error{
		"roleIDs": second(collect(client.AllRoleMembers(t.Context(), []string{"r1", "r2"}, o))),
		"OrgIDs":  second(collect(client.AllOrgDetails(t.Context(), yunzhijia.OrgDetailsQuery{OrgIDs: []string{"a", "b"}}, o))),
	} {
		var e *yunzhijia.FieldError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, field, e.Field)
	}
	assert.Zero(t, srv.Count(""))
}

func second[T any](_ T, err error) error { return err }

// With prefetch, n pages take the time of ceil(pages/n).
func TestPrefetchIsParallel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := yunzhijiatest.NewInMemory()
		defer srv.Close()
		srv.AddPerson(people(179)...) // 20 pages that overlap by one, the last one short
		client := newClient(t, srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()))
		_, err := client.GetCompany(t.Context())
		require.NoError(t, err)
		srv.SetLatency(50 * time.Millisecond)
		for _, n := range []int{1, 4, 8} {
			started := time.Now()
			rows, err := collect(client.PersonFeed("", yunzhijia.PageOptions{Count: 10, Prefetch: n}).Events(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, openIDs(people(179)), openIDs(rows))
			assert.Equal(t, time.Duration((20+n-1)/n)*50*time.Millisecond, time.Since(started))
		}
		assert.LessOrEqual(t, srv.MaxInFlight(), 8)
	})
}

// The default transport keeps as many connections as pages are read at a time. On a
// busy machine net/http may have dialled one more while the first were still being
// made, up to one for each; a transport that keeps 2 would dial for every second page.
func TestPrefetchConnections(t *testing.T) {
	t.Parallel()
	const window = 4
	srv := yunzhijiatest.NewServer()
	t.Cleanup(srv.Close)
	srv.AddPerson(people(199)...)
	srv.SetLatency(10 * time.Millisecond)
	client := newClient(t, srv.Config()) // no WithHTTPClient
	rows, err := collect(client.PersonFeed("", yunzhijia.PageOptions{Count: 10, Prefetch: window}).Events(t.Context()))
	require.NoError(t, err)
	assert.Len(t, rows, 199)
	assert.Equal(t, window, srv.MaxInFlight())
	assert.LessOrEqual(t, srv.Connections().Accepted, 2*window, "none is opened twice")
}
