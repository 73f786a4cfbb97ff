package orgsync_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// uncovered runs and demands a CoverageError of a target, "" for the scope.
func (s *stage) uncovered(target string, o ...orgsync.RunOptions) *orgsync.CoverageError {
	s.tb.Helper()
	r, err := s.run(append(o, orgsync.RunOptions{})[0])
	c, ok := errors.AsType[*orgsync.CoverageError](err)
	require.True(s.tb, ok, "%v\n%s", err, r.Text())
	require.Equal(s.tb, target, c.Target)
	require.NotEmpty(s.tb, r.Error)
	return c
}

// The root names a parent that is none: no one can be placed (virtual-ldap #19).
func TestI28_virtualLDAP19_rootWithAParent(t *testing.T) {
	t.Parallel()
	for _, parent := range []string{"0", "-1", "org-0001", "gone"} {
		t.Run(parent, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t, 5, 40)
			v.yzj.UpdateOrg("org-0001", func(o *yunzhijia.Org) { o.ParentID = parent })
			r, err := v.run(orgsync.RunOptions{})
			if len(v.agh.People()) == 40 {
				require.NoError(t, err, "understood as the root that it is\n%s", r.Text())
				return
			}
			c, ok := errors.AsType[*orgsync.CoverageError](err)
			require.True(t, ok, "%v\n%s", err, r.Text())
			require.Equal(t, 40, c.InScope)
			require.Zero(t, c.Planned)
			// It lasts for as long as it is so.
			v.uncovered("aiguanhuai")
		})
	}
}

// No one has a mobile: everything goes to the target that needs none, and the other one
// is no success (bk-lite PR 5757).
func TestI28_bkLite5757_noOneCanBePlanned(t *testing.T) {
	t.Parallel()
	demands, takes := newStageTarget("demands"), newStageTarget("takes")
	demands.demands = true
	p := newPlay(t, 40, demands, takes)
	for _, id := range players(1, 40) {
		p.src.change(id, func(q *orgmodel.Person) { q.Forget(orgmodel.PersonMobile) })
	}
	c := p.uncovered("demands")
	require.Equal(t, 40, c.InScope)
	require.Equal(t, 40, takes.active())
	p.uncovered("demands")
	p.uncovered("demands", orgsync.RunOptions{Full: true})
}

// Most have none: those who can be sent are sent, with exit status 1.
func TestI28_mostCannotBePlanned(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.demands = true
	p := newPlay(t, 40, target)
	for _, id := range players(1, 21) {
		p.src.change(id, func(q *orgmodel.Person) { q.Forget(orgmodel.PersonMobile) })
	}
	c := p.uncovered("t")
	require.Equal(t, 19, c.Planned)
	require.Equal(t, 19, target.active())
	p.src.change(playerID(1), func(q *orgmodel.Person) { q.SetMobile("13900000000") })
	p.sync(orgsync.RunOptions{Full: true})
	require.Equal(t, 20, target.active())
}

// Held people of whom no record can be made any more stay as they are; beyond a limit
// that is no success (user-sync.py #360).
func TestI28_userSync360_heldAndUnplannable(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprint("full ", full), func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			target.demands = true
			p := newPlay(t, 400, target)
			p.sync()
			for _, id := range players(1, 20) {
				p.src.change(id, func(q *orgmodel.Person) { q.SetMobile("") })
			}
			r := p.sync(orgsync.RunOptions{Full: full})
			require.Equal(t, players(1, 20), notedIDs(reportOf(r, "t").Skipped))
			for _, id := range players(1, 21) {
				p.src.change(id, func(q *orgmodel.Person) { q.SetMobile(""); q.SetPosition("主管") })
			}
			p.src.put(player(401, "d1"))
			p.uncovered("t", orgsync.RunOptions{Full: full})
			require.Equal(t, 401, target.active(), "no one is removed, and hires are sent")
			require.NotEmpty(t, target.people[playerID(21)].Mobile)
		})
	}
}

// A scope of no one, or of departments that are not there (marxan-cloud PR 495).
func TestI28_marxan495_scopeOfNobody(t *testing.T) {
	t.Parallel()
	for name, departments := range map[string][]string{
		"a typo":       {"d11"},
		"another case": {"D1"},
		"empty":        {"d9"},
		"typos":        {"x", "y", "z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			p := newPlay(t, 40, target)
			p.src.departments = append(p.src.departments, stageDepartment("d9", "root", "空"))
			p.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: departments})}
			reason := p.uncovered("").Reason
			if name != "empty" {
				require.Contains(t, reason, "no department that is there")
			}
			p.uncovered("", orgsync.RunOptions{Full: true, Force: true, Hold: true})
			require.Zero(t, target.sent())
		})
	}
}

// One name of several is enough, and a scope that loses its only department stops.
func TestI07_scopeLosesItsDepartment(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.traits.Departments = true
	p := newPlay(t, 80, target)
	p.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"d1", "d11"}})}
	p.sync()
	require.Equal(t, 10, target.active())
	target.sent()
	p.src.departments[1].ID = "d1x"
	for _, id := range players(1, 80) {
		if p.src.people[id].PrimaryDepartmentID() == "d1" {
			p.src.change(id, func(q *orgmodel.Person) { q.SetDepartmentIDs("d1x") })
		}
	}
	p.uncovered("")
	require.Zero(t, target.sent())
	require.Equal(t, 10, target.active())
}

// A quiet run is a success: nothing to do is not "0 of N" (CordysCRM #1708).
func TestI07_cordyscrm1708_quietRun(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 40, target)
	p.sync()
	p.sync()
	p.sync(orgsync.RunOptions{Full: true})
	require.Equal(t, 40, target.sent())
	p.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"d1"}})}
	r := p.sync()
	require.Equal(t, 35, reportOf(r, "t").Outside, "a narrower scope removes no one")
	require.Equal(t, 40, target.active())
	p.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"d1"}, RemoveOutside: true})}
	require.Contains(t, violated(p.stopped().Violations), "settings")
}

// A target that lost its state, and holds no one, is no success even if nothing changed.
func TestI07_nobodyHeld(t *testing.T) {
	t.Parallel()
	target, other := newStageTarget("t"), newStageTarget("other")
	p := newPlay(t, 40, other)
	p.sync()
	p.targets = append(p.targets, target)
	for _, id := range players(1, 40) {
		target.reject[id] = "no"
	}
	r, err := p.run(orgsync.RunOptions{})
	require.Error(t, err)
	require.Len(t, reportOf(r, "t").Failed, 40)
	r, err = p.run(orgsync.RunOptions{})
	require.Error(t, err, r.Text())
	require.Zero(t, target.active())
}

// The only person of a company leaves. No one is in service then, and no one is missing.
func TestI28_theOnlyPersonLeaves(t *testing.T) {
	t.Parallel()
	one, other := newStageTarget("one"), newStageTarget("other")
	p := newPlay(t, 1, one, other)
	p.sync()
	p.src.leave(playerID(1))
	p.sync()
	require.Zero(t, one.active()+other.active())
	p.sync()
	p.sync(orgsync.RunOptions{Full: true})
	p.src.put(player(2, "d1"))
	p.sync()
	require.Equal(t, 1, other.active())
}
