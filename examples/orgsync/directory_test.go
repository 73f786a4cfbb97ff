package main

import (
	"bytes"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// directoryWorld is a team that is read by its directory interface: the app's phones are
// not granted, and there is no roster.
func directoryWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 4, 30)
	delete(w.env, "YUNZHIJIA_APP_ID")
	delete(w.env, "YUNZHIJIA_APP_SECRET")
	w.env[syncSecretVariable] = " simulator-sync-secret\n"
	return w
}

func TestDirectorySource(t *testing.T) {
	t.Parallel()
	w := directoryWorld(t)
	r := w.sync(t)
	require.Equal(t, statusDone, r.status, r.stderr)
	assert.Equal(t, "yunzhijia/openimport", r.report.Source)
	w.assertInStep(t)

	w.source.Leave("person-00007")
	r = w.sync(t)
	require.Equal(t, statusDone, r.status, r.stderr)
	assert.False(t, r.report.Reading.Full, r.report.Reading.Why)
	w.assertInStep(t)
	assert.NotContains(t, r.stdout+r.stderr, "simulator-sync-secret")

	r = w.sync(t)
	require.Equal(t, statusDone, r.status, r.stderr)
	assert.Zero(t, w.writes())
}

// To read a team by the other interface is a change of settings, which waits for an
// approval; no one who is held is lost by it.
func TestSourcesExchanged(t *testing.T) {
	t.Parallel()
	w := contacts(t, 4, 30)
	r := w.sync(t)
	require.Equal(t, statusDone, r.status, r.stderr)
	app := map[string]string{"YUNZHIJIA_APP_ID": w.env["YUNZHIJIA_APP_ID"], "YUNZHIJIA_APP_SECRET": w.env["YUNZHIJIA_APP_SECRET"]}
	for _, change := range []func(){
		func() {
			delete(w.env, "YUNZHIJIA_APP_ID")
			delete(w.env, "YUNZHIJIA_APP_SECRET")
			w.env[syncSecretVariable] = "simulator-sync-secret"
		},
		func() {
			delete(w.env, syncSecretVariable)
			maps.Copy(w.env, app)
		},
	} {
		change()
		r = w.sync(t)
		require.Equal(t, statusGuarded, r.status, r.stderr)
		require.Zero(t, w.writes())
		require.NotEmpty(t, r.report.Digest)
		r = w.sync(t, "-approve", r.report.Digest)
		require.Equal(t, statusDone, r.status, r.stderr)
		require.True(t, r.report.Reading.Full)
		w.assertInStep(t)
		r = w.sync(t)
		require.Equal(t, statusDone, r.status, r.stderr)
		require.Zero(t, w.writes())
	}
}

func TestDirectorySettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(env map[string]string){
		"beside an app":    func(env map[string]string) { env["YUNZHIJIA_APP_ID"] = "500000001" },
		"beside a secret":  func(env map[string]string) { env["YUNZHIJIA_APP_SECRET"] = "canary" },
		"beside a token":   func(env map[string]string) { env["YUNZHIJIA_ACCESS_TOKEN"] = "canary" },
		"without the team": func(env map[string]string) { delete(env, "YUNZHIJIA_EID") },
		"alone": func(env map[string]string) {
			clear(env)
			env[syncSecretVariable] = "canary"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := directoryWorld(t)
			change(w.env)
			var stdout, stderr bytes.Buffer
			assert.Equal(t, statusUsage, run(t.Context(), nil, w.get, &stdout, &stderr))
			assert.Zero(t, w.source.Count(""))
			assert.Contains(t, stderr.String(), "YUNZHIJIA_")
			assert.NotContains(t, stdout.String()+stderr.String(), "canary")
			assert.NotContains(t, stdout.String()+stderr.String(), "simulator-sync-secret")
		})
	}
}
