package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestNothingSetSimulates(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), nil, func(string) string { return "" }, &stdout, &stderr)
	assert.Equal(t, statusDone, status, stderr.String())
	assert.Contains(t, stderr.String(), "everything is simulated")
	assert.Contains(t, stdout.String(), "yunzhijia: 40 departments and 2000 people read (full, first run)\n")
	for _, target := range []string{"aiguanhuai", "tuzhan"} {
		assert.Contains(t, stdout.String(), target+": done: 2040 create")
	}
	assert.Contains(t, stdout.String(), "yunjian: done: 2000 create")
}

func TestLife(t *testing.T) {
	t.Parallel()
	w := contacts(t, 10, 500)

	first := w.sync(t)
	require.Equal(t, statusDone, first.status, first.stderr)
	assert.True(t, first.report.Reading.Full)
	w.assertInStep(t)

	// An organisation that has not changed costs no write at all, however it is read.
	for _, flags := range [][]string{nil, {"-full"}} {
		same := w.sync(t, flags...)
		require.Equal(t, statusDone, same.status, same.stderr)
		assert.Zero(t, w.writes(), "%v: unchanged", flags)
	}

	w.source.AddPerson(newcomer())
	w.source.UpdatePerson("person-00200", func(p *yunzhijia.Person) { p.OrgID = "org-0005" })
	w.source.UpdatePerson("person-00300", func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	w.source.Leave("person-00400")
	changed := w.sync(t)
	require.Equal(t, statusDone, changed.status, changed.stderr)
	w.assertInStep(t)
	assert.False(t, changed.report.Reading.Full)
	assert.LessOrEqual(t, w.writes(), 7, "changes and leavers: 2 calls, 3 and 2")

	status, text := w.text(t)
	assert.Equal(t, statusDone, status)
	assert.Contains(t, text, "tuzhan: done: nothing")
	assert.Zero(t, w.writes())
}

func TestSourceThatCannotBeBelieved(t *testing.T) {
	t.Parallel()
	answer := func(list string) yunzhijiatest.Fault {
		return yunzhijiatest.MutateBody(func([]byte) []byte {
			return []byte(`{"success":true,"errorCode":100,"error":"","data":{"time":"2026-03-02 09:00:00",` + list + `:[]}}`)
		}).On(yunzhijiatest.OpListPersons).Always()
	}
	tests := map[string]struct {
		people int
		fault  yunzhijiatest.Fault
		status int
	}{
		"empty list of people": {50, answer(`"persons"`), statusGuarded},
		"no list of people":    {50, answer(`"list"`), statusFailed},
		"one page fails":       {1010, yunzhijiatest.Status(500).On(yunzhijiatest.OpListPersons).After(1).Always(), statusFailed},
		"departments fail":     {50, yunzhijiatest.Status(500).On(yunzhijiatest.OpListOrgs).Always(), statusFailed},
		"login wall":           {50, yunzhijiatest.HTML().Always(), statusFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := contacts(t, 5, test.people)
			require.Equal(t, statusDone, w.sync(t).status)
			w.source.Leave("person-00002")
			w.source.Inject(test.fault)

			r := w.sync(t, "-full", "-force")
			assert.Equal(t, test.status, r.status, r.stdout)
			assert.NotEmpty(t, r.report.Error)
			assert.Zero(t, w.writes())

			w.source.ClearFaults()
			assert.Equal(t, statusDone, w.sync(t).status)
			w.assertInStep(t)
		})
	}
}

func TestOneTargetDown(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 300)
	w.t.Inject(tuzhantest.ResetConnection().Always())
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	assert.Len(t, w.a.People(), 300, "the others finish")
	assert.Len(t, w.y.Users(), 300)
	for _, target := range r.report.Targets {
		assert.Equal(t, target.Name == "tuzhan", target.Error != "", target.Name)
	}

	w.t.ClearFaults()
	r = w.sync(t)
	assert.Equal(t, statusDone, r.status, r.stdout)
	assert.Zero(t, w.a.Count(""), "nothing again to the others")
	assert.Zero(t, w.y.Count(yunjiantest.OpSyncUsers))
	w.assertInStep(t)
}

func TestRefusedRecord(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 50)
	w.t.RefuseRecord("person-00007", "手机号 13800000007 格式错误")
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	failed := target(t, r, "tuzhan").Failed
	require.Len(t, failed, 1)
	assert.Equal(t, "person-00007", failed[0].ID)
	assert.NotEmpty(t, failed[0].Reason)
	status, text := w.text(t)
	assert.Equal(t, statusFailed, status, "it is tried again")
	assert.Contains(t, text, "person-00007")

	w.t.RefuseRecord("person-00007", "")
	assert.Equal(t, statusDone, w.sync(t).status)
	w.assertInStep(t)
}

// People of whom 云之家 tells no mobile, which 兔展 and 云简 demand, are skipped and named.
// That is no failure unless they are most of the company.
func TestSkippedPeople(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 50)
	for _, id := range []string{person(1), person(2)} {
		w.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.Phone = "" })
	}
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status, r.stdout)
	assert.Len(t, w.a.People(), 50)
	for _, name := range []string{"tuzhan", "yunjian/" + yunjiantest.Account} {
		skipped := target(t, r, name).Skipped
		require.Len(t, skipped, 2, name)
		assert.Equal(t, person(1), skipped[0].ID)
		assert.Contains(t, skipped[0].Reason, "mobile")
	}

	w = newWorld(t, 5, 50) // an app without phones
	r = w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	assert.Len(t, w.a.People(), 50)
	assert.Contains(t, r.report.Error, "tuzhan holds no one")
}

// A leaver of whom the source tells does not wait for other people's bad rows. A
// person who is merely missing from a reading with gaps stays, is named, and is not
// forgotten.
func TestIncompleteReading(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 50)
	require.Equal(t, statusDone, w.sync(t).status)
	lost := newcomer()
	lost.OrgID = "org-none"
	w.source.AddPerson(lost)
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status, "a person was skipped, that is all: %s", r.stdout)
	assert.False(t, r.report.Reading.Complete)

	w.source.Leave(person(2))
	r = w.sync(t)
	assert.Equal(t, statusDone, r.status, r.stdout)
	assert.Len(t, w.t.Employees(), 49)

	w.source.RemovePerson(person(3))
	r = w.sync(t, "-full")
	assert.Equal(t, statusFailed, r.status)
	assert.Zero(t, w.writes())
	assert.Contains(t, r.stdout, person(3))

	w.source.UpdatePerson("person-new", func(p *yunzhijia.Person) { p.OrgID = "org-0002" })
	assert.Equal(t, statusDone, w.sync(t, "-full").status)
	w.assertInStep(t)
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 50)
	dry := w.sync(t, "-dry-run")
	assert.Equal(t, statusDone, dry.status)
	assert.True(t, dry.report.DryRun)
	assert.Zero(t, w.writes())
	assert.NoFileExists(t, w.env["ORGSYNC_STATE"])
	assert.Len(t, target(t, dry, "tuzhan").Changes, 55)

	require.Equal(t, statusDone, w.sync(t).status)
	w.source.Leave("person-00002")
	state, err := os.ReadFile(w.env["ORGSYNC_STATE"])
	require.NoError(t, err)
	for range 2 {
		dry = w.sync(t, "-dry-run")
		assert.Equal(t, 1, target(t, dry, "tuzhan").Planned[orgsync.Delete])
		assert.Zero(t, w.writes())
		after, err := os.ReadFile(w.env["ORGSYNC_STATE"])
		require.NoError(t, err)
		assert.True(t, bytes.Equal(state, after), "the state file was touched")
	}
	require.Equal(t, statusDone, w.sync(t).status)
	w.assertInStep(t)
}

// Wherever a run is cut short, it ends with a report, and the next one goes on. Behind
// every cut something is left to do: the answer may outrun it.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	type cut = func([]byte) []byte
	tests := map[string]struct {
		people int
		inject func(w *world, stop cut)
	}{
		"departments at 兔展": {50, func(w *world, stop cut) {
			w.t.Inject(tuzhantest.MutateBody(stop).On(tuzhantest.OpDepartments))
		}},
		"second batch of people at 兔展": {1010, func(w *world, stop cut) {
			w.t.Inject(tuzhantest.MutateBody(stop).On(tuzhantest.OpEmployees).After(1))
		}},
		"second batch at 云简": {410, func(w *world, stop cut) {
			w.y.Inject(yunjiantest.MutateBody(stop).On(yunjiantest.OpSyncUsers).After(1))
		}},
		"departments at 爱关怀": {50, func(w *world, stop cut) {
			w.a.Inject(aiguanhuaitest.MutateBody(stop).On(aiguanhuaitest.OpUpdate))
		}},
		"while reading": {50, func(w *world, stop cut) {
			w.source.Inject(yunzhijiatest.MutateBody(stop).On(yunzhijiatest.OpListPersons))
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := contacts(t, 10, test.people)
			ctx, cancel := context.WithCancelCause(t.Context())
			test.inject(w, func(body []byte) []byte {
				cancel(errors.New("stopped by hand"))
				return body
			})
			r := w.syncContext(ctx, t)
			assert.Equal(t, statusInterrupted, r.status)
			assert.NotEmpty(t, r.report.Error)

			again := w.sync(t)
			assert.Equal(t, statusDone, again.status, again.stdout)
			w.assertInStep(t)
			require.Equal(t, statusDone, w.sync(t).status)
			assert.Zero(t, w.writes())
		})
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestReportThatIsNotWritten(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	for _, flags := range [][]string{nil, {"-json"}} {
		var stderr bytes.Buffer
		assert.Equal(t, statusFailed, run(t.Context(), flags, w.get, brokenPipe{}, &stderr))
		assert.Contains(t, stderr.String(), "could not be written")
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		status int
		json   bool
	}{
		"help":               {[]string{"-h"}, statusDone, false},
		"unknown":            {[]string{"-everything"}, statusUsage, false},
		"unknown, then json": {[]string{"-everything", "-json"}, statusUsage, true},
		"not a boolean":      {[]string{"-json", "-full=perhaps"}, statusUsage, true},
		"argument":           {[]string{"-json", "now"}, statusUsage, true},
		"no json after all":  {[]string{"-json", "-json=false", "now"}, statusUsage, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, test.status, run(t.Context(), test.args, func(string) string { return "" }, &stdout, &stderr))
			assert.NotEmpty(t, stderr.String())
			if !test.json {
				assert.Empty(t, stdout.String())
				return
			}
			var report orgsync.Report
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &report))
			assert.NotEmpty(t, report.Error)
		})
	}
}
