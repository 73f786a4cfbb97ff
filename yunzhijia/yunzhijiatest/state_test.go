package yunzhijiatest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	options := []yunzhijiatest.Option{
		yunzhijiatest.Seed(30, 1000), yunzhijiatest.WithClock(func() time.Time { return now }),
	}
	a, b := start(t, options...), start(t, options...)
	assert.Equal(t, a.Orgs(), b.Orgs())
	assert.Equal(t, a.People(), b.People(), "always the same")
	require.Len(t, a.Orgs(), 30)
	require.Len(t, a.People(), 1000)

	orgs := map[string]bool{"": true}
	for _, org := range a.Orgs() {
		assert.True(t, orgs[org.ParentID], "parents come first")
		orgs[org.OrgID] = true
		assert.Len(t, org.Heads(), 1)
	}
	phones := map[string]bool{}
	for _, p := range a.People() {
		assert.True(t, orgs[p.OrgID])
		assert.Len(t, p.Phone, 11)
		phones[p.Phone] = true
	}
	assert.Len(t, phones, 1000)

	client := a.Client(yunzhijia.WithClock(func() time.Time { return now }))
	events := 0
	for _, err := range client.PersonFeed("", yunzhijia.PageOptions{}).Events(t.Context()) {
		require.NoError(t, err)
		events++
	}
	assert.Equal(t, 1010, events, "openIds come again")
	before, _, err := client.PersonFeed(yunzhijia.CursorAt(now.Add(-time.Minute), nil), yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)
	assert.Empty(t, before, "all of it is older than a minute")
	assert.Empty(t, start(t, yunzhijiatest.Seed(0, 5)).People())
}

func TestStateIsACopy(t *testing.T) {
	t.Parallel()
	srv := start(t, yunzhijiatest.Seed(2, 2))
	srv.Orgs()[0].InChargers[0].OpenID = "x"
	srv.People()[0].Name = "x"
	assert.Equal(t, "person-00001", srv.Orgs()[0].InChargers[0].OpenID)
	assert.NotEqual(t, "x", srv.People()[0].Name)

	srv.UpdateOrg("org-0002", func(o *yunzhijia.Org) { o.Name = "改名" })
	assert.Equal(t, "改名", srv.Orgs()[1].Name)
	srv.RemoveOrg("org-0001")
	assert.Len(t, srv.Orgs(), 1)
}

// A test that names what does not exist would prove nothing.
func TestMisuse(t *testing.T) {
	t.Parallel()
	srv := start(t)
	for name, f := range map[string]func(){
		"update person":  func() { srv.UpdatePerson("x", func(*yunzhijia.Person) {}) },
		"leave":          func() { srv.Leave("x") },
		"remove person":  func() { srv.RemovePerson("x") },
		"superiors":      func() { srv.SetSuperiors("x") },
		"update org":     func() { srv.UpdateOrg("x", func(*yunzhijia.Org) {}) },
		"remove org":     func() { srv.RemoveOrg("x") },
		"fault":          func() { srv.Inject(yunzhijiatest.HTML().On("x")) },
		"requests":       func() { srv.RequestsTo("x") },
		"requests count": func() { srv.Count("x") },
	} {
		assert.Panics(t, f, name)
	}
	srv.AddPerson(yunzhijia.Person{OpenID: "a"}) // and it still works
	assert.Len(t, srv.People(), 1)
}

// Broken directories can be played.
func TestBrokenDirectories(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.AddOrg(
		yunzhijia.Org{OrgID: "a", ParentID: "b"}, yunzhijia.Org{OrgID: "b", ParentID: "a"},
		yunzhijia.Org{OrgID: "orphan", ParentID: "x", InChargers: []yunzhijia.Person{{OpenID: "nobody"}}},
	)
	srv.AddPerson(yunzhijia.Person{OrgID: "x"}, yunzhijia.Person{OrgID: "x"}, yunzhijia.Person{OpenID: "p", Status: "odd"})
	client := srv.Client()
	for orgID, want := range map[string]int{"a": 2, "b": 2, "orphan": 1, "x": 0} {
		chain, err := client.ListAncestorOrgs(t.Context(), orgID)
		require.NoError(t, err)
		assert.Len(t, chain, want)
	}
	below, err := client.ListDescendantOrgs(t.Context(), "a")
	require.NoError(t, err)
	assert.Len(t, below, 1)
	people, _, err := client.PersonFeed("", yunzhijia.PageOptions{}).Latest(t.Context())
	require.NoError(t, err)
	assert.Len(t, people, 3)
	users, err := client.ListOrgUsers(t.Context(), yunzhijia.OrgUsersQuery{OrgIDs: []string{"x", "y"}}, yunzhijia.PageRequest{})
	require.NoError(t, err)
	assert.Len(t, users, 2)
}

func TestObservation(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewServer()
	t.Cleanup(srv.Close)
	for _, h := range []*http.Client{srv.HTTPClient(), {Transport: srv.Transport()}} {
		client, err := yunzhijia.New(srv.Config(), yunzhijia.WithHTTPClient(h))
		require.NoError(t, err)
		company, err := client.GetCompany(t.Context())
		require.NoError(t, err)
		assert.Equal(t, srv.EID(), company.EID)
	}
	assert.Len(t, srv.Requests(), 4)
	assert.Equal(t, 1, srv.MaxInFlight())
	assert.Equal(t, 1, srv.Connections().MaxOpen)
	assert.NotContains(t, fmt.Sprintf("%+v", srv.Requests()), "accessToken")
	srv.Inject(yunzhijiatest.Refuse(7, "no").Always())
	assert.Len(t, srv.Pending(), 1)
	srv.ClearFaults()
	assert.Empty(t, srv.Pending())
	srv.Reset()
	assert.Empty(t, srv.Requests())
	assert.Same(t, srv.AddTeam("10002", "a"), srv.AddTeam("10002", "b"))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const op = "getcompany"
	for name, tt := range map[string]struct {
		fault yunzhijiatest.Fault
		want  error // nil for success
	}{
		"refuse":      {yunzhijiatest.Refuse(1, "no"), nil},
		"delay":       {yunzhijiatest.Delay(time.Millisecond), nil},
		"status":      {yunzhijiatest.Status(http.StatusBadGateway), yunzhijia.ErrUnavailable},
		"429":         {yunzhijiatest.RateLimited(time.Second), yunzhijia.ErrRateLimited},
		"429 until":   {yunzhijiatest.RateLimitedUntil(time.Now().Add(time.Hour)), yunzhijia.ErrRateLimited},
		"html":        {yunzhijiatest.HTML(), yunzhijia.ErrMalformed},
		"body":        {yunzhijiatest.Body(http.StatusOK, "text/plain", "x"), yunzhijia.ErrMalformed},
		"respond":     {yunzhijiatest.Respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }), yunzhijia.ErrUnauthorized},
		"reset":       {yunzhijiatest.ResetConnection(), yunzhijia.ErrUnavailable},
		"lose answer": {yunzhijiatest.LoseAnswer(), yunzhijia.ErrUnavailable},
		"empty":       {yunzhijiatest.EmptyBody(), yunzhijia.ErrMalformed},
		"truncate":    {yunzhijiatest.TruncateBody(), yunzhijia.ErrMalformed},
		"cut":         {yunzhijiatest.CutBody(), yunzhijia.ErrUnavailable},
		"pad":         {yunzhijiatest.PadBody(10), nil},
		"mutate":      {yunzhijiatest.MutateBody(func([]byte) []byte { return []byte("{}") }), yunzhijia.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t)
			client := srv.Client(yunzhijia.WithRetry(1, time.Second))
			srv.Inject(tt.fault.On(op))
			_, err := client.GetCompany(t.Context())
			assert.Empty(t, srv.Pending())
			switch {
			case name == "refuse":
				var e *yunzhijia.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, "1", e.Code)
			case tt.want != nil:
				require.ErrorIs(t, err, tt.want)
			default:
				require.NoError(t, err)
			}
		})
	}
	t.Run("latency", func(t *testing.T) {
		t.Parallel()
		srv := start(t)
		srv.SetLatency(time.Millisecond)
		began := time.Now()
		askToken(t, srv, tokenRequest(time.Now()))
		assert.GreaterOrEqual(t, time.Since(began), time.Millisecond)
	})
}
