package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// secrets are values of variables, which must never be printed.
func secrets() map[string]string {
	return map[string]string{
		"YUNZHIJIA_APP_SECRET": "simulator-app-secret",
		"TUZHAN_APP_SECRET":    tuzhantest.InstanceSecret,
		"YUNJIAN_SECRET":       yunjiantest.Secret,
		"YUNJIAN_SIGN_KEY":     yunjiantest.SignKey,
	}
}

// world is the four vendors and an environment that names them.
type world struct {
	source *yunzhijiatest.Server
	a      *aiguanhuaitest.Server
	t      *tuzhantest.Server
	y      *yunjiantest.Server
	env    map[string]string
}

func newWorld(t *testing.T, orgs, people int, options ...yunzhijiatest.Option) *world {
	t.Helper()
	w := &world{
		source: yunzhijiatest.NewServer(append(options, yunzhijiatest.Seed(orgs, people))...),
		a:      aiguanhuaitest.NewServer(), t: tuzhantest.NewServer(), y: yunjiantest.NewServer(),
	}
	t.Cleanup(func() { w.source.Close(); w.a.Close(); w.t.Close(); w.y.Close() })
	w.env = map[string]string{
		"YUNZHIJIA_BASE_URL": w.source.URL(), "YUNZHIJIA_EID": w.source.EID(), "YUNZHIJIA_APP_ID": "500000001",
		"AIGUANHUAI_BASE_URL": w.a.URL(), "AIGUANHUAI_CORP_ID": aiguanhuaitest.DefaultCorpID,
		"TUZHAN_BASE_URL": w.t.URL(), "TUZHAN_APP_ID": tuzhantest.InstanceAppID,
		"YUNJIAN_URL": w.y.SyncURL(), "YUNJIAN_ACCOUNT": yunjiantest.Account, "YUNJIAN_USER_NO": "U001",
		"YUNJIAN_SESSION_URL": w.y.SessionURL(),
		"ORGSYNC_STATE":       filepath.Join(t.TempDir(), "state.db"),
	}
	maps.Copy(w.env, secrets())
	return w
}

// contacts is newWorld with an app that may see phones.
func contacts(t *testing.T, orgs, people int) *world {
	t.Helper()
	return newWorld(t, orgs, people, yunzhijiatest.WithContacts())
}

// result is what one run left behind.
type result struct {
	status         int
	report         fullReport
	stdout, stderr string
}

type fullReport struct {
	orgsync.Report

	ExitStatus   int
	Roster       []finding
	RosterCounts *rosterCounts
}

// sync runs the program with -json and demands an answer that keeps its promises.
func (w *world) sync(t *testing.T, flags ...string) result {
	t.Helper()
	return w.syncContext(t.Context(), t, flags...)
}

func (w *world) syncContext(ctx context.Context, t *testing.T, flags ...string) result {
	t.Helper()
	w.reset()
	var stdout, stderr bytes.Buffer
	r := result{status: run(ctx, append(flags, "-json"), w.get, &stdout, &stderr)}
	r.stdout, r.stderr = stdout.String(), stderr.String()
	decoder := json.NewDecoder(&stdout)
	require.NoError(t, decoder.Decode(&r.report), r.stderr)
	assert.False(t, decoder.More(), "one object and nothing else")
	w.assertSecrecy(t, r.stdout+r.stderr)
	return r
}

// text runs the program without -json and returns its status and standard output.
func (w *world) text(t *testing.T, flags ...string) (int, string) {
	t.Helper()
	w.reset()
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), flags, w.get, &stdout, &stderr)
	w.assertSecrecy(t, stdout.String()+stderr.String())
	return status, stdout.String()
}

func (w *world) get(name string) string { return w.env[name] }

func (w *world) assertSecrecy(t *testing.T, printed string) {
	t.Helper()
	for _, value := range secrets() {
		assert.NotContains(t, printed, value)
	}
	assert.NotContains(t, printed, "138000", "a mobile")
	for _, p := range w.source.People() {
		if p.Name != "" {
			assert.NotContains(t, printed, p.Name)
		}
	}
}

func (w *world) reset() {
	w.source.Reset()
	w.a.Reset()
	w.t.Reset()
	w.y.Reset()
}

// writes counts the calls of the last run that could change a target.
func (w *world) writes() int {
	return w.a.Count("") + w.t.Count(tuzhantest.OpDepartments) + w.t.Count(tuzhantest.OpEmployees) + w.y.Count(yunjiantest.OpSyncUsers)
}

// assertInStep compares who is in service everywhere.
func (w *world) assertInStep(t *testing.T) {
	t.Helper()
	var source, a, tz, y []string
	for _, p := range w.source.People() {
		if p.Status == yunzhijia.StatusActive {
			source = append(source, p.OpenID)
			y = append(y, p.JobNo)
		}
	}
	for _, p := range w.a.People() {
		if p.Status == aiguanhuai.StatusActive {
			a = append(a, p.UserID)
		}
	}
	for _, p := range w.t.Employees() {
		tz = append(tz, p.ThirdUserID)
	}
	var users []string
	for _, u := range w.y.Users() {
		if !u.IsLeave {
			users = append(users, u.UserNo)
		}
	}
	for _, ids := range [][]string{source, a, tz, y, users} {
		slices.Sort(ids)
	}
	assert.Equal(t, source, a, "爱关怀")
	assert.Equal(t, source, tz, "兔展")
	assert.Equal(t, y, users, "云简")
	assert.Len(t, w.a.Departments(), len(w.source.Orgs()))
	assert.Len(t, w.t.Departments(), len(w.source.Orgs()))
}
