package yunjian_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

const sessionURL = "https://third.example/api/session"

// isSession tells the two endpoints apart by their addresses.
func isSession(r *http.Request) bool { return r.URL.String() == sessionURL }

func canaryClient(options ...kernel.Option) (*yunjian.Client, error) {
	return yunjian.New(yunjian.Config{
		URL: syncURL, Account: "acct", UserNo: "U001", SendCards: true,
		Session: yunjian.Login(yunjian.LoginConfig{URL: sessionURL, Secret: optest.Secret, SignKey: optest.SignKey, Source: "tmc"}),
	}, options...)
}

func push1(ctx context.Context, options ...kernel.Option) (any, error) {
	c, err := canaryClient(options...)
	if err != nil {
		return nil, err
	}
	return c.SyncUsers(ctx, []yunjian.User{canaryUser()})
}

func failure(err error) (*kernel.Failure, bool) {
	e, ok := errors.AsType[*yunjian.Error](err)
	return (*kernel.Failure)(e), ok
}

func refuse(message string) string {
	return `{"resCode":20001,"resMsg":"` + message + `","data":{"unexpected":true}}`
}

func TestSweepUserSyn(t *testing.T) {
	t.Parallel()
	optest.Suite{
		Vendor: "yunjian", Failure: failure, Refuse: refuse,
		Token: func(r *http.Request) (string, bool) {
			return `{"resCode":"10000","resMsg":"success","sessionId":"` + optest.Token + `","timeLimit":4102444800000}`, isSession(r)
		},
		Behind: []string{optest.Secret, optest.SignKey},
		Ops: []optest.Op{{
			Name: "userSyn", Class: kernel.Idempotent, Call: push1,
			Good: `{"resCode":10000,"resMsg":"success","data":[]}`,
			Row: func(message string) string {
				return `{"resCode":10000,"resMsg":"success","data":[{"userNo":"` + canaryUser().UserNo + `","status":"0","description":"` + message + `"}]}`
			},
		}},
	}.Run(t)
}

// One answer serves both endpoints: the push is what fails when no session can
// be had.
func TestSweepGetSession(t *testing.T) {
	t.Parallel()
	optest.Suite{
		Vendor: "yunjian", Failure: failure, Refuse: refuse,
		Behind: []string{optest.SignKey},
		Ops: []optest.Op{{
			Name: "getSession", Class: kernel.Read, Call: push1,
			Good: `{"resCode":"10000","resMsg":"success","sessionId":"` + optest.Token + `","timeLimit":4102444800000,"data":[]}`,
		}},
	}.Run(t)
}

func TestNoSessionMeansNotSent(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"refused":    `{"resCode":"20002","resMsg":"account, secret or sign is wrong","sessionId":"","timeLimit":null}`,
		"no session": `{"resCode":"10000","resMsg":"success"}`,
		"an object":  `{"resCode":"10000","resMsg":"success","sessionId":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := canaryClient(kernel.WithRetry(1, time.Millisecond), kernel.WithHTTPClient(&http.Client{Transport: fake(func(r *http.Request) string {
				assert.True(t, isSession(r), "nothing is pushed without a session")
				return answer
			})}))
			require.NoError(t, err)
			result, err := c.SyncUsers(t.Context(), []yunjian.User{canaryUser(), user("3")})
			require.Len(t, result.Unsent, 2)
			for _, item := range result.Unsent {
				require.ErrorIs(t, item.Err, yunjian.ErrNotSent)
				require.NotErrorIs(t, item.Err, yunjian.ErrOutcomeUnknown)
			}
			f, ok := failure(err)
			require.True(t, ok)
			assert.Equal(t, "getSession", f.Op)
			optest.SilentError(t, "error", err)
		})
	}
}
