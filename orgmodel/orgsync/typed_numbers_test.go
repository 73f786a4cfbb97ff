package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A colleague's number is typed by mistake: both keep their accounts, the person who
// claims it is named, and the holder's other changes arrive. Once it is corrected, no
// trace is left.
func TestI22_onyx14074(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.number(sceneID(6), sceneNo(5))
	s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.Name = "改名" })
	report, _ := s.run()
	s.requireStatus(sceneNo(6), false)
	assert.Equal(t, "改名", s.users()[sceneNo(5)].FullName)
	assert.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(6)), report.Text())
	assert.True(t, sceneNamed(sceneTarget(report, "aiguanhuai").Withheld, sceneID(6)), report.Text())
	for range 3 {
		_, _ = s.run(orgsync.RunOptions{Full: true})
	}
	s.requireStatus(sceneNo(6), false)
	s.number(sceneID(6), sceneNo(6))
	s.sync()
	s.requireRight()
}

// The same, where the typed number is the one that gets another person's record first:
// a newcomer claims a number that is held.
func TestI22_rancher55220(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.hire("person-new", sceneNo(5))
	report, _ := s.run()
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, "person-new"), report.Text())
	require.Equal(t, "13800000005", s.users()[sceneNo(5)].Mobile)
	require.NotContains(t, s.members(), "person-new")
	report, _ = s.run()
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, "person-new"), "still owed and named: %s", report.Text())
	s.number("person-new", "E90001")
	s.sync()
	s.requireRight()
}

// Two people are given one new number. Neither gets it, and the one who is corrected
// frees it for the other without being touched again.
func TestI22_twoClaimOneNewNumber(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.number(sceneID(5), "E70000")
	s.number(sceneID(6), "E70000")
	report, _ := s.run()
	for _, id := range []string{sceneID(5), sceneID(6)} {
		require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, id), report.Text())
	}
	require.NotContains(t, s.users(), "E70000")
	s.requireStatus(sceneNo(5), false)
	s.requireStatus(sceneNo(6), false)
	s.number(sceneID(6), sceneNo(6))
	s.sync()
	s.requireRight()
}

// Newcomers who share a number from the first run on are both named, and both arrive
// once one is corrected.
func TestI22_contestedFromTheFirstRun(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.number(sceneID(6), sceneNo(5))
	report, _ := s.run()
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(5)), report.Text())
	require.True(t, sceneNamed(sceneTarget(report, "yunjian").Withheld, sceneID(6)), report.Text())
	s.number(sceneID(6), sceneNo(6))
	s.sync()
	s.requireRight()
}

// A typo that is no one's number goes through. Once it is corrected, the wrong number is
// retired and the right one, which had been disabled, is in service again.
func TestI37_typoOfNobody(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"incremental": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.sync()
			s.number(sceneID(5), "E50000")
			s.sync(orgsync.RunOptions{Full: full})
			s.requireStatus("E50000", false)
			s.requireStatus(sceneNo(5), true)
			s.number(sceneID(5), sceneNo(5))
			s.sync(orgsync.RunOptions{Full: full})
			s.requireStatus("E50000", true)
			s.requireStatus(sceneNo(5), false)
			s.requireRight()
		})
	}
}

// A typo hits the number of a person who left: it passes on. Once it is corrected,
// the leaver's number belongs to no one and is not active.
func TestI37_typoHitsALeaver(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.source.Leave(sceneID(7))
	s.sync()
	s.number(sceneID(5), sceneNo(7))
	s.settle()
	s.requireStatus(sceneNo(7), false)
	s.requireRight()
	s.number(sceneID(5), sceneNo(5))
	s.settle()
	s.requireStatus(sceneNo(7), true)
	s.requireRight()
}

// Typo, leaver and return together: the person whose number was typed leaves while the
// claim waits, and comes back after it was corrected.
func TestI37_holderLeavesWhileContested(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.number(sceneID(6), sceneNo(5))
	_, _ = s.run()
	s.source.Leave(sceneID(5))
	s.settle()
	require.Equal(t, "13800000006", s.users()[sceneNo(5)].Mobile, "the number is free, and passes on")
	s.requireRight()
	s.number(sceneID(6), sceneNo(6))
	s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	s.settle()
	s.requireRight()
}

// A claim that the target refuses leaves the old number in service for as long as it
// lasts, whatever else is read.
func TestI22_cdkd1248(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.y.RefuseRecord("E50000", "暂不支持")
	s.number(sceneID(5), "E50000")
	for n := range 3 {
		report, err := s.run(orgsync.RunOptions{Full: n == 1})
		require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
		require.True(t, sceneNamed(sceneTarget(report, "yunjian").Failed, sceneID(5)), report.Text())
		s.requireStatus(sceneNo(5), false)
	}
	s.y.RefuseRecord("E50000", "")
	s.settle()
	s.requireRight()
}

// A person who leaves while the new number is refused is disabled under the old one.
func TestI22_pulumi16629(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 12)
	s.sync()
	s.y.RefuseRecord("E50000", "暂不支持")
	s.number(sceneID(5), "E50000")
	_, _ = s.run()
	s.source.Leave(sceneID(5))
	s.settle()
	s.requireStatus(sceneNo(5), true)
	require.NotContains(t, s.users(), "E50000")
	s.requireRight()
}

// An old number that could not be retired is retired later, also if the person is gone
// from the source by then.
func TestI22_oldNumberOfSomeoneGone(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"stays", "leaves", "vanishes"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 12)
			s.options = []orgsync.Option{orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
			s.sync()
			s.y.RefuseRecord(sceneNo(5), "暂不支持")
			s.number(sceneID(5), "E50000")
			_, err := s.run()
			require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
			s.requireStatus("E50000", false)
			s.requireStatus(sceneNo(5), false)
			switch how {
			case "leaves":
				s.source.Leave(sceneID(5))
			case "vanishes":
				s.source.RemovePerson(sceneID(5))
			}
			_, err = s.run(orgsync.RunOptions{Full: true})
			require.True(t, sceneIs[*orgsync.TargetError](err), "%v", err)
			s.y.RefuseRecord(sceneNo(5), "")
			for range 2 {
				_, err = s.run(orgsync.RunOptions{Full: true})
			}
			require.NoError(t, err)
			s.requireStatus(sceneNo(5), true)
			s.requireRight()
		})
	}
}

// Held back by the guard: the heir of a leaver who is not let go yet does not take the
// leaver's record.
func TestI37_heirOfALeaverHeldBack(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 60)
	s.sync()
	for n := 11; n <= 40; n++ {
		s.source.Leave(sceneID(n))
	}
	s.hire("person-new", sceneNo(11))
	s.hire("person-other", "E90002")
	_, err := s.run(orgsync.RunOptions{Hold: true})
	guard := &orgsync.GuardError{}
	require.ErrorAs(t, err, &guard)
	require.True(t, guard.Held)
	assert.Equal(t, "13800000011", s.users()[sceneNo(11)].Mobile, "云简: the leaver's record became the heir's")
	assert.Equal(t, sceneNo(11), s.members()[sceneID(11)].Account)
	assert.NotContains(t, s.members(), "person-new")
	assert.Contains(t, s.users(), "E90002", "everything else goes")
	_, err = s.run(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	if err != nil {
		s.settle()
	}
	s.requireRight()
	require.Equal(t, aiguanhuai.StatusDisabled, s.members()[sceneID(11)].Status)
}
