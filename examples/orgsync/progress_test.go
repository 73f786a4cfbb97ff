package main

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

func events() []orgsync.Progress {
	return []orgsync.Progress{
		{Phase: orgsync.PhaseDepartments},
		{Phase: orgsync.PhasePeople, Done: 1000},
		{Phase: orgsync.PhasePeople, Done: 1200},
		{Phase: orgsync.PhasePlan},
		{Phase: orgsync.PhasePush, Target: "tuzhan", Done: 500, Total: 1200},
		{Phase: orgsync.PhasePush, Target: "aiguanhuai", Done: 1200, Total: 1200},
		{Phase: orgsync.PhasePush, Target: "tuzhan", Done: 800, Total: 1200},
		{Phase: orgsync.PhaseDone},
	}
}

func TestTerminalHasOneLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := &terminal{w: &out, live: true, logger: slog.New(slog.DiscardHandler), now: func() time.Time { return now }, began: map[string]mark{}, pushed: map[string]string{}}
	for _, p := range events() {
		c.progress(p)
		now = now.Add(2 * time.Second)
	}
	lines := strings.Split(out.String(), "\r\x1b[K")
	assert.Equal(t, []string{
		"", "reading departments", "reading people: 1000", "reading people: 1200 (100/s)", "planning", "pushing: tuzhan 500/1200",
		"pushing: aiguanhuai 1200/1200, tuzhan 500/1200", "pushing: aiguanhuai 1200/1200, tuzhan 800/1200 (75/s, 5s left)", "",
	}, lines)
	assert.NotContains(t, out.String(), "\n")

	long := c.line(orgsync.Progress{Phase: orgsync.PhasePush, Target: strings.Repeat("简", 100), Total: 1})
	assert.Len(t, []rune(long), 9+35, "fits: a 汉字 takes two columns")

	out.Reset()
	c.warn(t.Context(), "no settings of any vendor: everything is simulated")
	assert.Equal(t, "orgsync: no settings of any vendor: everything is simulated\n", out.String())
}

func TestLogHasALineForEachStep(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := newTerminal(&out)
	for _, p := range events() {
		c.progress(p)
	}
	var steps []string
	for line := range strings.Lines(out.String()) {
		_, step, found := strings.Cut(strings.TrimSpace(line), "level=INFO msg=progress ")
		require.True(t, found, line)
		steps = append(steps, step)
	}
	assert.Equal(t, []string{
		"phase=departments", "phase=people done=1200", "phase=plan",
		"phase=push target=aiguanhuai done=1200", "phase=done",
	}, steps)
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	assert.False(t, isTerminal(&bytes.Buffer{}))
	file, err := os.Create(t.TempDir() + "/log")
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, isTerminal(file))
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	assert.False(t, newTerminal(device).live, "a device, and no terminal")
}
