package tuzhan_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func TestRejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]tuzhantest.Option{
		"code 100200": nil,
		"HTTP 401":    {tuzhantest.WithUnauthorized()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := tuzhantest.NewInMemory(options...)
			defer srv.Close()
			client := srv.Client()
			_, err := client.AddDepartments(t.Context(), departments(1))
			require.NoError(t, err)
			srv.ExpireTokens()
			_, err = client.AddDepartments(t.Context(), departments(2)[1:])
			require.NoError(t, err)
			assert.Equal(t, 2, srv.Count(tuzhantest.OpToken))
			assert.Equal(t, 3, srv.Count(tuzhantest.OpDepartments), "replayed once")
			assert.Len(t, srv.Departments(), 2)

			// A vendor that rejects every token is asked twice, not endlessly.
			bad := srv.Config()
			var asked atomic.Int32
			bad.Credentials = tuzhan.TokenFunc(func(context.Context) (string, error) {
				return "token-" + strconv.Itoa(int(asked.Add(1))), nil
			})
			client, err = tuzhan.New(bad, tuzhan.WithHTTPClient(srv.HTTPClient()))
			require.NoError(t, err)
			srv.Reset()
			result, err := client.AddDepartments(t.Context(), departments(1200))
			require.ErrorIs(t, err, tuzhan.ErrUnauthorized)
			assert.Len(t, result.Unsent, 700)
			assert.Equal(t, 2, srv.Count(tuzhantest.OpDepartments))
		})
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	// The vendor's sample says expire 0: its life is then the documented 7,200 s.
	for _, life := range []time.Duration{7200 * time.Second, 0} {
		synctest.Test(t, func(t *testing.T) {
			srv := tuzhantest.NewInMemory()
			defer srv.Close()
			if life == 0 {
				srv.Inject(tuzhantest.Body(200, "application/json",
					`{"code":"200","errorCode":"0","data":{"expire":0,"orgAccessToken":"`+srv.IssueToken()+`"}}`).On(tuzhantest.OpToken))
			}
			client := srv.Client()
			push := func() {
				_, err := client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
				require.ErrorIs(t, err, tuzhan.ErrNotExists)
			}
			push()
			<-time.After(6800 * time.Second)
			push()
			assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
			<-time.After(399 * time.Second)
			push()
			assert.Equal(t, 2, srv.Count(tuzhantest.OpToken), "renewed before its end")
			assert.Equal(t, 3, srv.Count(tuzhantest.OpEmployees), "and never rejected")
		})
	}
}

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	config := srv.Config()
	config.Credentials = tuzhan.AppCredentials(tuzhantest.InstanceAppID, "other")
	client, err := tuzhan.New(config, tuzhan.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.ErrorIs(t, err, tuzhan.ErrAppSecret)
	assert.Len(t, result.Unsent, 1, "there was no token to send it with")
	assert.Zero(t, srv.Count(tuzhantest.OpEmployees))

	// A token call that is refused for whatever reason is not tried chunk by chunk.
	srv.Reset()
	srv.Inject(tuzhantest.Body(200, "application/json", `{"code":"500","msg":"系统繁忙"}`).On(tuzhantest.OpToken).Always())
	_, err = client.AddDepartments(t.Context(), departments(1001))
	require.ErrorIs(t, err, tuzhan.ErrNotSent)
	assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
}

// The token of the first attempt is there, none for the second: what the first
// did stays unknown, unless the vendor said that it did nothing.
func TestNoTokenForTheSecondAttempt(t *testing.T) {
	t.Parallel()
	for fault, unknown := range map[*tuzhantest.Fault]bool{
		new(tuzhantest.LoseAnswer()):   true,
		new(tuzhantest.RateLimited(0)): false,
	} {
		srv := tuzhantest.NewInMemory()
		config := srv.Config()
		var asked atomic.Int32
		token := srv.IssueToken()
		config.Credentials = tuzhan.TokenFunc(func(context.Context) (string, error) {
			if asked.Add(1) > 1 {
				return "", http.ErrHandlerTimeout
			}
			return token, nil
		})
		client, err := tuzhan.New(config, tuzhan.WithHTTPClient(srv.HTTPClient()), tuzhan.WithRetry(2, time.Millisecond))
		require.NoError(t, err)
		srv.Inject(*fault)
		records := make([]tuzhan.Employee, 501)
		for i := range records {
			records[i] = employee("U" + strconv.Itoa(i))
		}
		result, err := client.DeleteEmployees(t.Context(), records)
		whole(t, records, result, err)
		require.ErrorIs(t, err, http.ErrHandlerTimeout)
		assert.Equal(t, unknown, errors.Is(err, tuzhan.ErrOutcomeUnknown))
		assert.Len(t, result.Failed, 500)
		assert.Len(t, result.Unsent, 1)
		srv.Close()
	}
}

// No header takes such a token: the answer that holds it is at fault.
func TestTokenOfNoHeader(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	srv.Inject(tuzhantest.Body(200, "application/json",
		`{"code":"200","data":{"orgAccessToken":"geheim\n","expire":0}}`).On(tuzhantest.OpToken).Always())
	client, err := tuzhan.New(srv.Config(), tuzhan.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	_, err = client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
	require.ErrorIs(t, err, tuzhan.ErrMalformed)
	require.ErrorIs(t, err, tuzhan.ErrNotSent)
	assert.NotContains(t, err.Error(), "geheim")
}

func TestSharedTokenStore(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	store := &memoryStore{}
	for range 2 {
		client := srv.Client(tuzhan.WithTokenStore(store))
		_, err := client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
		require.ErrorIs(t, err, tuzhan.ErrNotExists)
	}
	assert.Equal(t, 1, srv.Count(tuzhantest.OpToken))
	assert.NotContains(t, store.key, tuzhantest.InstanceSecret)
	assert.Contains(t, store.key, tuzhantest.InstanceAppID)
}

type memoryStore struct {
	key   string
	token tuzhan.Token
}

func (s *memoryStore) Load(context.Context, string) (tuzhan.Token, error) { return s.token, nil }

func (s *memoryStore) Save(_ context.Context, key string, token tuzhan.Token) error {
	s.key, s.token = key, tuzhan.NewToken(token.Reveal(), token.Expires())
	return nil
}

func (s *memoryStore) Delete(context.Context, string, tuzhan.Token) error { return nil }

// Some gateways put a key into the path, which has no business in the keys of a store.
func TestStoreKeyHoldsNoPath(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	defer srv.Close()
	keys := map[string]bool{}
	for _, path := range []string{"", "/geheim-1", "/geheim-2"} {
		store := &memoryStore{}
		config := srv.Config()
		config.BaseURL += path
		client, err := tuzhan.New(config, tuzhan.WithTokenStore(store), tuzhan.WithHTTPClient(&http.Client{Transport: stripPath{srv.HTTPClient().Transport, path}}))
		require.NoError(t, err)
		_, _ = client.DeleteEmployees(t.Context(), []tuzhan.Employee{employee("U1")})
		require.NotEmpty(t, store.key)
		assert.NotContains(t, store.key, "geheim")
		keys[store.key] = true
	}
	assert.Len(t, keys, 3, "every address has tokens of its own")
}

// stripPath is a gateway that knows its clients by the first part of the path.
type stripPath struct {
	next   http.RoundTripper
	prefix string
}

func (s stripPath) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Path = strings.TrimPrefix(r.URL.Path, s.prefix)
	return s.next.RoundTrip(r)
}
