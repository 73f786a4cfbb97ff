package orgsync_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func (s *scene) comesBack(id, no string) {
	s.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.Status, p.JobNo = yunzhijia.StatusActive, no })
}

// A person is rehired with a new id and the old number, which is unique at 爱关怀: the
// leaver is disabled, and releases the account first. The order in which the source
// tells of it does not matter.
func TestI22_rehiredUnderTheOldNumber(t *testing.T) {
	t.Parallel()
	for _, runs := range []int{0, 1, 3} { // between leaving and coming
		for name, full := range map[string]bool{"incremental": false, "full": true} {
			t.Run(fmt.Sprint(runs, " ", name), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, 3, 12)
				s.uniqueAccounts(true)
				s.sync()
				s.source.Leave(sceneID(5))
				for range runs {
					s.sync()
				}
				s.hire("person-again", sceneNo(5))
				report, err := s.run(orgsync.RunOptions{Full: full})
				if err != nil {
					t.Log(report.Text())
				}
				s.settle()
				s.requireRight()
				require.Equal(t, aiguanhuai.StatusDisabled, s.members()[sceneID(5)].Status)
				require.NotEqual(t, sceneNo(5), s.members()[sceneID(5)].Account)
			})
		}
	}
}

// The leaver has vanished from the source altogether, and is known by what was sealed.
func TestI22_heirOfSomeoneWhoVanished(t *testing.T) {
	t.Parallel()
	for name, together := range map[string]bool{"in one run": true, "later": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.options = []orgsync.Option{orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
			s.uniqueAccounts(true)
			s.sync()
			s.source.RemovePerson(sceneID(5))
			if !together {
				s.sync(orgsync.RunOptions{Full: true})
			}
			s.hire("person-again", sceneNo(5))
			_, _ = s.run(orgsync.RunOptions{Full: true})
			if _, err := s.run(orgsync.RunOptions{Full: true}); together {
				require.NoError(t, err)
				s.requireRight()
				return
			}
			// 爱关怀 may refuse the heir, because no one has the leaver's name any more.
			require.Equal(t, "新同事person-again", s.users()[sceneNo(5)].FullName)
		})
	}
}

// A person who claims the number of a leaver waits until the leaver is confirmed.
func TestI37_heirOfAnUnconfirmedLeaver(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	s.source.Leave(sceneID(5))
	s.hire("person-again", sceneNo(5))
	s.pointReads(func(id string, _ bool) (int, string) {
		if id != sceneID(5) {
			return 0, ""
		}
		return 500, `{}`
	})
	report, err := s.run()
	require.True(t, sceneIs[*orgsync.ReadingError](err), "%v", err)
	require.Equal(t, "13800000005", s.users()[sceneNo(5)].Mobile)
	s.requireStatus(sceneNo(5), false)
	require.Equal(t, aiguanhuai.StatusActive, s.members()[sceneID(5)].Status)
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, "person-again"), report.Text())
	s.fromSource.answer(nil)
	s.settle()
	s.requireRight()
}

// The heir is refused: the leaver's record stays as it is until the number has passed on,
// or until no one claims it any more.
func TestI37_heirIsRefused(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"taken later", "corrected"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.source.Leave(sceneID(5))
			s.hire("person-again", sceneNo(5))
			s.y.RefuseRecord(sceneNo(5), "暂不支持")
			report, err := s.run()
			require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
			require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(5)), report.Text())
			s.y.RefuseRecord(sceneNo(5), "")
			if end == "corrected" {
				s.number("person-again", "E90001")
			}
			s.settle()
			s.requireRight()
			s.requireStatus(sceneNo(5), end == "corrected")
		})
	}
}

// A leaver whose number was given to another person returns: the number stays with
// its heir, and the person comes back under a new one.
func TestI15_returnsAndTheNumberIsTaken(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	s.source.Leave(sceneID(5))
	s.hire("person-heir", sceneNo(5))
	s.settle()
	s.requireRight()
	s.comesBack(sceneID(5), sceneNo(5))
	report, _ := s.run()
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(5)), report.Text())
	require.Equal(t, "新同事person-heir", s.users()[sceneNo(5)].FullName)
	require.Equal(t, sceneNo(5), s.members()["person-heir"].Account)
	s.number(sceneID(5), "E90001")
	s.settle()
	s.requireRight()
	s.source.Leave("person-heir")
	s.settle()
	s.requireRight()
}

// They come back in the run in which the number passes on: a newcomer takes the old
// number while its former holder returns with another one.
func TestI15_returnsWhileTheNumberPassesOn(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	s.source.Leave(sceneID(5))
	s.sync()
	s.comesBack(sceneID(5), "E90001")
	s.hire("person-heir", sceneNo(5))
	s.settle()
	s.requireRight()
}

// Back to the start: the heir leaves, and the first holder returns under the number.
func TestI15_numberComesBack(t *testing.T) {
	t.Parallel()
	for name, apart := range map[string]bool{"in one run": false, "one after the other": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.uniqueAccounts(true)
			s.sync()
			s.source.Leave(sceneID(5))
			s.hire("person-heir", sceneNo(5))
			s.settle()
			s.source.Leave("person-heir")
			if apart {
				s.settle()
				s.requireRight()
			}
			s.comesBack(sceneID(5), sceneNo(5))
			s.settle()
			s.requireRight()
		})
	}
}

// Leaving and returning leaves exactly one record, whatever happens in between.
func TestI15_leavesAndReturns(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]string{"same number": sceneNo(5), "another number": "E90001", "no number": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.uniqueAccounts(true)
			s.sync()
			s.source.Leave(sceneID(5))
			s.sync()
			s.requireStatus(sceneNo(5), true)
			s.later(40 * 24 * time.Hour)
			s.comesBack(sceneID(5), no)
			s.settle()
			if no == "" { // kept
				s.number(sceneID(5), sceneNo(5))
			}
			s.settle()
			s.requireRight()
		})
	}
}

// Two people leave and exchange nothing, but two newcomers get their numbers crosswise
// with a colleague who moves: a hand-over at the end of a chain.
func TestI22_handOverBehindAChain(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.uniqueAccounts(true)
	s.sync()
	s.source.Leave(sceneID(5))
	s.number(sceneID(4), sceneNo(5))
	s.number(sceneID(3), sceneNo(4))
	s.hire("person-new", sceneNo(3))
	s.settle()
	s.requireRight()
	assert.Equal(t, "新同事person-new", s.users()[sceneNo(3)].FullName)
}

// Removing people from scope frees their numbers in the same run.
func TestI22_heirOfSomeoneOutOfScope(t *testing.T) {
	t.Parallel()
	s := newScene(t, 6, 40)
	s.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002", "org-0003"}, RemoveOutside: true})}
	s.loses = true // who goes out of scope goes from the targets
	s.uniqueAccounts(true)
	s.sync()
	var outgoing, staying yunzhijia.Person
	for _, p := range s.source.People() {
		switch p.OrgID {
		case "org-0002":
			outgoing = p
		case "org-0003":
			staying = p
		}
	}
	s.source.UpdatePerson(outgoing.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0006"; p.JobNo = "E90001" })
	s.number(staying.OpenID, outgoing.JobNo)
	s.settle()
	require.Equal(t, staying.Phone, s.users()[outgoing.JobNo].Mobile)
	s.requireStatus(outgoing.JobNo, false)
	s.requireStatus(staying.JobNo, true)
	require.Equal(t, outgoing.JobNo, s.members()[staying.OpenID].Account)
	require.Equal(t, aiguanhuai.StatusDisabled, s.members()[outgoing.OpenID].Status)
}
