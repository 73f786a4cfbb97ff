//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// closedPipe is one that no one reads any more, as after "2>&1 | head -1".
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func exitOf(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	ended, is := errors.AsType[*exec.ExitError](err)
	require.True(t, is, err)
	return ended.ExitCode()
}

// No one reads what a run tells of its progress: it goes on to its end.
func TestNoOneReadsTheProgress(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	child := w.child(t)
	var printed bytes.Buffer
	child.Stdout, child.Stderr = &printed, closedPipe(t)
	assert.Equal(t, statusDone, exitOf(t, child.Run()))
	assert.Contains(t, printed.String(), "tuzhan: done")
	w.assertInStep(t)
}

// No one reads the report: what was done is noted, and the exit status says that it is lost.
func TestNoOneReadsTheReport(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	child := w.child(t)
	child.Stdout = closedPipe(t)
	assert.Equal(t, statusFailed, exitOf(t, child.Run()))
	w.assertInStep(t)
	w.reset()
	require.Equal(t, statusDone, w.sync(t).status)
	assert.Zero(t, w.writes())
}

// The terminal is closed in the middle of a run: it ends in good order.
func TestTheTerminalIsClosed(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	w.source.SetLatency(20 * time.Second)
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP) // or the child would ignore it when the tests run under nohup
	defer signal.Stop(heard)
	child := w.child(t)
	require.NoError(t, child.Start())
	defer func() { _ = child.Process.Kill() }()
	w.waitForFile(t, w.env[stateVariable]+holderSuffix)
	require.NoError(t, child.Process.Signal(syscall.SIGHUP))
	assert.Equal(t, statusInterrupted, exitOf(t, child.Wait()))
	assert.NoFileExists(t, w.env[stateVariable]+holderSuffix)
}
