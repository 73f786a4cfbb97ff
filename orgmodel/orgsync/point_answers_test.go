package orgsync_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func newAbsenceScene(t *testing.T) *scene {
	t.Helper()
	s := newScene(t, 4, 24)
	s.options = []orgsync.Option{orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
	s.sync()
	return s
}

func refusal(code int, text string) string {
	return fmt.Sprintf(`{"success":false,"errorCode":%d,"error":%q,"data":null}`, code, text)
}

// However a vendor says that there is no such person, it is understood, because it says
// the same of an id that cannot exist.
func TestI23_cipp814(t *testing.T) {
	t.Parallel()
	type answer func(id string) (int, string)
	plain := func(status int, body string) answer { return func(string) (int, string) { return status, body } }
	for name, answers := range map[string]answer{
		"bare":                plain(200, refusal(1001, "不存在")),
		"English":             plain(200, refusal(1001, "no such user")),
		"a code without text": plain(200, refusal(10010003, "")),
		"data null":           plain(200, `{"success":true,"data":null}`),
		"an empty object":     plain(200, `{"success":true,"data":{}}`),
		"an empty list":       plain(200, `{"success":true,"data":[]}`),
		"no data":             plain(200, `{"success":true}`),
		"quoting the id":      func(id string) (int, string) { return 200, refusal(1001, "用户["+id+"]不存在") },
		"HTTP 404":            plain(404, `{"message":"Not Found"}`),
		"with a trace": func(id string) (int, string) {
			return 200, refusal(1001, "不存在 trace "+[]string{"0123456789abcdef", "1234567890123456"}[int(id[len(id)-1])%2])
		},
		"another shape each day": func(id string) (int, string) {
			return 200, []string{`{"success":true,"data":[]}`, `{"success":true,"data":null}`}[int(id[len(id)-1])%2]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newAbsenceScene(t)
			s.source.RemovePerson(sceneID(5))
			s.source.RemovePerson(sceneID(6))
			s.pointReads(func(id string, there bool) (int, string) {
				if there {
					return 0, ""
				}
				return answers(id)
			})
			s.sync(orgsync.RunOptions{Full: true})
			for _, n := range []int{5, 6} {
				require.NotContains(t, s.staff(), sceneID(n))
				s.requireStatus(sceneNo(n), true)
			}
			s.requireRight()
		})
	}
}

// requireKept demands that no one went anywhere, and that the run is no success.
func (s *scene) requireKept(report *orgsync.Report, err error, people int) {
	s.tb.Helper()
	assert.True(s.tb, sceneIs[*orgsync.ReadingError](err), "%v\n%s", err, report.Text())
	require.Len(s.tb, s.staff(), people)
	for _, u := range s.users() {
		require.False(s.tb, u.IsLeave, "云简 %s", u.UserNo)
	}
	for _, m := range s.members() {
		require.Equal(s.tb, aiguanhuai.StatusActive, m.Status, "爱关怀 %s", m.UserID)
	}
}

// One answer for everyone proves nothing.
func TestI23_oneAnswerForEveryone(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a refusal":         refusal(1001, "不存在"),
		"an empty list":     `{"success":true,"data":[]}`,
		"null":              `{"success":true,"data":null}`,
		"busy":              refusal(5003, "系统繁忙"),
		"busy in English":   refusal(5003, "system busy, try again later"),
		"expired app":       refusal(4010, "应用已过期"),
		"no such interface": refusal(4040, "接口不存在"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newAbsenceScene(t)
			s.source.RemovePerson(sceneID(5))
			s.pointReads(func(string, bool) (int, string) { return 200, body })
			report, err := s.run(orgsync.RunOptions{Full: true})
			s.requireKept(report, err, 24)
			require.True(t, sceneNamed(report.Reading.Doubts, sceneID(5)), report.Text())
			s.fromSource.answer(nil)
			s.settle()
			require.NotContains(t, s.staff(), sceneID(5), "answered at last")
		})
	}
}

// An answer that speaks of permission proves nothing, even where it equals the one for an
// id that cannot exist; nor does one that only differs in its words.
func TestI23_gitlabProvider130(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"combined": "用户不存在或无权限访问", "permission": "无权限", "granted": "未授权", "visible": "不在可见范围", "hidden": "用户已隐藏",
		"denied": "Access Denied", "forbidden": "FORBIDDEN", "not permitted": "permission required", "wide": "ｐｅｒｍｉｓｓｉｏｎ", "spaced": "无 权 限",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, alike := range []bool{true, false} {
				s := newAbsenceScene(t)
				s.source.RemovePerson(sceneID(5))
				s.pointReads(func(id string, there bool) (int, string) {
					switch {
					case there:
						return 0, ""
					case alike || id == sceneID(5):
						return 200, refusal(1001, text)
					}
					return 200, refusal(1001, "不存在")
				})
				report, err := s.run(orgsync.RunOptions{Full: true})
				s.requireKept(report, err, 24)
			}
		})
	}
}

// An answer of another kind than the one for an id that cannot exist proves nothing.
func TestI23_anotherAnswerThanForNobody(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]struct {
		status int
		body   string
	}{
		"another code":         {200, refusal(1002, "不存在")},
		"another text":         {200, refusal(1001, "不在")},
		"success without data": {200, `{"success":true,"data":[]}`},
		"another status":       {404, `{"success":false,"errorCode":1001,"error":"不存在"}`},
		"a failure":            {500, `{}`},
		"another person":       {200, `{"success":true,"data":[{"openId":"person-00009","name":"赵","status":"1"}]}`},
		"not JSON":             {200, `<html>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newAbsenceScene(t)
			s.source.RemovePerson(sceneID(5))
			s.pointReads(func(id string, there bool) (int, string) {
				switch {
				case there:
					return 0, ""
				case id == sceneID(5):
					return odd.status, odd.body
				}
				return 200, refusal(1001, "不存在")
			})
			report, err := s.run(orgsync.RunOptions{Full: true})
			s.requireKept(report, err, 24)
			require.True(t, sceneNamed(report.Reading.Doubts, sceneID(5)), report.Text())
		})
	}
}

// The control itself: records that are there and are not returned, and ids that cannot
// exist and are answered in two ways, prove nothing.
func TestI23_controlFails(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(id string, there bool, call int) (int, string){
		"two answers for no one": func(id string, there bool, call int) (int, string) {
			switch {
			case there:
				return 0, ""
			case id == sceneID(5) || call < 4: // the first made-up id is answered like the person
				return 200, refusal(1001, "不存在")
			}
			return 200, refusal(1002, "已离开")
		},
		"the first one is not returned": func(id string, there bool, _ int) (int, string) {
			if id == sceneID(1) || !there {
				return 200, refusal(1001, "不存在")
			}
			return 0, ""
		},
		"never the same answer": func(_ string, there bool, call int) (int, string) {
			if there {
				return 0, ""
			}
			return 200, refusal(1000+call, "不存在")
		},
		"the made-up one is there": func(id string, there bool, _ int) (int, string) {
			if there || id == sceneID(5) {
				return 0, ""
			}
			return 200, fmt.Sprintf(`{"success":true,"data":[{"openId":%q,"name":"赵","status":"1"}]}`, id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newAbsenceScene(t)
			s.source.RemovePerson(sceneID(5))
			call := 0
			s.pointReads(func(id string, there bool) (int, string) { call++; return answer(id, there, call) })
			report, err := s.run(orgsync.RunOptions{Full: true})
			s.requireKept(report, err, 24)
		})
	}
}

// The control asks for an id that no one can guess, and not always for the same one.
func TestI23_madeUpIDs(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	for range 3 {
		s := newAbsenceScene(t)
		s.source.RemovePerson(sceneID(5))
		s.pointReads(func(id string, there bool) (int, string) {
			if !there && id != sceneID(5) {
				require.False(t, asked[id], "%q was asked for before", id)
				asked[id] = true
				require.GreaterOrEqual(t, len(id), 18, "too short to be no one's: %q", id)
			}
			return 0, ""
		})
		s.sync(orgsync.RunOptions{Full: true})
		require.NotContains(t, s.staff(), sceneID(5))
	}
	require.GreaterOrEqual(t, len(asked), 3)
}

// People who are missing from the list, and there when asked for, stay.
func TestI23_missingFromTheListOnly(t *testing.T) {
	t.Parallel()
	s := newAbsenceScene(t)
	s.unlists(sceneID(5), sceneID(6))
	report, err := s.run(orgsync.RunOptions{Full: true})
	s.requireKept(report, err, 24)
	require.True(t, sceneNamed(report.Reading.Doubts, sceneID(5)), report.Text())
	s.source.ClearFaults()
	s.settle()
	s.requireRight()
	// A person who is no longer listed, and who left according to the point read, still goes.
	s.unlists(sceneID(7))
	s.source.UpdatePerson(sceneID(7), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusLeft })
	_, _ = s.run(orgsync.RunOptions{Full: true})
	require.NotContains(t, s.staff(), sceneID(7))
	s.requireStatus(sceneNo(7), true)
}
