package orgsync_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// The app is installed anew, and everyone has another openId (CordysCRM #1597).
func TestI32_cordyscrm1597_everyoneHasAnotherID(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 5, 300)
	v.sync()
	for _, p := range v.yzj.People() {
		v.yzj.RemovePerson(p.OpenID)
		p.OpenID = "new-" + p.OpenID
		v.yzj.AddPerson(p)
	}
	for _, o := range []orgsync.RunOptions{{}, {Full: true}, {Hold: true}, {Hold: true, Full: true}} {
		g := v.stopped(o)
		require.Contains(t, violated(g.Violations), string(orgsync.KindCreated))
		require.Len(t, v.staff(), 300)
		require.NotContains(t, v.staff(), "new-"+seeded(1))
		require.Equal(t, 300, v.inService())
		for no, u := range v.users() {
			require.False(t, u.IsLeave, no)
		}
	}
}

// A quarter of the company is hired at once, by a test system that was merged in.
func TestI32_massHiring(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.sync()
	for n := 401; n <= 500; n++ {
		p.src.put(player(n, "d1"))
	}
	g := p.stopped()
	require.Equal(t, []string{"created"}, violated(g.Violations))
	require.Equal(t, orgsync.Violation{Kind: orgsync.KindCreated, Target: "t", Planned: 100, Of: 400, Allowed: 80}, g.Violations[0])
	require.Len(t, target.people, 400)
	p.sync(approve(g.Digest))
	require.Len(t, target.people, 500)
}

// Hires that trickle in are counted over 24 hours, and those that were approved are not.
func TestI32_hiringInPortions(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.sync()
	for n := 401; n <= 470; n++ {
		p.src.put(player(n, "d1"))
	}
	p.sync()
	for n := 471; n <= 500; n++ {
		p.src.put(player(n, "d2"))
	}
	g := p.stopped()
	require.Equal(t, 70, g.Violations[0].Recent)
	p.sync(approve(g.Digest))
	for n := 501; n <= 510; n++ {
		p.src.put(player(n, "d3"))
	}
	p.sync()
	p.later(24 * time.Hour)
	for n := 511; n <= 590; n++ {
		p.src.put(player(n, "d4"))
	}
	p.sync()
}

// Everyone is given one name, one phone and one department (Budibase #17628).
func TestI32_budibase17628_everyoneBecomesTheSame(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 5, 300)
	v.sync()
	for _, p := range v.yzj.People() {
		v.yzj.UpdatePerson(p.OpenID, func(q *yunzhijia.Person) { q.OrgID, q.Name, q.Phone = "org-0001", "测试", "13900000000" })
	}
	g := v.stopped()
	require.Contains(t, violated(g.Violations), "changed")
	require.NotEqual(t, "测试", v.staff()[seeded(7)].ChannelName)
}

// Every kind of mass change is counted by itself: names, mobiles, and keys.
func TestI32_massChangeOfOneField(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*orgmodel.Person){
		"name":   func(p *orgmodel.Person) { p.SetName(p.Name + "甲") },
		"mobile": func(p *orgmodel.Person) { p.SetMobile("139" + p.Mobile[3:]) },
		"key":    func(p *orgmodel.Person) { p.SetEmployeeNo("Z" + p.EmployeeNo) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newStageTarget("t")
			target.traits.IdentifiesByKey = true
			p := newPlay(t, 300, target)
			p.sync()
			for _, id := range players(1, 61) {
				p.src.change(id, change)
			}
			g := p.stopped()
			require.Equal(t, []string{"changed"}, violated(g.Violations))
			require.Equal(t, 61, g.Violations[0].Planned)
			r := p.sync(approve(g.Digest))
			require.Equal(t, 61, reportOf(r, "t").Done[orgsync.Update])
			require.Equal(t, 300, target.active(), "an earlier key that is retired is no person removed")
		})
	}
}

// What is no change is not counted as one: a blank in a name, a field that becomes known,
// or that is no longer told.
func TestI32_noMassChange(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 300, target)
	for _, id := range players(1, 300) {
		p.src.change(id, func(q *orgmodel.Person) { q.Forget(orgmodel.PersonMobile) })
	}
	p.sync()
	for _, id := range players(1, 300) {
		p.src.change(id, func(q *orgmodel.Person) {
			q.SetMobile("137" + q.ID[1:] + "000")
			q.SetName(q.Name[:3] + " " + q.Name[3:])
		})
	}
	p.sync()
	for _, id := range players(1, 300) {
		p.src.change(id, func(q *orgmodel.Person) { q.Forget(orgmodel.PersonMobile) })
	}
	p.sync()
	for _, id := range players(1, 61) {
		p.src.change(id, func(q *orgmodel.Person) { q.SetMobile("136" + q.ID[1:] + "000") })
	}
	require.Equal(t, []string{"changed"}, violated(p.stopped().Violations), "against the mobile that was known last")
}

// An import gives 40 people keys that belong to others (centreon #669).
func TestI32_centreon669_collidingKeys(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.traits.UniqueKeys = true
	p := newPlay(t, 300, target)
	p.sync()
	for n := 1; n <= 40; n++ {
		p.src.change(playerID(n), func(q *orgmodel.Person) { q.SetEmployeeNo(player(n+100, "").EmployeeNo) })
	}
	g := p.stopped()
	require.Contains(t, violated(g.Violations), "colliding")
	target.sent()
	held := p.stopped(orgsync.RunOptions{Hold: true})
	require.True(t, held.Held)
	require.Zero(t, target.sent())
}

// Removals are counted for the target and for each branch, and the uppermost is named.
func TestI03_bkIAM489_branch(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.src.departments = append(p.src.departments, stageDepartment("d1-1", "d1", "一组"), stageDepartment("d1-2", "d1", "二组"))
	for n := 1001; n <= 1016; n++ {
		p.src.put(player(n, "d1-1"))
	}
	p.sync()
	p.src.leave(players(1001, 1012)...) // 12 of 416 are few, and most of one group
	g := p.stopped()
	require.Equal(t, []string{"subtree"}, violated(g.Violations))
	require.Equal(t, "d1-1", g.Violations[0].Department)
	require.Contains(t, g.Error(), "d1-1")
	// Its approval covers nothing else.
	p.src.leave(players(1, 30)...)
	both := p.stopped(approve(g.Digest))
	require.Equal(t, []string{"people"}, violated(both.Violations))
	require.Equal(t, 416, target.active())
	p.sync(approve(both.Digest))
	require.Equal(t, 416-42, target.active())
}

// The window of 24 hours has two ends: a stamp from a clock that was ahead counts for
// nothing, nor does one of the day before.
func TestI29_oriRuntime634_stampsOfAClockAhead(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 300, target)
	p.sync()
	p.later(10 * 365 * 24 * time.Hour)
	p.src.leave(players(1, 12)...)
	p.sync()
	p.later(-10 * 365 * 24 * time.Hour)
	p.src.leave(players(13, 24)...)
	p.sync()
	p.src.leave(players(25, 28)...)
	g := p.stopped()
	require.Equal(t, 12, g.Violations[0].Recent)
	p.later(23 * time.Hour)
	p.sync()
}

// What the guard says can be kept as JSON, and is in the report whether approved or not.
func TestI03_whatTheGuardSays(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 300, target)
	r := p.sync()
	require.Empty(t, r.Guard)
	require.Empty(t, r.Digest)
	require.False(t, r.Approved, "there is nothing to approve")
	p.src.leave(players(1, 60)...)
	r, err := p.run(orgsync.RunOptions{})
	g, ok := errors.AsType[*orgsync.GuardError](err)
	require.True(t, ok)
	require.False(t, g.Held)
	require.Equal(t, g.Digest, r.Digest)
	require.Equal(t, g.Violations, r.Guard)
	require.False(t, r.Approved)
	require.Contains(t, r.Error, "60 of 300")
	text, err := json.Marshal(g)
	require.NoError(t, err)
	var back orgsync.GuardError
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, *g, back)
	text, err = json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(text), `"kind":"people","target":"t","planned":60,"recent":0,"of":300,"allowed":15`)
	r = p.sync(approve(g.Digest))
	require.Equal(t, g.Violations, r.Guard)
	require.True(t, r.Approved)
}

// -force passes what the guard objects to, once, stores no approval, and takes nothing
// from a source that is empty.
func TestI03_force(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 300, target)
	p.sync()
	p.src.leave(players(1, 60)...)
	p.sync(orgsync.RunOptions{Force: true})
	require.Equal(t, 240, target.active())
	p.src.back(players(1, 60)...)
	p.sync(orgsync.RunOptions{Force: true})
	p.src.leave(players(1, 60)...)
	p.stopped()
	all := p.src.departments
	p.src.departments = nil
	g := p.stopped(orgsync.RunOptions{Force: true})
	require.Equal(t, []string{"nothing"}, violated(g.Violations))
	require.Empty(t, g.Digest)
	p.src.departments = all
	require.Equal(t, 300, target.active())
}
