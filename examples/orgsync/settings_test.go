package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	full := map[string]string{
		"YUNZHIJIA_EID": "eid-canary", "YUNZHIJIA_APP_ID": "id-canary", "YUNZHIJIA_APP_SECRET": "secret-canary",
		"AIGUANHUAI_BASE_URL": "https://care.example", "AIGUANHUAI_CORP_ID": "corp-canary",
		"TUZHAN_BASE_URL": "https://rabbit.example", "TUZHAN_TOKEN": "token-canary",
		"YUNJIAN_URL": "https://travel.example/users", "YUNJIAN_ACCOUNT": "account-canary", "YUNJIAN_USER_NO": "no-canary",
		"YUNJIAN_SESSION_ID": "session-canary", "ORGSYNC_STATE": "/nowhere-canary/state.db",
	}
	tests := map[string]struct {
		change map[string]string
		names  []string
	}{
		"no source": {
			map[string]string{"YUNZHIJIA_EID": "", "YUNZHIJIA_APP_ID": "", "YUNZHIJIA_APP_SECRET": ""},
			[]string{"YUNZHIJIA_EID", "YUNZHIJIA_ACCESS_TOKEN", "YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET"},
		},
		"blank secret":       {map[string]string{"YUNZHIJIA_APP_SECRET": " \n"}, []string{"YUNZHIJIA_APP_SECRET"}},
		"two ways to log in": {map[string]string{"YUNZHIJIA_ACCESS_TOKEN": "x-canary"}, []string{"YUNZHIJIA_ACCESS_TOKEN"}},
		"no state":           {map[string]string{"ORGSYNC_STATE": ""}, []string{"ORGSYNC_STATE"}},
		"no target": {
			map[string]string{"AIGUANHUAI_BASE_URL": "", "TUZHAN_BASE_URL": "", "YUNJIAN_URL": ""},
			[]string{"AIGUANHUAI_BASE_URL", "TUZHAN_BASE_URL", "YUNJIAN_URL"},
		},
		"addresses": {
			map[string]string{
				"YUNZHIJIA_BASE_URL": "canary", "AIGUANHUAI_BASE_URL": "ftp://canary", "TUZHAN_BASE_URL": "https://user:canary@host",
				"YUNJIAN_URL": "://canary", "YUNJIAN_SESSION_ID": "", "YUNJIAN_SESSION_URL": "canary", "YUNJIAN_SECRET": "canary", "YUNJIAN_SIGN_KEY": "canary",
			},
			[]string{"YUNZHIJIA_BASE_URL", "AIGUANHUAI_BASE_URL", "TUZHAN_BASE_URL", "YUNJIAN_URL", "YUNJIAN_SESSION_URL"},
		},
		"halves of everything": {
			map[string]string{
				"YUNZHIJIA_EID": "", "YUNZHIJIA_APP_ID": "", "AIGUANHUAI_CORP_ID": "", "TUZHAN_TOKEN": "", "TUZHAN_APP_ID": "canary",
				"YUNJIAN_ACCOUNT": "", "YUNJIAN_USER_NO": "", "YUNJIAN_SESSION_ID": "", "YUNJIAN_SECRET": "canary",
				"ORGSYNC_STATE": "", "ORGSYNC_ROSTER": "/nowhere/canary.csv",
			},
			[]string{
				"YUNZHIJIA_EID", "YUNZHIJIA_APP_ID", "AIGUANHUAI_CORP_ID", "TUZHAN_APP_SECRET", "YUNJIAN_ACCOUNT", "YUNJIAN_USER_NO",
				"YUNJIAN_SESSION_URL", "YUNJIAN_SIGN_KEY", "ORGSYNC_STATE", "ORGSYNC_ROSTER",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := maps.Clone(full)
			maps.Copy(env, test.change)
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), nil, func(name string) string { return env[name] }, &stdout, &stderr)
			assert.Equal(t, statusUsage, status)
			assert.Empty(t, stdout.String())
			assert.NotContains(t, stderr.String(), "canary", "no value")
			for _, variable := range test.names {
				assert.Contains(t, stderr.String(), variable)
			}
			lines := slices.Collect(strings.Lines(stderr.String()))
			assert.LessOrEqual(t, len(lines), len(test.names), "nothing but what is wrong:\n%s", stderr.String())
		})
	}
}

// A target that has no address is left out, whatever else is set of it.
func TestTargetLeftOut(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	delete(w.env, "TUZHAN_BASE_URL")
	delete(w.env, "YUNJIAN_URL")
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status, r.stderr)
	assert.Len(t, r.report.Targets, 1)
	assert.Len(t, w.a.People(), 20)
	assert.Zero(t, w.t.Count("")+w.y.Count(""))
}

func TestGivenTokens(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	w.env["TUZHAN_TOKEN"] = w.t.IssueToken()
	delete(w.env, "TUZHAN_APP_ID")
	delete(w.env, "TUZHAN_APP_SECRET")
	for _, name := range []string{"YUNJIAN_SESSION_URL", "YUNJIAN_SECRET", "YUNJIAN_SIGN_KEY", "YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET"} {
		delete(w.env, name)
	}
	w.env["YUNZHIJIA_ACCESS_TOKEN"] = "of-no-one"
	w.env["YUNJIAN_SESSION_ID"] = "of-no-one"
	assert.Equal(t, statusFailed, w.sync(t).status, "the source refuses the token")

	w.env["YUNZHIJIA_APP_ID"], w.env["YUNZHIJIA_APP_SECRET"] = "500000001", "simulator-app-secret"
	delete(w.env, "YUNZHIJIA_ACCESS_TOKEN")
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	assert.Len(t, w.t.Employees(), 20)
	assert.Len(t, target(t, r, "yunjian/"+yunjiantest.Account).Failed, 20, "the endpoint refuses the session")
	assert.NotContains(t, r.stdout+r.stderr, "of-no-one")
}

// The address of a target is missing, or its name has a slip: no run is silent about that.
func TestATargetWithoutItsAddress(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	r := w.sync(t)
	require.Equal(t, statusDone, r.status)
	assert.NotContains(t, r.stderr, "left out")
	w.env["TUZHAN_BASEURL"] = w.env["TUZHAN_BASE_URL"]
	w.env["TUZHAN_BASE_URL"] = "  "
	r = w.sync(t)
	assert.Equal(t, statusDone, r.status)
	assert.Contains(t, r.stderr, "is set, and TUZHAN_BASE_URL is not: that target is left out")
	require.Len(t, r.report.Notes, 1)
	assert.Contains(t, r.report.Notes[0], "tuzhan holds 20 people and is no target of this run")
}
