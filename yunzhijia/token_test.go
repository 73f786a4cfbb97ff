package yunzhijia_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestOneTokenForAllCalls(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	other, err := client.Team(srv.AddTeam("10002", "第二个工作圈").EID())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 5 {
		for _, c := range []*yunzhijia.Client{client, other} {
			wg.Go(func() {
				company, err := c.GetCompany(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, c.EID(), company.EID)
			})
		}
	}
	wg.Wait()
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpToken))
	assert.Equal(t, 10, srv.Count(yunzhijiatest.OpGetCompany))
}

// 50 refusals in a row, none of which is about the token, cost one token call.
func TestRefusalsShareOneTokenCall(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	_, err := client.GetCompany(t.Context())
	require.NoError(t, err)
	srv.Reset()
	srv.Inject(yunzhijiatest.Refuse(3, "no").On(yunzhijiatest.OpGetPerson).Always())
	for range 50 {
		_, err := client.GetPerson(t.Context(), "someone")
		require.Error(t, err)
	}
	assert.Equal(t, 50, srv.Count(yunzhijiatest.OpGetPerson), "the same token is not tried again")
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpToken))
}

// No code for a rejected token is documented, so every refusal may mean one.
func TestReplayWithAnotherToken(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	_, err := client.GetCompany(t.Context())
	require.NoError(t, err)
	srv.ExpireTokens()
	_, err = client.GetCompany(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, srv.Count(yunzhijiatest.OpToken))
	sent := srv.RequestsTo(yunzhijiatest.OpGetCompany)
	require.Len(t, sent, 3)
	assert.Equal(t, sent[0].Query, sent[1].Query)
	assert.NotEqual(t, sent[1].Query, sent[2].Query)
}

func TestNoReplayWithTheSameToken(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.Inject(yunzhijiatest.Refuse(1201030, "no").On(yunzhijiatest.OpGetCompany))
	_, err := client.GetCompany(t.Context())
	var e *yunzhijia.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "1201030", e.Code)
	assert.Equal(t, 1, e.Attempts)
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpGetCompany))
	assert.Equal(t, 2, srv.Count(yunzhijiatest.OpToken), "asked anew")
}

func TestReplayOnlyOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yunzhijiatest.Fault{
		"refusal":  yunzhijiatest.Refuse(3, "no"),
		"HTTP 401": yunzhijiatest.Status(http.StatusUnauthorized),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := yunzhijiatest.NewInMemory()
			t.Cleanup(srv.Close)
			config := srv.Config()
			asked := 0
			config.Credentials = yunzhijia.TokenFunc(func(context.Context) (string, error) {
				asked++
				return fmt.Sprintf("token number %d", asked), nil
			})
			client := newClient(t, config, yunzhijia.WithHTTPClient(srv.HTTPClient()))
			for _, op := range []string{"getcompany", "delPartContacts"} { // also a call that must not run twice
				srv.Inject(fault.On(op).Always())
			}
			_, err := client.GetCompany(t.Context())
			require.Error(t, err)
			assert.Equal(t, 2, srv.Count(yunzhijiatest.OpGetCompany))
			err = client.DeletePartnerContact(t.Context(), yunzhijia.DeletePartnerContactRequest{PartnerEID: "a", ContactID: "b"})
			require.Error(t, err)
			require.NotErrorIs(t, err, yunzhijia.ErrOutcomeUnknown, "a refusal is an outcome")
			assert.Equal(t, 2, srv.Count(yunzhijiatest.OpDeletePartnerContact))
		})
	}
}

func TestTokenFuncError(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory()
	t.Cleanup(srv.Close)
	own := errors.New("vault sealed")
	config := srv.Config()
	config.Credentials = yunzhijia.TokenFunc(func(context.Context) (string, error) { return "", own })
	client := newClient(t, config, yunzhijia.WithHTTPClient(srv.HTTPClient()))
	_, err := client.GetCompany(t.Context())
	require.ErrorIs(t, err, own)
	assert.Zero(t, srv.Count(""))
}

// Writes are not repeated when nobody knows whether they took place.
func TestOnce(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.Seed(1, 1))
	srv.AddOtherTeam("13800000002", yunzhijia.FoundTeam{EID: "20002", NetworkID: "n", Name: "示例伙伴"})
	create := yunzhijia.CreatePartnerRequest{
		MyOpenID: "person-00001", PartnerEID: "20002", PartnerPhone: "13800000002",
	}
	srv.Inject(yunzhijiatest.LoseAnswer().On(yunzhijiatest.OpCreatePartner))
	err := client.CreatePartner(t.Context(), create)
	require.ErrorIs(t, err, yunzhijia.ErrOutcomeUnknown)
	require.ErrorIs(t, err, yunzhijia.ErrUnavailable)
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpCreatePartner))

	partners, err := client.ListPartners(t.Context(), time.Time{}, yunzhijia.PageRequest{})
	require.NoError(t, err)
	require.Len(t, partners, 1, "it had taken place")
	srv.Inject(yunzhijiatest.Status(http.StatusBadGateway).On(yunzhijiatest.OpDeletePartnerContact))
	remove := yunzhijia.DeletePartnerContactRequest{PartnerEID: "20002", ContactID: partners[0].Contacts[0].ContactID}
	err = client.DeletePartnerContact(t.Context(), remove)
	require.ErrorIs(t, err, yunzhijia.ErrOutcomeUnknown)
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpDeletePartnerContact))
	require.NoError(t, client.DeletePartnerContact(t.Context(), remove))
	assert.Empty(t, srv.Partners()[0].Contacts)
}

func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1576734657000)
	for name, tt := range map[string]struct {
		data  string
		life  time.Duration
		field string // of the error, if there is to be one
	}{
		"seconds":                 {`{"accessToken":"a","expireIn":6400}`, 6400 * time.Second, ""},
		"quoted":                  {`{"accessToken":"a","expireIn":"7200"}`, 2 * time.Hour, ""},
		"about to end":            {`{"accessToken":"a","expireIn":0}`, 0, ""},
		"longer than any":         {`{"accessToken":"a","expireIn":9223372036854775807}`, 24 * time.Hour, ""},
		"no life":                 {`{"accessToken":"a"}`, 5 * time.Minute, ""},
		"life null":               {`{"accessToken":"a","expireIn":null}`, 5 * time.Minute, ""},
		"negative":                {`{"accessToken":"a","expireIn":-1}`, 0, "data.expireIn"},
		"as a double":             {`{"accessToken":"a","expireIn":7200.0}`, 2 * time.Hour, ""},
		"unreadable":              {`{"accessToken":"a","expireIn":"soon"}`, 0, "data.expireIn"},
		"no token":                {`{"expireIn":7200}`, 0, "data.accessToken"},
		"no data, though success": {`null`, 0, "data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := httpmock.NewMockTransport()
			mock.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK,
				`{"success":true,"errorCode":0,"data":`+tt.data+`}`))
			token, err := yunzhijia.FetchToken(t.Context(), "1", "s",
				yunzhijia.WithHTTPClient(&http.Client{Transport: mock}),
				yunzhijia.WithClock(func() time.Time { return now }))
			if tt.field != "" {
				require.ErrorIs(t, err, yunzhijia.ErrMalformed)
				assert.Contains(t, err.Error(), `"`+tt.field+`"`)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "a", token.Reveal())
			assert.Equal(t, now.Add(tt.life), token.Expires())
		})
	}
}

// A vendor that quotes what it objects to does not get it into our errors.
func TestTokenRefusalIsScrubbed(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t)
	srv.Inject(yunzhijiatest.Refuse(3001, "simulator-app-secret does not belong to 500000001").On(yunzhijiatest.OpToken))
	_, err := client.GetCompany(t.Context())
	var e *yunzhijia.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "getAccessToken", e.Op)
	assert.Equal(t, "*** does not belong to ***", e.Message)
	assert.Equal(t, "get access token: yunzhijia getAccessToken: code 3001: *** does not belong to ***", err.Error())
}

// A stamp is good for 3 minutes, so a repeated token call has a new one.
func TestEveryAttemptIsStamped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := simulate(t)
		srv.Inject(yunzhijiatest.RateLimited(20 * time.Second).On(yunzhijiatest.OpToken))
		_, err := client.GetCompany(t.Context())
		require.NoError(t, err)
		var stamps []int64
		for _, r := range srv.RequestsTo(yunzhijiatest.OpToken) {
			var body struct{ Timestamp int64 }
			require.NoError(t, json.Unmarshal(r.Body, &body))
			stamps = append(stamps, body.Timestamp)
		}
		require.Len(t, stamps, 2)
		assert.Equal(t, int64(20_000), stamps[1]-stamps[0])
	})
}

func TestClockOff(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory()
	t.Cleanup(srv.Close)
	client := newClient(t, srv.Config(), yunzhijia.WithHTTPClient(srv.HTTPClient()),
		yunzhijia.WithClock(func() time.Time { return time.Now().Add(-4 * time.Minute) }))
	_, err := client.GetCompany(t.Context())
	var e *yunzhijia.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "getAccessToken", e.Op)
	assert.Contains(t, e.Message, "3 minutes")
	assert.Zero(t, srv.Count(yunzhijiatest.OpGetCompany))
}

// A token is renewed before it ends: nobody sees a refusal.
func TestRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := simulate(t, yunzhijiatest.WithTokenLife(10*time.Minute))
		for range 60 {
			_, err := client.GetCompany(t.Context())
			require.NoError(t, err)
			advance(t, time.Minute)
		}
		assert.Equal(t, 60, srv.Count(yunzhijiatest.OpGetCompany), "no replays")
		assert.LessOrEqual(t, srv.Count(yunzhijiatest.OpToken), 20)
	})
}

// advance lets fake time pass.
func advance(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// store shares tokens between clients.
type store struct {
	mu     sync.Mutex
	tokens map[string]yunzhijia.Token
}

func (s *store) Load(_ context.Context, key string) (yunzhijia.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[key], nil
}

func (s *store) Save(_ context.Context, key string, t yunzhijia.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[key] = yunzhijia.NewToken(t.Reveal(), t.Expires())
	return nil
}

func (s *store) Delete(_ context.Context, key string, rejected yunzhijia.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens[key].Same(rejected) {
		delete(s.tokens, key)
	}
	return nil
}

func TestTokenStore(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory()
	t.Cleanup(srv.Close)
	shared := &store{tokens: map[string]yunzhijia.Token{}}
	get := func(config yunzhijia.Config) error {
		client := newClient(t, config, yunzhijia.WithHTTPClient(srv.HTTPClient()), yunzhijia.WithTokenStore(shared))
		_, err := client.GetCompany(t.Context())
		return err
	}
	require.NoError(t, get(srv.Config()))
	require.NoError(t, get(srv.Config()))
	assert.Equal(t, 1, srv.Count(yunzhijiatest.OpToken))
	srv.ExpireTokens()
	require.NoError(t, get(srv.Config()))
	assert.Equal(t, 2, srv.Count(yunzhijiatest.OpToken))

	// Another secret, or the same app elsewhere, never meets that token.
	wrong := srv.Config()
	wrong.Credentials = yunzhijia.AppCredentials("500000001", "another-secret")
	require.Error(t, get(wrong))
	elsewhere := srv.Config()
	elsewhere.BaseURL = "http://im.example.com"
	require.NoError(t, get(elsewhere))
	assert.Equal(t, 4, srv.Count(yunzhijiatest.OpToken))
	require.Len(t, shared.tokens, 2)
	for key := range shared.tokens {
		assert.True(t, strings.HasPrefix(key, "yunzhijia:app:500000001@"), "scope and app are in the key")
		assert.NotContains(t, key, "simulator-app-secret")
	}
}

// The default limiter keeps both documented quotas, and teams share it.
func TestDefaultLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := yunzhijiatest.NewInMemory()
		defer srv.Close()
		client := srv.Client()
		team, err := client.Team(srv.Config().EID)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for i := 0; err == nil; i++ {
			_, err = []*yunzhijia.Client{client, team}[i%2].GetCompany(ctx)
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, srv.Count(""), 3500)
		assert.Greater(t, srv.Count(""), 3300, "and does not waste them")
	})
}
