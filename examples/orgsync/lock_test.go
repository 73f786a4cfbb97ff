//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// A run that finds another one says who holds the state, and so does status.
func TestAnotherRunHoldsTheState(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	path := w.env[stateVariable]
	assert.NoFileExists(t, path+holderSuffix)
	w.source.SetLatency(20 * time.Second)
	child := w.child(t)
	var printed bytes.Buffer
	child.Stdout = &printed
	require.NoError(t, child.Start())
	defer func() { _ = child.Process.Kill() }()
	w.waitForFile(t, path+holderSuffix)

	who := fmt.Sprintf("held by process %d on ", child.Process.Pid)
	for _, args := range [][]string{nil, {"-json"}, {"-dry-run"}, {"status"}, {"status", "-json"}} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, statusLocked, run(t.Context(), args, w.get, &stdout, &stderr), "%v: %s", args, stderr.String())
		assert.Contains(t, stdout.String()+stderr.String(), who)
		assert.Contains(t, stdout.String()+stderr.String(), ", until that run ends")
	}

	require.NoError(t, child.Process.Signal(syscall.SIGTERM))
	err := child.Wait()
	ended, is := errors.AsType[*exec.ExitError](err)
	require.True(t, is, err)
	assert.Equal(t, statusInterrupted, ended.ExitCode())
	assert.Contains(t, printed.String(), "orgsync: ", "with a report")
	assert.NoFileExists(t, path+holderSuffix)
	w.source.SetLatency(0)
	assert.Equal(t, statusDone, w.sync(t).status)
}

func (w *world) waitForFile(t *testing.T, path string) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := os.Stat(path)
		return err == nil
	}, 30*time.Second, 5*time.Millisecond)
}

// Status reads the state alone, and leaves it as it is.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 100)
	only := func(name string) string {
		if name == stateVariable {
			return w.env[name]
		}
		return ""
	}
	status := func(args ...string) (int, string) {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"status"}, args...), only, &stdout, &stderr)
		return code, stdout.String() + stderr.String()
	}
	code, text := status()
	assert.Equal(t, statusDone, code)
	assert.Equal(t, "the state knows of no run yet\n", text)
	assert.NoFileExists(t, w.env[stateVariable])

	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 30 {
		w.source.Leave(person(i + 1))
	}
	stopped := w.sync(t)
	require.Equal(t, statusGuarded, stopped.status)
	before, err := os.ReadFile(w.env[stateVariable])
	require.NoError(t, err)
	code, text = status()
	assert.Equal(t, statusDone, code)
	for _, want := range []string{
		w.source.EID() + ": 100 people in service, 5 departments", "tuzhan holds 100 people", "orgsync -approve " + stopped.report.Digest,
		"stopped", "tuzhan: 105 changed, 0 failed",
	} {
		assert.Contains(t, text, want)
	}
	w.assertSecrecy(t, text)
	code, text = status("-json")
	assert.Equal(t, statusDone, code)
	var all struct{ Tenants []orgsync.Status }
	require.NoError(t, json.Unmarshal([]byte(text), &all))
	require.Len(t, all.Tenants, 1)
	assert.Len(t, all.Tenants[0].Runs, 2)
	after, err := os.ReadFile(w.env[stateVariable])
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, after), "the state file was touched")

	var stderr bytes.Buffer
	assert.Equal(t, statusUsage, run(t.Context(), []string{"status"}, func(string) string { return "" }, &stderr, &stderr))
	assert.Contains(t, stderr.String(), "ORGSYNC_STATE is required")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, statusDone, run(t.Context(), []string{"version"}, func(string) string { return "" }, &stdout, &stderr))
	assert.Regexp(t, `^orgsync .*, go1\.`, stdout.String())
	assert.Equal(t, statusUsage, run(t.Context(), []string{"version", "-json"}, func(string) string { return "" }, &stdout, &stderr))
}

func TestFilesThatOthersMayTouch(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	assert.NotContains(t, w.sync(t).stderr, "others")
	require.NoError(t, os.Chmod(w.env[stateVariable], 0o666))
	require.NoError(t, os.Chmod(w.env[stateVariable]+keySuffix, 0o640))
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status)
	assert.Contains(t, r.stderr, "the state file can be written to by others than its owner: its mode is 0666, and should be 0600")
	assert.Contains(t, r.stderr, "the key file beside the state can be read by others")
}
