package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func messageOf(t testing.TB, r notify.Run) notify.Message {
	t.Helper()
	_, m := notify.State{}.Next(r, notify.Policy{}, start)
	require.NotNil(t, m)
	return *m
}

// show returns what a robot shows, in one language.
func show(t testing.TB, m notify.Message, l notify.Language) string {
	t.Helper()
	r := answering(success(notify.DingTalk))
	require.NoError(t, newNotifier(t, dingtalkURL+"t", "", r.option(), notify.WithLanguage(l)).Send(t.Context(), m))
	return textOf(t, notify.DingTalk, r.got[0].body)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	type want struct {
		problems []notify.Problem
		next     string // part of what is proposed, in English
	}
	one := func(p notify.Problem, next string) want { return want{[]notify.Problem{p}, next} }
	for name, c := range map[string]struct {
		err  error
		want want
	}{
		"source down": {
			&orgsync.SourceError{Source: "yunzhijia", Err: &yunzhijia.Error{HTTPStatus: 503}},
			one(notify.Problem{Kind: notify.ProblemSource, Name: "yunzhijia", Cause: notify.CauseUnavailable}, "the next run goes on"),
		},
		"source refuses": {
			fmt.Errorf("run: %w", &orgsync.SourceError{Source: "yunzhijia", Err: &yunzhijia.Error{HTTPStatus: 403}}),
			one(notify.Problem{Kind: notify.ProblemSource, Name: "yunzhijia", Cause: notify.CauseUnauthorized}, "check the credentials of yunzhijia"),
		},
		"several": {
			errors.Join(
				&orgsync.TargetError{Target: "tuzhan", Failed: 3, Err: &tuzhan.Error{HTTPStatus: 429}},
				errors.Join(&orgsync.TargetError{Target: "yunjian/demo", NotSent: 7, Err: context.DeadlineExceeded}, &orgsync.ReadingError{Source: "yunzhijia"}),
				&orgsync.ReadingError{Source: "yunzhijia"}),
			want{[]notify.Problem{
				{Kind: notify.ProblemTarget, Name: "tuzhan", Cause: notify.CauseRateLimited, Failed: 3},
				{Kind: notify.ProblemTarget, Name: "yunjian/demo", Cause: notify.CauseTimeout, NotSent: 7},
				{Kind: notify.ProblemReading, Name: "yunzhijia"},
			}, "read the report"},
		},
		"destination": {&orgsync.DestinationError{Target: "tuzhan"}, one(notify.Problem{Kind: notify.ProblemDestination, Name: "tuzhan"}, "-adopt")},
		"coverage": {
			&orgsync.CoverageError{Target: "tuzhan", InScope: 40, Planned: 0},
			one(notify.Problem{Kind: notify.ProblemCoverage, Name: "tuzhan", Of: 40}, "read the report"),
		},
		"scope":    {&orgsync.CoverageError{}, one(notify.Problem{Kind: notify.ProblemCoverage}, "read the report")},
		"lease":    {fmt.Errorf("x: %w", orgsync.ErrLeaseLost), one(notify.Problem{Kind: notify.ProblemLocked}, "the next run")},
		"state":    {fmt.Errorf("x: %w", orgsync.ErrCorrupt), one(notify.Problem{Kind: notify.ProblemState}, "the state file")},
		"seal":     {orgsync.ErrSealKey, one(notify.Problem{Kind: notify.ProblemState}, "its key")},
		"settings": {errors.Join(&orgsync.ConfigError{Field: "Tenant"}, &yunzhijia.FieldError{Field: "EID"}), one(notify.Problem{Kind: notify.ProblemConfig}, "check the settings")},
		"canceled": {context.Canceled, one(notify.Problem{Kind: notify.ProblemInterrupted}, "the next run")},
		"malformed": {
			fmt.Errorf("x: %w", &orgsync.SourceError{Source: "s", Err: yunzhijia.ErrMalformed}),
			one(notify.Problem{Kind: notify.ProblemSource, Name: "s", Cause: notify.CauseMalformed}, "the next run"),
		},
		"unknown": {
			fmt.Errorf("outer: %w", &yunzhijia.Error{HTTPStatus: 503, Err: errors.New("inner")}),
			one(notify.Problem{Kind: notify.ProblemOther, Cause: notify.CauseUnavailable}, "the next run"),
		},
		"none": {nil, one(notify.Problem{Kind: notify.ProblemInput}, "read the report")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := messageOf(t, runOf(1, c.err))
			assert.Equal(t, c.want.problems, m.Problems)
			for _, l := range []notify.Language{notify.English, notify.Chinese} {
				lines := strings.Split(show(t, m, l), "\n")
				for _, line := range lines {
					assert.NotContains(t, line, "%!")
					assert.NotEmpty(t, strings.TrimSpace(line))
				}
				if l == notify.English {
					assert.Contains(t, lines[len(lines)-1], c.want.next) // there are no targets
				}
			}
		})
	}
}

// Every kind of objection has words of its own, in both languages.
func TestGuardTexts(t *testing.T) {
	t.Parallel()
	kinds := []orgsync.Kind{
		orgsync.KindPeople, orgsync.KindDepartments, orgsync.KindSubtree, orgsync.KindCreated, orgsync.KindChanged, orgsync.KindColliding,
		orgsync.KindSettings, orgsync.KindReplace, orgsync.KindFewerPeople, orgsync.KindFewerDepartments, orgsync.KindCounted, orgsync.KindNothing,
	}
	seen := map[string]bool{}
	for _, kind := range kinds {
		err := &orgsync.GuardError{Violations: []orgsync.Violation{{Kind: kind, Target: "tuzhan", Department: "d1", Planned: 6, Of: 40, Allowed: 2}}, Digest: "d"}
		if kind == orgsync.KindNothing {
			err.Digest = ""
		}
		m := messageOf(t, runOf(3, err))
		assert.Equal(t, notify.Stopped, m.Event)
		for _, l := range []notify.Language{notify.English, notify.Chinese} {
			text := show(t, m, l)
			line := text[strings.Index(text, "•"):]
			assert.False(t, seen[line], line)
			seen[line] = true
		}
		assert.Equal(t, kind != orgsync.KindNothing, strings.Contains(show(t, m, notify.English), "-approve d"))
	}
	assert.Contains(t, show(t, messageOf(t, runOf(3, &orgsync.GuardError{Violations: slices.Repeat([]orgsync.Violation{{Kind: "new"}}, 30)})), notify.English), "and 20 more")
}

func TestEveryTitle(t *testing.T) {
	t.Parallel()
	for event, want := range map[notify.Event][2]string{
		notify.Failed: {"组织同步 失败", "Org sync failed"}, notify.Stopped: {"组织同步 需要审批", "Org sync needs a decision"},
		notify.Recovered: {"组织同步 已恢复", "Org sync has recovered"}, notify.Stale: {"组织同步 长时间没有成功", "Org sync has not succeeded for a long time"},
		"own": {"组织同步 own", "Org sync own"},
	} {
		for i, l := range []notify.Language{notify.Chinese, notify.English} {
			first, _, _ := strings.Cut(show(t, notify.Message{Event: event, Since: start}, l), "\n")
			assert.Equal(t, want[i], first)
		}
	}
	assert.Contains(t, show(t, notify.Message{Event: notify.Stale}, notify.English), "There was no good run yet")
	assert.Contains(t, show(t, notify.Message{Event: notify.Stale, LastGood: start}, notify.English), "Last good run: 2025-01-01 08:00 +00:00")
	assert.Contains(t, show(t, notify.Message{Event: notify.Recovered, Since: start}, notify.English), "The trouble began at 2025")
	assert.Contains(t, show(t, notify.Message{Event: notify.Failed, Since: start, Repeated: 4}, notify.English), "5 runs in a row")
}

// Names, mobiles, vendors' texts and error texts stay out; a few ids are named.
func TestMessagesHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	note := func(id string) orgsync.Note {
		return orgsync.Note{Entity: orgmodel.EntityPerson, ID: id, Action: orgsync.Create, Reason: optest.Name + " " + optest.Mobile}
	}
	report := &orgsync.Report{
		Tenant: "10000001", Error: optest.Name, Notes: []string{optest.Mobile}, Started: start,
		Reading: orgsync.Reading{Quarantined: []orgsync.Note{note(optest.Mobile)}, Doubts: []orgsync.Note{note("o9")}},
		Targets: []orgsync.TargetReport{
			{
				Name: "tuzhan", Done: map[orgsync.Action]int{orgsync.Create: 12, orgsync.Disable: 1}, Error: optest.Name, NotSent: 2,
				Failed: []orgsync.Note{note("o1"), note(optest.Mobile), note(optest.Email), note(optest.Card), note("+86 138-1234-5678")}, Skipped: []orgsync.Note{note("o2")},
			},
			{Name: "yunjian/demo", Failed: slices.Repeat([]orgsync.Note{note("many")}, 6), Withheld: []orgsync.Note{note("o3")}, Held: []orgsync.Note{note("o4")}},
		},
	}
	err := errors.Join(
		&orgsync.TargetError{Target: "tuzhan", Failed: 5, Err: &tuzhan.Error{Message: optest.Name, Code: optest.Token}},
		errors.New(optest.Email), &orgsync.SourceError{Source: "yunzhijia", Err: errors.New(optest.Card)})
	m := messageOf(t, notify.Run{Report: report, Err: err, Exit: 1})
	encoded, jsonErr := json.Marshal(m)
	require.NoError(t, jsonErr)
	optest.NoCanary(t, "JSON", string(encoded))
	optest.Silent(t, "message", m)
	for _, l := range []notify.Language{notify.Chinese, notify.English} {
		text := show(t, m, l)
		optest.NoCanary(t, "text", text)
		assert.NotContains(t, text, "1234-5678")
		assert.NotContains(t, text, "many")
	}
	assert.Contains(t, show(t, m, notify.English), "tuzhan: 13 sent, 5 failed, 1 skipped, 2 not sent (failed: o1, ***, ***, ***, ***)\n"+
		"yunjian/demo: 0 sent, 6 failed, 0 skipped, 1 withheld, 1 held back")
}

// A run can be a failure although the engine returned no error.
func TestFailuresWithoutAnError(t *testing.T) {
	t.Parallel()
	note := []orgsync.Note{{Entity: orgmodel.EntityPerson, ID: "o1"}}
	report := &orgsync.Report{
		Reading: orgsync.Reading{Quarantined: note},
		Targets: []orgsync.TargetReport{{Name: "tuzhan", Failed: note, NotSent: 2}, {Name: "yunjian/demo", Withheld: note}, {Name: "aiguanhuai/demo"}},
	}
	m := messageOf(t, notify.Run{Report: report, Exit: 1})
	assert.Equal(t, []notify.Problem{
		{Kind: notify.ProblemQuarantined, Failed: 1},
		{Kind: notify.ProblemTarget, Name: "tuzhan", Failed: 1, NotSent: 2},
		{Kind: notify.ProblemWithheld, Name: "yunjian/demo", Failed: 1},
	}, m.Problems)
	assert.Contains(t, show(t, m, notify.English), "yunjian/demo: removals are withheld because the reading is incomplete: 1")
	report.Reading.Complete = true
	assert.Len(t, messageOf(t, notify.Run{Report: report, Exit: 1}).Problems, 2)

	for _, r := range []notify.Run{{Exit: 2}, {Exit: 1, Report: &orgsync.Report{Error: "x"}}} {
		assert.Equal(t, []notify.Problem{{Kind: notify.ProblemOther}}, messageOf(t, r).Problems)
	}
	assert.Equal(t, time.Time{}, m.Run)
}
