package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		happens func(w *world, id string)
		flags   []string
	}{
		"60 % leave":                     {func(w *world, id string) { w.source.Leave(id) }, nil},
		"60 % are missing from the list": {func(w *world, id string) { w.source.RemovePerson(id) }, []string{"-full"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := contacts(t, 5, 100)
			require.Equal(t, statusDone, w.sync(t).status)
			for i := range 60 {
				test.happens(w, person(i+1))
			}

			stopped := w.sync(t, test.flags...)
			assert.Equal(t, statusGuarded, stopped.status, stopped.stderr)
			assert.NotEmpty(t, stopped.report.Guard)
			assert.NotEmpty(t, stopped.report.Error)
			assert.Zero(t, w.writes(), "stopped before anything was sent")

			dry := w.sync(t, append(test.flags, "-dry-run")...)
			assert.Equal(t, statusGuarded, dry.status, "a dry run foresees it")
			assert.Equal(t, stopped.report.Digest, dry.report.Digest)
			assert.Equal(t, statusDone, w.sync(t, append(test.flags, "-dry-run", "-approve", dry.report.Digest)...).status)

			assert.Equal(t, statusGuarded, w.sync(t, append(test.flags, "-approve", strings.Repeat("0", 64))...).status, "another plan")
			assert.Zero(t, w.writes())

			forced := w.sync(t, append(test.flags, "-force")...)
			assert.Equal(t, statusDone, forced.status, forced.stdout)
			assert.Len(t, w.t.Employees(), 40)
			assert.Equal(t, statusDone, w.sync(t).status, "and is over")
			assert.Zero(t, w.writes())
		})
	}
}

// A stopped run says what to do about it, in words that can be copied.
func TestStoppedRunSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 100)
	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 30 {
		w.source.Leave(person(i + 1))
	}
	status, text := w.text(t)
	assert.Equal(t, statusGuarded, status)
	digest := w.sync(t).report.Digest
	assert.Contains(t, text, "guard: tuzhan: people removed: 30 of 100, 10 allowed\n")
	assert.Contains(t, text, "to look at the plan:         orgsync -dry-run -json\n")
	assert.Contains(t, text, "to let it pass:              orgsync -approve "+digest+"\n")
	assert.Contains(t, text, "to go on without it:         orgsync -hold\n")

	_, text = w.text(t, "-full")
	assert.Contains(t, text, "orgsync -full -approve ", "the same plan")

	r := w.sync(t)
	assert.Contains(t, r.stderr, "orgsync -approve "+digest, "with JSON it stands beside the log")
}

// What both READMEs show is what the program prints.
func TestStoppedRunInREADMEs(t *testing.T) {
	t.Parallel()
	w := contacts(t, 20, 400)
	delete(w.env, "AIGUANHUAI_BASE_URL")
	delete(w.env, "YUNJIAN_URL")
	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 60 {
		w.source.Leave(person(i + 1))
	}
	_, text := w.text(t)
	text = strings.ReplaceAll(text, w.sync(t).report.Digest, "DIGEST")
	for _, readme := range []string{"../../README.md", "../../README.zh-CN.md"} {
		shown, err := os.ReadFile(readme)
		require.NoError(t, err)
		assert.True(t, strings.Contains(string(shown), "```\n$ orgsync\n"+text+"```\n"), "%s shows\n%s", readme, text)
	}
}

// Where the source itself is in doubt, there is nothing to go on with.
func TestShrunkSourceIsNotHeld(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 100)
	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 60 {
		w.source.RemovePerson(person(i + 1))
	}
	status, text := w.text(t, "-full", "-hold")
	assert.Equal(t, statusGuarded, status)
	assert.Zero(t, w.writes())
	_, without := w.text(t, "-full")
	assert.NotContains(t, text+without, "to go on without it")
}

func TestApprove(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 100)
	w.env["USER"] = "wang"
	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 30 {
		w.source.Leave(person(i + 1))
	}
	stopped := w.sync(t)
	require.Equal(t, statusGuarded, stopped.status)

	w.source.UpdatePerson("person-00090", func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	w.source.Leave("person-00050")
	assert.Equal(t, statusGuarded, w.sync(t, "-approve", stopped.report.Digest).status, "one more leaves")
	assert.Zero(t, w.writes())

	w.source.UpdatePerson("person-00050", func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	approved := w.sync(t, "-approve", stopped.report.Digest)
	assert.Equal(t, statusDone, approved.status, "what changed elsewhere does not matter")
	assert.True(t, approved.report.Approved)
	w.assertInStep(t)
}

func TestHold(t *testing.T) {
	t.Parallel()
	w := contacts(t, 5, 100)
	require.Equal(t, statusDone, w.sync(t).status)
	for i := range 30 {
		w.source.Leave(person(i + 1))
	}
	w.source.AddPerson(newcomer())
	held := w.sync(t, "-hold")
	assert.Equal(t, statusGuarded, held.status, held.stdout)
	assert.Len(t, target(t, held, "tuzhan").Held, 30)
	assert.Len(t, w.t.Employees(), 101, "the newcomer is there, and no one is gone")
	status, text := w.text(t, "-hold")
	assert.Equal(t, statusGuarded, status)
	assert.Contains(t, text, "tuzhan: done: nothing, ")
	assert.Contains(t, text, ", 30 held back\n")
	assert.NotContains(t, text, "to go on without it")

	approved := w.sync(t, "-approve", held.report.Digest)
	assert.Equal(t, statusDone, approved.status, approved.stdout)
	w.assertInStep(t)
}

// A replacement takes away what others put there, so it is approved first.
func TestReplace(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	others := w.a.Client()
	_, err := others.UpdatePeople(t.Context(), []aiguanhuai.Person{{UserID: "theirs", Account: "theirs", RealName: "外部", Status: aiguanhuai.StatusActive}})
	require.NoError(t, err)

	stopped := w.sync(t, "-replace", "aiguanhuai")
	assert.Equal(t, statusGuarded, stopped.status, stopped.stdout)
	assert.Zero(t, w.writes())
	status, text := w.text(t, "-replace", "aiguanhuai")
	assert.Equal(t, statusGuarded, status)
	assert.Contains(t, text, "what others put there goes too")
	command := "-replace aiguanhuai/" + aiguanhuaitest.DefaultCorpID + " -approve " + stopped.report.Digest
	assert.Contains(t, text, "orgsync "+command+"\n")

	done := w.sync(t, strings.Fields(command)...)
	assert.Equal(t, statusDone, done.status, done.stdout)
	assert.True(t, target(t, done, "aiguanhuai/"+aiguanhuaitest.DefaultCorpID).Replaced)
	assert.Len(t, w.a.People(), 20)
	w.assertInStep(t)
}

func TestFlagsThatNameNoTarget(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	for _, flag := range []string{"-replace", "-adopt"} {
		r := w.sync(t, flag, "elsewhere")
		assert.Equal(t, statusUsage, r.status)
		assert.Contains(t, r.stderr, `"elsewhere" names no target: there is aiguanhuai/`)
		assert.NoFileExists(t, w.env[stateVariable])
	}
}

func newcomer() yunzhijia.Person {
	return yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13800009999", OrgID: "org-0003", JobNo: "E90001"}
}

func person(n int) string { return fmt.Sprintf("person-%05d", n) }

func target(t *testing.T, r result, name string) orgsync.TargetReport {
	t.Helper()
	for _, target := range r.report.Targets {
		if target.Name == name {
			return target
		}
	}
	require.Fail(t, "there is no target "+name)
	return orgsync.TargetReport{}
}
