package orgsync_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// heldRun runs with Hold and demands that something was held back and nothing else went wrong.
func (s *stage) heldRun(o ...orgsync.RunOptions) (*orgsync.Report, *orgsync.GuardError) {
	s.tb.Helper()
	options := append(o, orgsync.RunOptions{})[0]
	options.Hold = true
	r, err := s.run(options)
	g, ok := errors.AsType[*orgsync.GuardError](err)
	require.True(s.tb, ok, "%v\n%s", err, r.Text())
	require.True(s.tb, g.Held)
	require.Equal(s.tb, g.Error(), err.Error(), "and nothing else")
	return r, g
}

// While 60 leavers wait, everything else reaches the targets, day after day.
func TestI36_hold(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	p.src.put(player(401, "d1"))
	p.src.change(playerID(100), func(q *orgmodel.Person) { q.SetName("钱改名") })
	r, g := p.heldRun()
	require.Equal(t, digest, g.Digest)
	for _, target := range targets {
		require.Equal(t, 401, target.active(), target.name)
		require.Equal(t, players(1, 60), notedIDs(reportOf(r, target.name).Held))
		require.Empty(t, reportOf(r, target.name).Withheld)
	}
	require.Equal(t, "钱改名", targets[1].people[playerID(100)].Name)
	stored := p.stored()
	require.Len(t, stored["held"], 60)
	require.Empty(t, stored["owed"])

	// They are neither read nor counted by a run that decides nothing about them.
	p.src.put(player(402, "d1"))
	r = p.sync()
	require.False(t, r.Reading.Full)
	require.Equal(t, 1, r.Reading.People)
	require.Equal(t, 402, targets[0].active())

	// They go in an incremental run once they are approved.
	r = p.sync(approve(digest))
	require.False(t, r.Reading.Full)
	for _, target := range targets {
		require.Equal(t, 342, target.active(), target.name)
	}
	require.Empty(t, p.stored()["held"])
	require.Empty(t, p.stored()["approvals"])
}

// A full reading finds the held ones again, and holds them still.
func TestI36_holdInFullReadings(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	p.heldRun()
	_, g := p.heldRun(orgsync.RunOptions{Full: true})
	require.Equal(t, digest, g.Digest)
	require.Len(t, p.stored()["held"], 60)
	p.src.back(players(1, 60)...)
	p.sync()
	require.Equal(t, 400, targets[0].active())
	require.Empty(t, p.stored()["held"])
}

// More are held than are confirmed in one run: they are not owed, and the next runs stay
// incremental.
func TestI36_holdOfManyIsNotOwed(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 2000, target)
	p.sync()
	p.src.leave(players(1, 300)...)
	r, g := p.heldRun()
	require.Len(t, reportOf(r, "t").Held, 300)
	require.Empty(t, p.stored()["owed"])
	p.src.put(player(2001, "d1"))
	r = p.sync()
	require.False(t, r.Reading.Full, r.Reading.Why)
	p.sync(approve(g.Digest))
	require.Equal(t, 1701, target.active())
}

// Absences are held as leavers are; an approval reads in full for them.
func TestI36_holdOfAbsences(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.sync()
	p.src.vanish(players(1, 60)...)
	p.src.put(player(401, "d1"))
	r, g := p.heldRun(orgsync.RunOptions{Full: true})
	require.Equal(t, players(1, 60), notedIDs(reportOf(r, "t").Held))
	require.Equal(t, 401, target.active())
	r = p.sync()
	require.False(t, r.Reading.Full)
	r = p.sync(approve(g.Digest))
	require.True(t, r.Reading.Full)
	require.Equal(t, 341, target.active())
}

// Hires beyond the limit are held; leavers and changes are sent.
func TestI32_holdOfHires(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.sync()
	for n := 401; n <= 500; n++ {
		p.src.put(player(n, "d1"))
	}
	p.src.leave(playerID(1))
	r, g := p.heldRun()
	require.Equal(t, players(401, 500), notedIDs(reportOf(r, "t").Held))
	require.Equal(t, 399, target.active())
	p.src.put(player(501, "d1"))
	p.sync()
	require.Equal(t, 400, target.active())
	p.sync(approve(g.Digest))
	require.Equal(t, 500, target.active())
}

// What depends on what is held waits with it: the heir of a number, and the department
// of those who stay.
func TestI32_holdOfWhatDepends(t *testing.T) {
	t.Parallel()
	keyed, unique, tree := newStageTarget("keyed"), newStageTarget("unique"), newStageTarget("tree")
	keyed.traits.IdentifiesByKey, unique.traits.UniqueKeys = true, true
	tree.traits.Departments, tree.traits.DeletesLeavers = true, true
	p := newPlay(t, 400, keyed, unique, tree)
	p.src.departments = append(p.src.departments, stageDepartment("d9", "root", "解散"))
	p.src.change(playerID(1), func(q *orgmodel.Person) { q.SetDepartmentIDs("d9") })
	p.sync()
	p.src.leave(players(1, 60)...)
	p.src.departments = p.src.departments[:len(p.src.departments)-1]
	for _, id := range players(1, 1) {
		p.src.change(id, func(q *orgmodel.Person) { q.SetDepartmentIDs("root") })
	}
	heir := player(2, "d1")
	heir.ID = "p90002"
	heir.SetName("孙接任")
	p.src.put(heir)
	r, g := p.heldRun()
	no := heir.EmployeeNo
	require.Equal(t, playerID(2), keyed.people[no].ID, "the account is still that of the one who is held")
	require.False(t, keyed.people[no].Left)
	require.NotContains(t, unique.people, heir.ID)
	require.Contains(t, tree.departments, "d9")
	require.Contains(t, tree.people, heir.ID)
	for _, name := range []string{"keyed", "unique"} {
		waiting := reportOf(r, name)
		require.Contains(t, notedIDs(append(waiting.Held, waiting.Withheld...)), heir.ID)
	}
	p.sync(approve(g.Digest))
	require.Equal(t, heir.ID, keyed.people[no].ID)
	require.False(t, keyed.people[no].Left)
	require.False(t, unique.people[heir.ID].Left)
	require.NotContains(t, tree.departments, "d9")
}

// Changed settings hold the whole target, and no other.
func TestI04_holdOfSettings(t *testing.T) {
	t.Parallel()
	changed, other := newStageTarget("changed"), newStageTarget("other")
	changed.traits.Departments = true
	p := newPlay(t, 100, changed, other)
	p.sync()
	changed.sent()
	changed.settings = "2"
	for _, id := range players(1, 3) {
		p.src.change(id, func(q *orgmodel.Person) { q.SetName("钱改名") })
	}
	p.src.departments = append(p.src.departments, stageDepartment("d9", "root", "新部门"))
	p.src.put(player(101, "d9"))
	r, g := p.heldRun()
	require.Zero(t, changed.sent())
	require.Equal(t, 101, other.active())
	require.Len(t, reportOf(r, "changed").Held, 5)
	require.Equal(t, []string{"settings"}, violated(g.Violations))
	_, again := p.heldRun()
	require.Equal(t, g.Digest, again.Digest)
	require.Zero(t, changed.sent())
	p.sync(approve(g.Digest))
	require.Equal(t, 101, changed.active())
	require.Contains(t, changed.departments, "d9")
	p.sync()
	require.Equal(t, 5, changed.sent())
}

// Nothing goes while the source is in doubt, with Hold or without.
func TestI01_ssosync194_noHoldOfADoubtfulSource(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doubt func(*play)
		kind  string
	}{
		"it shrank":         {func(p *play) { p.src.vanish(players(1, 120)...) }, "fewer-people"},
		"fewer departments": {func(p *play) { p.src.departments = p.src.departments[:3] }, "fewer-departments"},
		"no departments":    {func(p *play) { p.src.departments = nil }, "nothing"},
		"no people":         {func(p *play) { p.src.vanish(players(1, 401)...) }, "nothing"},
		"it does not fit": {func(p *play) {
			p.src.hidden[playerID(300)] = true
			p.src.leave(players(1, 60)...)
		}, "people"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			p := newPlay(t, 400, target)
			p.sync()
			p.src.put(player(401, "d1"))
			c.doubt(p)
			target.sent()
			g := p.stopped(orgsync.RunOptions{Hold: true, Full: true})
			require.False(t, g.Held)
			require.Contains(t, violated(g.Violations), c.kind)
			require.Zero(t, target.sent())
		})
	}
}

// One branch is held, and the leavers of the others go.
func TestI36_holdOfABranch(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 1000, target)
	p.src.departments = append(p.src.departments, stageDepartment("d1-1", "d1", "一组"))
	for n := 1001; n <= 1016; n++ {
		p.src.put(player(n, "d1-1"))
	}
	p.sync()
	p.src.leave(players(1001, 1012)...)
	p.src.leave(players(1, 5)...)
	r, _ := p.heldRun()
	require.Equal(t, players(1001, 1012), notedIDs(reportOf(r, "t").Held))
	require.Equal(t, 1011, target.active())
}
