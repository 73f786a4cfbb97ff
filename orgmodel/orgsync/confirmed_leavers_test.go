package orgsync_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// repeatsAsLeft appends an old event, which says that a person left, to every page.
func (s *scene) repeatsAsLeft(id string) {
	s.changesPages(func(_ map[string]any, persons []any) []any {
		for _, p := range persons {
			if person, _ := p.(map[string]any); person["openId"] == id {
				old := maps.Clone(person)
				old["status"] = "0"
				return append(persons, old)
			}
		}
		return persons
	})
}

// An old "left" is told last. The person is in service when asked for, and stays.
func TestI24_fusionauth2281(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"incremental": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 24)
			s.sync()
			s.source.UpdatePerson(sceneID(6), func(p *yunzhijia.Person) { p.JobTitle = "变更" })
			s.repeatsAsLeft(sceneID(6))
			report, _ := s.run(orgsync.RunOptions{Full: full})
			require.Contains(t, s.staff(), sceneID(6))
			s.requireStatus(sceneNo(6), false)
			require.True(t, sceneNamed(report.Reading.Doubts, sceneID(6)), report.Text())
			s.source.ClearFaults()
			s.settle()
			s.requireRight()
			require.Equal(t, "变更", s.members()[sceneID(6)].Position.Or(""), "the change was not lost with the doubt")
		})
	}
}

// The same for a newcomer no target knows yet: no one is removed, and they arrive.
func TestI24_oldEventOfANewcomer(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.sync()
	s.hire("person-new", "E90001")
	s.repeatsAsLeft("person-new")
	report, _ := s.run()
	require.Contains(t, report.Reading.UnknownLeft, "person-new", "reported, because no target knows them")
	s.source.ClearFaults()
	s.sync(orgsync.RunOptions{Full: true})
	s.requireRight()
}

// Leavers about whom the source does not answer stay, are named, and go once it does.
func TestI24_leaverUnanswered(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"failure": {500, `{}`}, "busy": {200, refusal(5003, "系统繁忙")}, "no call": {200, refusal(4040, "未授权")},
		"one refusal": {200, refusal(1001, "不存在")}, "nothing": {200, `{"success":true,"data":[]}`}, "no status": {200, `{"success":true,"data":[{"openId":"person-00006","name":"赵"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 24)
			s.sync()
			s.source.Leave(sceneID(6))
			s.pointReads(func(string, bool) (int, string) { return answer.status, answer.body })
			report, err := s.run()
			if name != "no status" {
				require.True(t, sceneIs[*orgsync.ReadingError](err), "%v", err)
			}
			s.requireStatus(sceneNo(6), false)
			require.Contains(t, s.staff(), sceneID(6))
			require.True(t, sceneNamed(report.Reading.Doubts, sceneID(6)), report.Text())
			if name == "no call" {
				require.Contains(t, report.Text(), "does the app lack the call", "says what to do")
			}
			report, _ = s.run()
			require.True(t, sceneNamed(report.Reading.Doubts, sceneID(6)) || sceneNamed(sceneTarget(report, "yunjian").Skipped, sceneID(6)),
				"still owed: %s", report.Text())
			s.fromSource.answer(nil)
			s.settle()
			s.requireRight()
			require.NotContains(t, s.staff(), sceneID(6))
		})
	}
}

// A leaver whom the source has deleted by the time it is asked is gone: calibrated.
func TestI24_leaverDoesNotExistAnyMore(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.sync()
	s.source.Leave(sceneID(6))
	s.pointReads(func(id string, there bool) (int, string) {
		if id == sceneID(6) || !there {
			return 200, refusal(1001, "不存在")
		}
		return 0, ""
	})
	s.sync()
	s.requireRight()
}

// An explicit leaver goes although another row of the reading cannot be read.
func TestI25_slurmweb360(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(s *scene){
		"a blank behind a department": func(s *scene) { s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.OrgID += " " }) },
		"a department not visible": func(s *scene) {
			s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.OrgID = "hidden" })
		},
		"an id beyond all limits": func(s *scene) {
			s.changesPages(func(_ map[string]any, persons []any) []any {
				return append(persons, map[string]any{"openId": strings.Repeat("x", 300), "name": "某人", "status": "1"})
			})
		},
		"no openId": func(s *scene) {
			s.changesPages(func(_ map[string]any, persons []any) []any {
				return append(persons, map[string]any{"name": "某人", "status": "1"})
			})
		},
		"a department without a parent": func(s *scene) { s.source.UpdateOrg("org-0003", func(o *yunzhijia.Org) { o.ParentID = "hidden" }) },
		"a newcomer in a department unknown": func(s *scene) {
			s.hire("person-new", "E90001")
			s.source.UpdatePerson("person-new", func(p *yunzhijia.Person) { p.OrgID = "hidden" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 24)
			s.sync()
			s.source.UpdatePerson(sceneID(2), func(p *yunzhijia.Person) { p.JobTitle = "变更" })
			bad(s)
			s.source.Leave(sceneID(6))
			s.source.RemovePerson(sceneID(8))
			for range 2 {
				report, _ := s.run(orgsync.RunOptions{Full: true})
				require.False(t, report.Reading.Complete)
			}
			require.NotContains(t, s.staff(), sceneID(6), "left, and confirmed")
			s.requireStatus(sceneNo(6), true)
			require.Contains(t, s.staff(), sceneID(8), "absence needs a complete reading")
			require.Contains(t, s.staff(), sceneID(5), "cannot be read, which is not to be gone")
		})
	}
}

// Everyone who stays although they left, or are missing, is named in text and JSON.
func TestI25_usersync629(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.sync()
	s.source.Leave(sceneID(6))
	s.source.RemovePerson(sceneID(7))
	s.pointReads(func(string, bool) (int, string) { return 500, `{}` })
	report, err := s.run(orgsync.RunOptions{Full: true})
	require.Error(t, err)
	written, _ := json.Marshal(report)
	for _, id := range []string{sceneID(6), sceneID(7)} {
		assert.Contains(t, report.Text(), id)
		assert.Contains(t, string(written), id)
		for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
			assert.True(t, sceneNamed(sceneTarget(report, target).Withheld, id), "%s %s", target, id)
		}
	}
}

// A guard that stops is not asked for hundreds of point reads; once it is approved,
// everyone who goes is confirmed.
func TestI24_approvedLeaversAreConfirmed(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 300)
	s.sync()
	for n := 11; n <= 250; n++ {
		s.source.Leave(sceneID(n))
	}
	_, err := s.run()
	guard := &orgsync.GuardError{}
	require.ErrorAs(t, err, &guard)
	s.source.UpdatePerson(sceneID(240), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	s.source.Reset()
	s.repeatsAsLeft(sceneID(240))
	_, _ = s.run(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	require.GreaterOrEqual(t, s.source.Count("getperson"), 240)
	require.Contains(t, s.staff(), sceneID(240), fmt.Sprint("in service when asked for, ", len(s.staff()), " left"))
	require.Len(t, s.staff(), 61)
}
