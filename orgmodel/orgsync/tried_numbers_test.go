package orgsync_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// sceneMoves are changes of numbers that a run is interrupted in, and what the source
// says afterwards.
func sceneMoves() map[string]func(s *scene) {
	return map[string]func(s *scene){
		"another number": func(s *scene) { s.number(sceneID(1), "E70000") },
		"chain":          func(s *scene) { s.chain(3, "E70000") },
		"ring of 2":      func(s *scene) { s.ring(2) },
		"ring of 3":      func(s *scene) { s.ring(3) },
		"newcomer":       func(s *scene) { s.hire("person-new", "E70000") },
		"hand-over":      func(s *scene) { s.source.Leave(sceneID(1)); s.hire("person-new", sceneNo(1)) },
		"chained hand-over": func(s *scene) {
			s.source.Leave(sceneID(2))
			s.number(sceneID(1), sceneNo(2))
			s.hire("person-new", sceneNo(1))
		},
		"leaver": func(s *scene) { s.source.Leave(sceneID(1)) },
	}
}

func sceneAfterwards() map[string]func(s *scene) {
	numbers := func(s *scene, first int) {
		for n := 1; n <= 3; n++ {
			s.number(sceneID(n), sceneNo(n))
			if first > 0 {
				s.number(sceneID(n), fmt.Sprintf("E8%04d", n))
			}
		}
		if _, hired := s.inService()["person-new"]; hired {
			s.number("person-new", "E90001")
		}
	}
	return map[string]func(s *scene){
		"nothing":   func(*scene) {},
		"corrected": func(s *scene) { numbers(s, 0) },
		"changed":   func(s *scene) { numbers(s, 1) },
		"reversed": func(s *scene) {
			numbers(s, 0)
			s.number(sceneID(1), sceneNo(3))
			s.number(sceneID(2), "E80002")
			s.number(sceneID(3), sceneNo(1))
		},
		"left": func(s *scene) {
			for n := 1; n <= 3; n++ {
				s.source.Leave(sceneID(n))
			}
			if _, hired := s.inService()["person-new"]; hired {
				s.source.Leave("person-new")
			}
		},
		"given to others": func(s *scene) {
			numbers(s, 1)
			for n := 1; n <= 3; n++ {
				s.hire(fmt.Sprint("person-other-", n), sceneNo(n))
			}
			s.hire("person-other-4", "E70000")
		},
	}
}

// inEveryCase interrupts every move and goes on in every way. interrupt reports whether
// there was anything left to interrupt: it is tried with 0, 1, 2, … until there is not.
func inEveryCase(t *testing.T, interrupt func(s *scene, at int) bool) {
	t.Helper()
	for move, moves := range sceneMoves() {
		for after, goesOn := range sceneAfterwards() {
			t.Run(move+", "+after, func(t *testing.T) {
				t.Parallel()
				for at := range 12 {
					s := newScene(t, 2, 24)
					s.options = []orgsync.Option{orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
					s.targets = []orgsync.Target{s.ta, s.ty}
					s.sync()
					moves(s)
					left := interrupt(s, at)
					s.later(48 * time.Hour)
					goesOn(s)
					s.settle()
					if s.requireRight(); t.Failed() {
						t.Fatalf("interrupted at %d", at)
					}
					before := s.y.Count("") + s.a.Count("")
					s.sync()
					require.Equal(t, before, s.y.Count("")+s.a.Count(""), "one more run has nothing to do")
					if !left {
						return
					}
				}
			})
		}
	}
}

// A call is carried out, and its answer is lost. The key that was tried is remembered,
// and retired if the source says something else by then.
func TestI22_answerLost(t *testing.T) {
	t.Parallel()
	inEveryCase(t, func(s *scene, at int) bool {
		s.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).After(at).Times(2))
		s.a.Inject(aiguanhuaitest.LoseAnswer().After(at).Times(2))
		_, err := s.run()
		struck := err != nil
		s.y.ClearFaults()
		s.a.ClearFaults()
		return struck
	})
}

// A call never arrives, which the engine cannot tell from an answer that was lost.
func TestI22_callLost(t *testing.T) {
	t.Parallel()
	inEveryCase(t, func(s *scene, at int) bool {
		s.y.Inject(yunjiantest.ResetConnection().On(yunjiantest.OpSyncUsers).After(at).Times(2))
		s.a.Inject(aiguanhuaitest.ResetConnection().After(at).Times(2))
		_, err := s.run()
		struck := err != nil
		s.y.ClearFaults()
		s.a.ClearFaults()
		return struck
	})
}

// The process dies at every write of the state, before it and after it: between a new
// number and the retirement of the old one among others.
func TestI37_diesBetweenSuccessorAndRetirement(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"before the write": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryCase(t, func(s *scene, at int) bool { return s.crashes(at, late) })
		})
	}
}

// The old number is retired only after the call with its successor was answered.
func TestI22_oldNumberOutlivesTheCall(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.targets = []orgsync.Target{s.ty}
	s.sync()
	s.number(sceneID(5), "E50000")
	s.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).Times(2))
	_, err := s.run()
	require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
	s.requireStatus("E50000", false)
	s.requireStatus(sceneNo(5), false)
	s.y.ClearFaults()
	s.settle()
	s.requireStatus(sceneNo(5), true)
	require.Equal(t, 1, s.mobiles("yunjian")["13800000005"])
}

// A removal whose answer was lost is undone if the person returns, and repeated if not.
func TestI37_removalAnswerLost(t *testing.T) {
	t.Parallel()
	for name, returns := range map[string]bool{"returns": true, "stays away": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.source.Leave(sceneID(5))
			s.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).Times(2))
			s.a.Inject(aiguanhuaitest.LoseAnswer().Times(2))
			_, err := s.run()
			require.Error(t, err)
			s.y.ClearFaults()
			s.a.ClearFaults()
			if returns {
				s.comesBack(sceneID(5), sceneNo(5))
			}
			s.settle()
			s.requireRight()
			s.requireStatus(sceneNo(5), !returns)
		})
	}
}
