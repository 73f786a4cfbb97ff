package orgsync_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// chain makes person 1 take the number of person 2, that one the number of person 3, and
// so on; the last one takes another number.
func (s *scene) chain(length int, last string) {
	for n := 1; n < length; n++ {
		s.number(sceneID(n), sceneNo(n+1))
	}
	s.number(sceneID(length), last)
}

// Numbers move up a chain. The one in front goes first, and each old number belongs to
// another person by then; only the first is retired.
func TestI22_chainOfNumbers(t *testing.T) {
	t.Parallel()
	for _, length := range []int{2, 3, 6} {
		for _, backward := range []bool{false, true} {
			t.Run(fmt.Sprint(length, backward), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, 3, 12)
				s.uniqueAccounts(true)
				s.sync()
				if backward { // ids in the other order than the chain
					for n := length; n > 1; n-- {
						s.number(sceneID(n), sceneNo(n-1))
					}
					s.number(sceneID(1), "E70000")
				} else {
					s.chain(length, "E70000")
				}
				s.settle()
				s.requireRight()
			})
		}
	}
}

// A chain whose front is refused: no one behind it moves, and all move once it is accepted.
func TestI22_chainWhoseFrontIsRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.y.RefuseRecord("E70000", "暂不支持")
	s.chain(4, "E70000")
	report, err := s.run()
	require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
	for n := 1; n <= 4; n++ {
		require.Equal(t, fmt.Sprintf("138%08d", n), s.users()[sceneNo(n)].Mobile)
		s.requireStatus(sceneNo(n), false)
	}
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(1)), report.Text())
	s.y.RefuseRecord("E70000", "")
	s.settle()
	s.requireRight()
}

// A chain that breaks in the middle and is corrected at the source.
func TestI37_chainBreaksAndIsCorrected(t *testing.T) {
	t.Parallel()
	for broken := 2; broken <= 4; broken++ {
		t.Run(strconv.Itoa(broken), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.y.RefuseRecord(sceneNo(broken), "暂不支持")
			s.chain(4, "E70000")
			_, err := s.run()
			require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
			s.y.RefuseRecord(sceneNo(broken), "")
			for n := 1; n <= 4; n++ {
				s.number(sceneID(n), sceneNo(n))
			}
			s.settle()
			s.requireRight()
		})
	}
}

// ring makes people exchange numbers in a circle.
func (s *scene) ring(length int) {
	s.chain(length, sceneNo(1))
}

// A ring of numbers goes in one call. At 爱关怀 accounts are unique: a vendor that judges a
// call by its end takes it, one that judges row by row refuses it, and everyone of the
// ring is named and keeps the account.
func TestI22_ringOfNumbers(t *testing.T) {
	t.Parallel()
	for _, length := range []int{2, 3} {
		for name, inTurn := range map[string]bool{"judged at the end": false, "judged row by row": true} {
			t.Run(fmt.Sprint(length, " ", name), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, 3, 12)
				s.uniqueAccounts(inTurn)
				s.sync()
				s.ring(length)
				report, err := s.run()
				for n := 1; n <= length; n++ {
					require.Equal(t, fmt.Sprintf("138%08d", n), s.users()[sceneNo(n%length+1)].Mobile)
				}
				if !inTurn {
					require.NoError(t, err)
					s.requireRight()
					return
				}
				require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
				for n := 1; n <= length; n++ {
					assert.True(t, sceneNamed(sceneTarget(report, "aiguanhuai").Failed, sceneID(n)), report.Text())
				}
				for n := 1; n <= length; n++ {
					s.number(sceneID(n), sceneNo(n))
				}
				s.settle()
				s.requireRight()
			})
		}
	}
}

// A ring beside a record that the vendor refuses: halving the call does not tear it.
func TestI22_ringBesideABadRecord(t *testing.T) {
	t.Parallel()
	for _, length := range []int{2, 3} {
		t.Run(strconv.Itoa(length), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.uniqueAccounts(false)
			s.sync()
			s.ring(length)
			s.foreignAccount("E80000")
			s.number(sceneID(9), "E80000")
			_, _ = s.run()
			_, _ = s.run()
			for n := 1; n <= length; n++ {
				assert.Equal(t, sceneNo(n%length+1), s.members()[sceneID(n)].Account)
			}
		})
	}
}

// A ring of which the vendor refuses one part: that person is named, and goes again.
func TestI37_ringPartlyRefused(t *testing.T) {
	t.Parallel()
	for _, length := range []int{2, 3} {
		for _, end := range []string{"taken later", "corrected", "moved on"} {
			t.Run(fmt.Sprint(length, " ", end), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, 3, 12)
				s.loses = true // the vendor took the record of one and refused the other: nothing helps
				s.sync()
				s.y.RefuseRecord(sceneNo(2), "暂不支持") // person 1 is to get it
				s.ring(length)
				report, err := s.run()
				require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
				require.True(t, sceneNamed(sceneTarget(report, "yunjian").Failed, sceneID(1)), report.Text())
				s.y.RefuseRecord(sceneNo(2), "")
				switch end {
				case "corrected":
					for n := 1; n <= length; n++ {
						s.number(sceneID(n), sceneNo(n))
					}
				case "moved on":
					s.number(sceneID(1), "E70000")
				}
				s.settle()
				s.requireRight()
			})
		}
	}
}

// Two rings, a chain and a newcomer at once.
func TestI22_ringsAndChainsTogether(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 20)
	s.uniqueAccounts(false)
	s.sync()
	s.ring(3)
	s.number(sceneID(4), sceneNo(5))
	s.number(sceneID(5), sceneNo(4))
	s.number(sceneID(6), sceneNo(7))
	s.number(sceneID(7), sceneNo(8))
	s.number(sceneID(8), "E70000")
	s.hire("person-new", sceneNo(6))
	s.source.Leave(sceneID(9))
	s.number(sceneID(10), sceneNo(9))
	s.settle()
	s.requireRight()
}

// A chain that ends at a person whose number is contested: no one moves.
func TestI22_chainBehindAContestedNumber(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	s.chain(3, sceneNo(9)) // which its holder keeps
	report, _ := s.run()
	for n := 1; n <= 3; n++ {
		require.Equal(t, fmt.Sprintf("138%08d", n), s.users()[sceneNo(n)].Mobile)
		require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(n)), report.Text())
		require.Equal(t, sceneNo(n), s.members()[sceneID(n)].Account)
	}
	s.number(sceneID(3), "E70000")
	s.settle()
	s.requireRight()
}

// The chain is read in parts: the people behind come one run earlier.
func TestI22_chainOverSeveralRuns(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	for n := 1; n <= 3; n++ {
		s.number(sceneID(n), sceneNo(n+1))
		_, _ = s.run()
	}
	s.number(sceneID(4), "E70000")
	s.settle()
	s.requireRight()
}

// Many numbers move up, or round. No one is removed: an earlier number is retired or belongs
// to another person by then, and the guard counts those who have another one.
func TestI32_exchangedNumbersAreChanges(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"ring": sceneNo(1), "chain": "E70000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 80)
			s.sync()
			s.chain(50, last)
			s.sync()
			s.requireRight()
			s.later(48 * time.Hour)
			for n := 1; n <= 50; n++ {
				s.number(sceneID(n), sceneNo(n))
			}
			s.number(sceneID(51), "E70001")
			report, err := s.run()
			guard, stopped := errors.AsType[*orgsync.GuardError](err)
			require.True(t, stopped, "51 have another number\n%s", report.Text())
			require.Equal(t, []string{"changed"}, violated(guard.Violations))
		})
	}
}
