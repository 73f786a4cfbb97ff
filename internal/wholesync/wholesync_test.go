package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain makes this test binary play the roles.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(context.Background(), role, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func wholesync(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, complaints strings.Builder
	status = run(t.Context(), args, &out, &complaints)
	return out.String(), complaints.String(), status
}

// All clients complete all scenarios, whatever they read by. The program itself checks how many
// people they send and, of openimport, how many calls they make.
func TestAllScenarios(t *testing.T) {
	t.Parallel()
	for _, source := range sourceNames() {
		stdout, stderr, status := wholesync(t, "-people", "700", "-runs", "1", "-source", source)
		require.Equal(t, statusDone, status, stderr)
		assert.True(t, strings.HasPrefix(stdout, "700 people, 35 departments, 3 targets; 1 run; source "+source+"; "), stdout)
		for _, s := range scenarios {
			assert.Equal(t, 2, strings.Count(stdout, "\n| "+s.title+" "), stdout)
		}
		assert.Equal(t, 15, strings.Count(stdout, "\n"), stdout)
		assert.Equal(t, 10, strings.Count(stderr, ": CPU "), "4 × engine, 4 × bound and 2 × by hand:\n%s", stderr)
	}
}

// As many calls as there are pages, and one more for a page that has nothing new.
func TestPages(t *testing.T) {
	t.Parallel()
	for records, want := range map[int]int{0: 1, 1: 1, 2: 2, 10: 2, 11: 3, 19: 3, 20: 4, 28: 4} {
		assert.Equal(t, want, pages(records, 10), records)
	}
	b := &bench{options: options{source: sourceDirectory, company: company{people: 1000, departments: 50}}}
	good := map[string]int{
		"dept/getall": 1, "company/queryPartTimeJobs": 2, "dept/getAtTime": 1, "person/getAtTime": 2, "person/get": 1,
	}
	r := &result{scenario: scenarios[3], calls: good}
	require.NoError(t, b.checkCalls(r))
	for name, n := range map[string]int{"person/get": 10, "person/getAtTime": 1, "person/getall": 1} {
		r.calls = maps.Clone(good)
		r.calls[name] = n
		require.ErrorContains(t, b.checkCalls(r), name)
	}
	b.options.source = sourceFeed
	require.NoError(t, b.checkCalls(r))
}

func TestOneScenarioWithProfiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "profiles")
	stdout, stderr, status := wholesync(t, "-people", "50", "-runs", "1", "-only", "changed", "-profile", dir)
	require.Equal(t, statusDone, status, stderr)
	assert.Contains(t, stdout, "| incremental, 1 % changed |")
	assert.NotContains(t, stdout, "first sync")
	for _, name := range []string{"first-1.cpu.pprof", "first-1.allocs.pprof", "changed-1.cpu.pprof", "changed-1.allocs.pprof"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Positive(t, info.Size(), name)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-people", "0"}, {"-departments", "-1"}, {"-runs", "0"}, {"-only", "second"}, {"-source", "sync"}, {"-nonsense"}, {"argument"},
	} {
		stdout, stderr, status := wholesync(t, args...)
		assert.Equal(t, statusUsage, status, args)
		assert.Empty(t, stdout, args)
		assert.NotEmpty(t, stderr, args)
	}
	_, stderr, status := wholesync(t, "-help")
	assert.Equal(t, statusDone, status)
	assert.Contains(t, stderr, "first, full, quiet, changed")
}

// If a client fails, as the engine does when its guard stops it, the error shows what the
// client printed.
func TestFailureIsShown(t *testing.T) {
	t.Parallel()
	_, err := spend(exec.CommandContext(t.Context(), "go", "no-such-command"))
	require.ErrorContains(t, err, "exit status 2")
	assert.ErrorContains(t, err, "unknown command")
}

func TestEnvironmentOfTheEngine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"PATH=/bin", "GOGC=50"},
		foreign([]string{"PATH=/bin", "YUNJIAN_URL=x", "GOGC=50", "ORGSYNC_ROSTER=x"}))
}

func TestCompany(t *testing.T) {
	t.Parallel()
	c := company{people: 250, departments: 3}
	i, ok := numbered(personID(249), c.people, personID)
	assert.True(t, ok)
	assert.Equal(t, 249, i)
	for _, id := range []string{"", "249", personID(250), departmentID(1), "x" + personID(1)} {
		_, ok := numbered(id, c.people, personID)
		assert.False(t, ok, id)
	}
	assert.Equal(t, 3, edition{Number: 1, Every: 100}.count(c))
	assert.Zero(t, edition{}.count(c))
	assert.Equal(t, 12, company{people: 250, departments: 100}.sideJobs())
	before, after := c.appendPerson(nil, 100, edition{}), c.appendPerson(nil, 100, edition{Number: 1, Every: 100})
	assert.NotEqual(t, string(before), string(after))
	assert.Equal(t, c.appendPerson(nil, 101, edition{}), c.appendPerson(nil, 101, edition{Number: 1, Every: 100}))
}

func TestRows(t *testing.T) {
	t.Parallel()
	var r rows
	assert.Empty(t, r.page(0, 10))
	for _, row := range []string{"1", "22", "333"} {
		r.add(func(b []byte) []byte { return append(b, row...) })
	}
	for _, tt := range []struct {
		begin, count int
		want         string
	}{{0, 3, "1,22,333"}, {1, 1, "22"}, {2, 9, "333"}, {3, 1, ""}, {-1, 1, "1"}, {0, -1, ""}} {
		assert.Equal(t, tt.want, string(r.page(tt.begin, tt.count)), tt)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	of := func(cpu ...time.Duration) []usage {
		usages := make([]usage, len(cpu))
		for i, d := range cpu {
			usages[i] = usage{cpu: d * time.Second, state: 1000}
		}
		return usages
	}
	assert.Equal(t, "2.00 ×", ratio(of(1, 6, 4), of(1, 2, 2)), "the median of 1, 3 and 2")
	assert.Equal(t, "–", ratio(of(1), nil))
	assert.Equal(t, "4.00 s", medianCPU(of(6, 1, 4)))
	assert.Equal(t, "0.0120 s", seconds(12*time.Millisecond))
	assert.Equal(t, "1,234,567 12 123", grouped(1_234_567)+" "+grouped(12)+" "+grouped(123))
	r := result{scenario: scenario{title: "a"}, engine: of(2), bound: of(1)}
	line := r.line(company{people: 10})
	assert.Equal(t, []string{"100 B", "–"}, []string{line[7], line[11]})
	assert.Equal(t, "| ab |  c |\n|----|---:|\n| d  | ÷é |\n", markdown([][]string{{"ab", "c"}, {"d", "÷é"}}))
}
