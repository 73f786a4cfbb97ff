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

// Sixty people get new numbers, which waits for an approval. A newcomer who is to have one
// of the old ones waits with them, and arrives with them.
func TestI37_newcomerBehindAMassChange(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 100)
	s.uniqueAccounts(true)
	s.sync()
	for n := 11; n <= 70; n++ {
		s.number(sceneID(n), fmt.Sprintf("N%05d", n))
	}
	s.hire("person-new", sceneNo(11))
	s.hire("person-other", "E90002")
	_, err := s.run(orgsync.RunOptions{Hold: true})
	guard := &orgsync.GuardError{}
	require.ErrorAs(t, err, &guard)
	assert.Equal(t, "13800000011", s.users()[sceneNo(11)].Mobile)
	assert.Equal(t, sceneNo(11), s.members()[sceneID(11)].Account)
	assert.NotContains(t, s.members(), "person-new")
	assert.Contains(t, s.members(), "person-other")
	_, _ = s.run(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	s.settle()
	s.requireRight()
}

// 爱关怀 is given everything at once while a number is contested, another one is not told
// and one person's record cannot be made: none of them loses the account.
func TestI37_replacedWhileNumbersWait(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(s *scene){
		"contested": func(s *scene) { s.number(sceneID(6), sceneNo(5)) },
		"not told":  func(s *scene) { s.number(sceneID(6), "") },
		"no name":   func(s *scene) { s.source.UpdatePerson(sceneID(6), func(p *yunzhijia.Person) { p.Name = "" }) },
		"unconfirmed leaver": func(s *scene) {
			s.source.Leave(sceneID(6))
			s.pointReads(func(id string, _ bool) (int, string) {
				if id == sceneID(6) {
					return 500, `{}`
				}
				return 0, ""
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			trouble(s)
			replace := orgsync.RunOptions{Replace: []string{"aiguanhuai"}}
			_, err := s.run(replace)
			guard := &orgsync.GuardError{}
			require.ErrorAs(t, err, &guard)
			replace.Approve = orgsync.Approve{Digest: guard.Digest}
			report, _ := s.run(replace)
			m, there := s.members()[sceneID(6)]
			require.True(t, there, report.Text())
			require.Equal(t, aiguanhuai.StatusActive, m.Status, report.Text())
			require.Equal(t, sceneNo(6), m.Account)
			s.fromSource.answer(nil)
			s.source.UpdatePerson(sceneID(6), func(p *yunzhijia.Person) { p.JobNo, p.Name, p.Status = sceneNo(6), "改名", yunzhijia.StatusActive })
			s.settle()
			s.requireRight()
		})
	}
}

// A person who is out of scope keeps the number that they have at a target.
func TestI22_numberOfSomeoneOutOfScope(t *testing.T) {
	t.Parallel()
	s := newScene(t, 6, 40)
	s.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002", "org-0003"}})}
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
	s.source.UpdatePerson(outgoing.OpenID, func(p *yunzhijia.Person) { p.OrgID, p.JobNo = "org-0006", "E90001" })
	s.number(staying.OpenID, outgoing.JobNo)
	report, _ := s.run()
	require.Equal(t, outgoing.Phone, s.users()[outgoing.JobNo].Mobile, report.Text())
	s.requireStatus(staying.JobNo, false)
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, staying.OpenID), report.Text())
}

// A number has passed on, and the process died before that was settled. Then its new
// holder is to get another one, which the target refuses: the holder keeps the number,
// no matter who had it before.
func TestI22_holderMovesBeforeItIsSettled(t *testing.T) {
	t.Parallel()
	for name, passesOn := range map[string]func(s *scene) (holder string){
		"from a colleague": func(s *scene) string {
			s.number(sceneID(5), "E50000")
			s.number(sceneID(6), sceneNo(5))
			return sceneID(6)
		},
		"from a leaver": func(s *scene) string {
			s.source.Leave(sceneID(5))
			s.hire("person-new", sceneNo(5))
			return "person-new"
		},
	} {
		for end, left := range map[string]bool{"moves": false, "leaves": true} {
			t.Run(name+", "+end, func(t *testing.T) {
				t.Parallel()
				for at, late := 0, false; at < 12; late = !late {
					s := newScene(t, 3, 12)
					s.targets = []orgsync.Target{s.ta, s.ty}
					s.sync()
					holder := passesOn(s)
					died := s.crashes(at, late)
					s.y.RefuseRecord("E60000", "暂不支持")
					s.number(holder, "E60000")
					_, _ = s.run()
					_, _ = s.run()
					if p := s.inService()[holder]; s.users()[sceneNo(5)].Mobile == p.Phone {
						require.False(t, s.users()[sceneNo(5)].IsLeave, "died at %d: %s lost the number", at, holder)
					}
					if left {
						s.source.Leave(holder)
					}
					s.y.RefuseRecord("E60000", "")
					s.settle()
					s.requireRight()
					if !died {
						return
					}
					if late {
						at++
					}
				}
			})
		}
	}
}
