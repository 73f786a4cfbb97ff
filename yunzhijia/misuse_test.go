package yunzhijia_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	type c = *yunzhijia.Client
	none, many := yunzhijia.PageRequest{}, func(n int) yunzhijia.PageRequest { return yunzhijia.PageRequest{Count: n} }
	one := func(_ any, err error) error { return err }
	for name, tt := range map[string]struct {
		field string
		call  func(ctx context.Context, c c) error
	}{
		"getperson":        {"openID", func(ctx context.Context, c c) error { return one(c.GetPerson(ctx, "")) }},
		"getorg":           {"orgID", func(ctx context.Context, c c) error { return one(c.GetOrg(ctx, "")) }},
		"getancestororgs":  {"orgID", func(ctx context.Context, c c) error { return one(c.ListAncestorOrgs(ctx, "")) }},
		"getsuborgs":       {"orgID", func(ctx context.Context, c c) error { return one(c.ListDescendantOrgs(ctx, "")) }},
		"getsublevelorgs":  {"orgID", func(ctx context.Context, c c) error { return one(c.ListChildOrgs(ctx, "")) }},
		"getparentperson":  {"openID", func(ctx context.Context, c c) error { return one(c.GetSuperiors(ctx, "")) }},
		"getorgpersons":    {"orgID", func(ctx context.Context, c c) error { return one(c.ListOrgMembers(ctx, "", none)) }},
		"count negative":   {"Count", func(ctx context.Context, c c) error { return one(c.ListOrgs(ctx, many(-1))) }},
		"count above 1000": {"Count", func(ctx context.Context, c c) error { return one(c.ListOrgs(ctx, many(1001))) }},
		"begin negative": {"Begin", func(ctx context.Context, c c) error {
			return one(c.ListOrgs(ctx, yunzhijia.PageRequest{Begin: -1}))
		}},
		"begin beyond an Integer": {"Begin", func(ctx context.Context, c c) error {
			return one(c.ListOrgMembers(ctx, "o", yunzhijia.PageRequest{Begin: math.MaxInt32 + 1}))
		}},
		"users above 500": {"Count", func(ctx context.Context, c c) error {
			return one(c.ListOrgUsers(ctx, yunzhijia.OrgUsersQuery{OrgIDs: []string{"a"}}, many(501)))
		}},
		"persons above 1000": {"Count", func(ctx context.Context, c c) error {
			return one(c.ListPersons(ctx, yunzhijia.ListPersonsRequest{Count: 1001}))
		}},
		"persons since": {"Since", func(ctx context.Context, c c) error {
			return one(c.ListPersons(ctx, yunzhijia.ListPersonsRequest{Since: "2019-12-19"}))
		}},
		"partners since": {"since", func(ctx context.Context, c c) error {
			return one(c.ListPartners(ctx, time.UnixMilli(-1), none))
		}},
		"no roles":     {"roleIDs", func(ctx context.Context, c c) error { return one(c.ListRoleMembers(ctx, nil, none)) }},
		"a role empty": {"roleIDs[1]", func(ctx context.Context, c c) error { return one(c.ListRoleMembers(ctx, []string{"a", ""}, none)) }},
		"a role with _": {"roleIDs[1]", func(ctx context.Context, c c) error {
			return one(c.ListRoleMembers(ctx, []string{"a", "b_c", "d_e"}, none))
		}},
		"no departments": {"OrgIDs", func(ctx context.Context, c c) error {
			return one(c.ListOrgDetails(ctx, yunzhijia.OrgDetailsQuery{}, none))
		}},
		"a department with _": {"OrgIDs[0]", func(ctx context.Context, c c) error {
			return one(c.ListOrgDetails(ctx, yunzhijia.OrgDetailsQuery{OrgIDs: []string{"a_b"}}, none))
		}},
		"a department with ,": {"OrgIDs[0]", func(ctx context.Context, c c) error {
			return one(c.ListOrgUsers(ctx, yunzhijia.OrgUsersQuery{OrgIDs: []string{"a,b"}}, none))
		}},
		"search phone": {"Phone", func(ctx context.Context, c c) error {
			return one(c.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Name: "x"}))
		}},
		"search name": {"Name", func(ctx context.Context, c c) error {
			return one(c.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Phone: "x"}))
		}},
		"partner of nobody": {"MyOpenID", func(ctx context.Context, c c) error {
			return c.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{PartnerEID: "e", PartnerPhone: "p"})
		}},
		"partner team": {"PartnerEID", func(ctx context.Context, c c) error {
			return c.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{MyOpenID: "m", PartnerPhone: "p"})
		}},
		"partner phone": {"PartnerPhone", func(ctx context.Context, c c) error {
			return c.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{MyOpenID: "m", PartnerEID: "e"})
		}},
		"contact team": {"PartnerEID", func(ctx context.Context, c c) error {
			return c.DeletePartnerContact(ctx, yunzhijia.DeletePartnerContactRequest{ContactID: "c"})
		}},
		"contact": {"ContactID", func(ctx context.Context, c c) error {
			return c.DeletePartnerContact(ctx, yunzhijia.DeletePartnerContactRequest{PartnerEID: "e"})
		}},
		"page size": {"PageOptions.Count", func(ctx context.Context, c c) error {
			return one(collect(c.AllOrgs(ctx, yunzhijia.PageOptions{Count: 1001})))
		}},
		"page size of users": {"PageOptions.Count", func(ctx context.Context, c c) error {
			q := yunzhijia.OrgUsersQuery{OrgIDs: []string{"a"}}
			return one(collect(c.AllOrgUsers(ctx, q, yunzhijia.PageOptions{Count: 501})))
		}},
		"prefetch": {"PageOptions.Prefetch", func(ctx context.Context, c c) error {
			return one(collect(c.AllOrgMembers(ctx, "o", yunzhijia.PageOptions{Prefetch: 33})))
		}},
		"page cap": {"PageOptions.MaxPages", func(ctx context.Context, c c) error {
			return one(collect(c.AllPartners(ctx, time.Time{}, yunzhijia.PageOptions{MaxPages: -1})))
		}},
		"ids of a range": {"roleIDs", func(ctx context.Context, c c) error {
			return one(collect(c.AllRoleMembers(ctx, nil, yunzhijia.PageOptions{Prefetch: 4})))
		}},
		"department ids of a range": {"OrgIDs", func(ctx context.Context, c c) error {
			return one(collect(c.AllOrgDetails(ctx, yunzhijia.OrgDetailsQuery{}, yunzhijia.PageOptions{})))
		}},
		"cursor of a feed": {"Since", func(ctx context.Context, c c) error {
			_, _, err := c.PersonFeed("yesterday", yunzhijia.PageOptions{}).Latest(ctx)
			return err
		}},
		"team": {"EID", func(_ context.Context, c c) error { return one(c.Team("")) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, client := answering(t, `{"success":true}`)
			err := tt.call(t.Context(), client)
			require.ErrorIs(t, err, yunzhijia.ErrInvalid)
			var field *yunzhijia.FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, tt.field, field.Field)
			assert.NotEmpty(t, field.Op)
			assert.Zero(t, mock.GetTotalCallCount(), "nothing is sent")
		})
	}
}

func TestNewNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	good := yunzhijia.Config{EID: eid, Credentials: yunzhijia.AccessToken("t")}
	with := func(change func(*yunzhijia.Config)) yunzhijia.Config {
		c := good
		change(&c)
		return c
	}
	for name, tt := range map[string]struct {
		config  yunzhijia.Config
		options []yunzhijia.Option
		fields  []string
	}{
		"nothing given":  {fields: []string{"EID", "Credentials"}},
		"app id, secret": {with(func(c *yunzhijia.Config) { c.Credentials = yunzhijia.AppCredentials("", "") }), nil, []string{"Credentials", "Credentials"}},
		"token":          {with(func(c *yunzhijia.Config) { c.Credentials = yunzhijia.AccessToken("") }), nil, []string{"Credentials"}},
		"token function": {with(func(c *yunzhijia.Config) { c.Credentials = yunzhijia.TokenFunc(nil) }), nil, []string{"Credentials"}},
		"address":        {with(func(c *yunzhijia.Config) { c.BaseURL = "ftp://x" }), nil, []string{"BaseURL"}},
		"gateway":        {with(func(c *yunzhijia.Config) { c.GatewayPath = "gateway" }), nil, []string{"GatewayPath"}},
		"gateway dots":   {with(func(c *yunzhijia.Config) { c.GatewayPath = "/a/../b" }), nil, []string{"GatewayPath"}},
		"gateway query":  {with(func(c *yunzhijia.Config) { c.GatewayPath = "/a?b=c" }), nil, []string{"GatewayPath"}},
		"options": {good, []yunzhijia.Option{
			yunzhijia.WithHTTPClient(nil), yunzhijia.WithLogger(nil), yunzhijia.WithHook(nil), yunzhijia.WithLimiter(nil),
			yunzhijia.WithRetry(0, time.Second), yunzhijia.WithClock(nil), yunzhijia.WithTokenStore(nil),
		}, []string{"WithHTTPClient", "WithLogger", "WithHook", "WithLimiter", "WithRetry", "WithClock", "WithTokenStore"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := yunzhijia.New(tt.config, tt.options...)
			require.ErrorIs(t, err, yunzhijia.ErrInvalid)
			assert.Equal(t, tt.fields, fieldsOf(err))
		})
	}
}

func fieldsOf(err error) []string {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var fields []string
		for _, e := range many.Unwrap() {
			fields = append(fields, fieldsOf(e)...)
		}
		return fields
	}
	if f, ok := errors.AsType[*yunzhijia.FieldError](err); ok {
		return []string{f.Field}
	}
	return nil
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ base, gateway, want string }{
		{"", "", "https://www.yunzhijia.com/gateway/opendata-control/data/getcompany"},
		{"http://im.example.com/", "/", "http://im.example.com/opendata-control/data/getcompany"},
		{"https://im.example.com/hr", "/open/yzj/", "https://im.example.com/hr/open/yzj/opendata-control/data/getcompany"},
	} {
		var got []string
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			got = append(got, r.Method+" "+r.URL.Scheme+"://"+r.URL.Host+r.URL.Path)
			return nil, http.ErrServerClosed
		})
		client := newClient(t,
			yunzhijia.Config{BaseURL: tt.base, GatewayPath: tt.gateway, EID: eid, Credentials: yunzhijia.AccessToken("t")},
			yunzhijia.WithHTTPClient(&http.Client{Transport: transport}), yunzhijia.WithRetry(1, time.Second))
		_, err := client.GetCompany(t.Context())
		require.ErrorIs(t, err, http.ErrServerClosed)
		assert.Equal(t, []string{"POST " + tt.want}, got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A caller who goes on using its slice does not change a range already made.
func TestRangesKeepTheirInput(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.AddRole("r1", "一", "p1")
	srv.AddOrg(yunzhijia.Org{OrgID: "o1"})
	ids, orgIDs := []string{"r1"}, []string{"o1"}
	roles := client.AllRoleMembers(t.Context(), ids, yunzhijia.PageOptions{})
	infos := client.AllOrgDetails(t.Context(), yunzhijia.OrgDetailsQuery{OrgIDs: orgIDs}, yunzhijia.PageOptions{})
	users := client.AllOrgUsers(t.Context(), yunzhijia.OrgUsersQuery{OrgIDs: orgIDs}, yunzhijia.PageOptions{})
	ids[0], orgIDs[0] = "x", "x"

	_, err := collect(roles)
	require.NoError(t, err)
	_, err = collect(infos)
	require.NoError(t, err)
	_, err = collect(users)
	require.NoError(t, err)
	var sent []string
	for _, op := range []string{"getpersonByRoleIds", "getorginfos", "getUserInfoRelyOrgIds"} {
		sent = append(sent, formsTo(t, srv, op)[0]["orgIds"]+formsTo(t, srv, op)[0]["roleIds"])
	}
	assert.Equal(t, []string{"r1", "o1", "o1"}, sent)
	assert.False(t, slices.Contains(sent, "x"))
}

func TestNoContextNoClient(t *testing.T) {
	t.Parallel()
	_, c := mocked(t)
	optest.Misused(t, c)
	for _, bad := range []*yunzhijia.Client{nil, {}} {
		_, err := bad.With(yunzhijia.WithRetry(1, time.Second))
		require.ErrorIs(t, err, yunzhijia.ErrInvalid)
		_, err = bad.Team("2")
		require.ErrorIs(t, err, yunzhijia.ErrInvalid)
		_, err = collect(bad.PersonFeed("", yunzhijia.PageOptions{}).Events(t.Context()))
		require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	}
	_, err := collect(c.ChangedPersons("", yunzhijia.PageOptions{Prefetch: 8}).Persons(nil)) //nolint:staticcheck // that is the point
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	_, _, err = c.PersonFeed("", yunzhijia.PageOptions{}).Latest(nil) //nolint:staticcheck // that is the point
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
}

// A blank is no id, and bytes of another encoding are none that the vendor knows.
func TestBlankIDs(t *testing.T) {
	t.Parallel()
	_, c := mocked(t)
	for id, reason := range map[string]string{" ": "is required", "\u3000\t": "is required", "\xb2\xbf": "is not valid UTF-8"} {
		_, err := c.GetPerson(t.Context(), id)
		require.ErrorContains(t, err, "openID "+reason)
		_, err = c.Team(id)
		require.ErrorContains(t, err, "EID "+reason)
		_, err = c.ListRoleMembers(t.Context(), []string{"r", id}, yunzhijia.PageRequest{})
		require.ErrorContains(t, err, "roleIDs[1] is ")
		_, err = c.GetDirectoryPersons(t.Context(), []string{"p", id})
		require.ErrorContains(t, err, "openIDs[1] is ")
		require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	}
}
