//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// writes collects what a process prints.
type writes struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(p)
}

func (w *writes) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

func get(t *testing.T, address, password string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	if password != "" {
		r.SetBasicAuth("admin", password)
	}
	answer, err := (&http.Client{}).Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// serve runs the program's process until the function ends, and demands that SIGTERM ends
// it in good order.
func (w *world) serve(t *testing.T, do func(address string)) string {
	t.Helper()
	child := w.child(t)
	printed := &writes{}
	child.Env = append(child.Env, childArguments+"=serve", listenVariable+"=127.0.0.1:0")
	child.Stdout, child.Stderr = printed, printed
	require.NoError(t, child.Start())
	defer func() { _ = child.Process.Kill() }()
	pattern := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	require.Eventually(t, func() bool { return pattern.MatchString(printed.String()) }, 30*time.Second, 5*time.Millisecond)
	defer func() {
		if t.Failed() {
			t.Log(printed.String())
		}
	}()
	do(pattern.FindString(printed.String()))
	require.NoError(t, child.Process.Signal(syscall.SIGTERM))
	require.NoError(t, child.Wait(), printed.String())
	return printed.String()
}

// The program that keeps running fills the targets at its start, shows a page to those who
// know the password, raises alarms, and leaves a state that the next run goes on from.
func TestServe(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 60)
	told := &writes{}
	robot := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(told, r.Body)
		_, _ = io.WriteString(told, r.URL.Path+"\n")
	}))
	defer robot.Close()
	w.env[pagePasswordVariable] = "page-canary"
	w.env[notifyVariable], w.env[heartbeatVariable] = robot.URL+"/alarm-canary", robot.URL+"/beat-canary"
	w.env[eventKeyVariable] = "event-canary"
	printed := w.serve(t, func(address string) {
		code, body := get(t, address+"healthz", "")
		assert.Equal(t, http.StatusOK, code)
		assert.Equal(t, "ok\n", body)
		code, _ = get(t, address, "")
		assert.Equal(t, http.StatusUnauthorized, code)
		require.Eventually(t, func() bool { return len(w.y.Users()) == 60 }, 30*time.Second, 5*time.Millisecond)
		require.Eventually(t, func() bool { return strings.Contains(told.String(), "beat-canary") }, 5*time.Second, 5*time.Millisecond)
		code, body = get(t, address, "page-canary")
		assert.Equal(t, http.StatusOK, code)
		assert.Contains(t, body, w.source.EID())
		code, _ = get(t, address+strings.TrimPrefix(eventsPath, "/"), "page-canary")
		assert.Equal(t, http.StatusForbidden, code, "an event without a signature")
	})
	assert.NotContains(t, printed, "canary")
	w.assertSecrecy(t, printed)
	w.assertInStep(t)
	for i := range 30 {
		w.source.Leave(person(i + 1))
	}
	assert.Equal(t, statusGuarded, w.sync(t).status, "one run alone raises alarms too")
	assert.Contains(t, told.String(), "sync.stopped")
	assert.Contains(t, told.String(), "alarm-canary")
	n := len(told.String())
	assert.Equal(t, statusGuarded, w.sync(t).status)
	assert.Len(t, told.String(), n, "the same alarm comes once a day")
}

// A signed event is answered at once and starts a run a little later; a check starts none.
func TestServeTakesEvents(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 60)
	w.env[eventKeyVariable] = "event-canary"
	printed := w.serve(t, func(address string) {
		require.Eventually(t, func() bool { return len(w.y.Users()) == 60 }, 30*time.Second, 5*time.Millisecond)
		sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
			URL: address + strings.TrimPrefix(eventsPath, "/"), EID: w.source.EID(), Key: "event-canary",
		})
		require.NoError(t, sender.Check(t.Context()))
		hired := yunzhijia.Person{OpenID: "new", Name: "新人", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001", Email: "new@example.com"}
		w.source.AddPerson(hired)
		answer, err := sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventUserEnter, ID: hired.OpenID})
		require.NoError(t, err)
		assert.True(t, answer.OK())
		forged, err := sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventUserLeave, ID: hired.OpenID}, yunzhijiatest.WrongKey())
		require.NoError(t, err)
		assert.Equal(t, http.StatusForbidden, forged.Status)
		require.Eventually(t, func() bool {
			return len(w.y.Users()) == 61 && len(w.t.Employees()) == 61 && len(w.a.People()) == 61
		}, time.Minute, 5*time.Millisecond)
	})
	assert.NotContains(t, printed, "canary")
	w.assertInStep(t)
}

// SIGTERM lets the call under way end, and what it did is noted.
func TestServeEndsInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 600)
	w.t.SetLatency(100 * time.Millisecond)
	w.serve(t, func(string) {
		require.Eventually(t, func() bool { return w.writes() >= 3 }, 30*time.Second, time.Millisecond)
	})
	w.t.SetLatency(0)
	assert.NoFileExists(t, w.env[stateVariable]+holderSuffix)
	assert.Equal(t, statusDone, w.sync(t).status)
	w.assertInStep(t)
	again := w.sync(t)
	assert.Equal(t, statusDone, again.status)
	assert.Zero(t, w.writes())
}

// Without settings, an invented company stands behind the page.
func TestServeWithoutSettings(t *testing.T) {
	t.Parallel()
	w := &world{env: map[string]string{}}
	printed := w.serve(t, func(address string) {
		code, body := get(t, address, "")
		assert.Equal(t, http.StatusOK, code)
		assert.Contains(t, body, "<html")
	})
	assert.Contains(t, printed, "everything is simulated")
}

func TestServeSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for want, env := range map[string]map[string]string{
		"ORGSYNC_PAGE_PASSWORD is required: ORGSYNC_LISTEN is for other machines too": {listenVariable: ":8080"},
		"ORGSYNC_PAGE_PASSWORD is required: ORGSYNC_LISTEN is for":                    {listenVariable: "192.0.2.1:80"},
		"ORGSYNC_PAGE_PASSWORD is required: ORGSYNC_PAGE_USER is set":                 {pageUserVariable: "canary"},
		"ORGSYNC_LISTEN is not an address like 127.0.0.1:8080":                        {listenVariable: "canary"},
		"ORGSYNC_LISTEN cannot be listened on":                                        {listenVariable: taken.Addr().String()},
		"ORGSYNC_EVERY is not a time of a minute or more":                             {everyVariable: "canary"},
		"ORGSYNC_EVERY is not a time of a minute":                                     {everyVariable: "5s"},
		"YUNZHIJIA_EVENT_KEY is required":                                             {eventAppVariable: "canary"},
		"ORGSYNC_NOTIFY_URL ":                                                         {notifyVariable: "canary"},
		"ORGSYNC_NOTIFY_SECRET is set without ORGSYNC_NOTIFY_URL":                     {notifySecretVariable: "canary"},
		"ORGSYNC_HEARTBEAT_URL ":                                                      {heartbeatVariable: "ftp://canary"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, statusUsage, run(over(t), []string{"serve"}, func(name string) string { return env[name] }, &stdout, &stderr), want)
		assert.Contains(t, stderr.String(), want)
		assert.NotContains(t, stderr.String(), "canary")
	}
}

// over returns a context that has ended: a program that would serve ends at once.
func over(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// A page for other machines needs a password, by whatever address they reach it.
func TestServeNeedsAPasswordForOtherMachines(t *testing.T) {
	t.Parallel()
	for address, needed := range map[string]bool{
		":0": true, "0.0.0.0:0": true, "[::]:0": true, "192.0.2.1:0": true, "[2001:db8::1]:0": true, "orgsync.example:0": true, "localhost.example:0": true,
		"127.0.0.1:0": false, "127.0.0.2:0": false, "[::1]:0": false, "localhost:0": false,
	} {
		var stdout, stderr bytes.Buffer
		env := map[string]string{listenVariable: address}
		status := run(over(t), []string{"serve"}, func(name string) string { return env[name] }, &stdout, &stderr)
		const refusal = "ORGSYNC_PAGE_PASSWORD is required: ORGSYNC_LISTEN is for other machines too"
		if needed {
			assert.Equal(t, statusUsage, status, address)
			assert.Contains(t, stderr.String(), refusal, address)
		} else {
			assert.NotContains(t, stderr.String(), refusal, address)
		}
	}
}

// A slip in -html costs no one the state, its key or the roster.
func TestPageOverwritesPagesAlone(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	roster := t.TempDir() + "/roster.csv"
	require.NoError(t, os.WriteFile(roster, []byte("o"), 0o600))
	for _, path := range []string{w.env[stateVariable], w.env[stateVariable] + keySuffix, roster} {
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, flags := range [][]string{{"-html", path}, {"-dry-run", "-html", path}} {
			r := w.sync(t, flags...)
			assert.Equal(t, statusUsage, r.status)
			assert.Contains(t, r.stderr, "is no page: it is not overwritten")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, before, after)
		}
	}
	empty := t.TempDir() + "/empty.html"
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.Equal(t, statusDone, w.sync(t, "-html", empty).status)
}

// A page has names of people if they are asked for, and no one else may read it.
func TestPage(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 60)
	w.source.UpdatePerson(person(7), func(p *yunzhijia.Person) { p.Name = "欧阳娜娜" })
	path := t.TempDir() + "/page.html"
	page := func(flags ...string) string {
		t.Helper()
		r := w.sync(t, append(flags, "-html", path)...)
		require.Equal(t, statusDone, r.status, r.stderr)
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		entries, err := os.ReadDir(strings.TrimSuffix(path, "/page.html"))
		require.NoError(t, err)
		assert.Len(t, entries, 1, "nothing beside it")
		return string(text)
	}
	assert.NotContains(t, page("-dry-run"), "欧阳娜娜")
	text := page("-dry-run", "-names")
	assert.Contains(t, text, "欧阳娜娜")
	assert.NotContains(t, text, "138000")
	assert.NotContains(t, page(), "欧阳娜娜")

	for want, flags := range map[string][]string{
		"-names is for the page of -html":     {"-names"},
		"the page of -html cannot be written": {"-html", path + "/nowhere/page.html"},
		"-html does not name a regular file":  {"-html", t.TempDir()},
	} {
		r := w.sync(t, flags...)
		assert.Equal(t, statusUsage, r.status)
		assert.Contains(t, r.stderr, want)
		assert.Zero(t, w.source.Count(""), "nothing is read")
	}
}
