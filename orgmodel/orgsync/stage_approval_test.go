package orgsync_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// newDeparture is a company of 400 of whom 60 leave, at three kinds of target.
func newDeparture(t *testing.T) (p *play, targets []*stageTarget, digest string) {
	t.Helper()
	targets = []*stageTarget{newStageTarget("keyed"), newStageTarget("unique"), newStageTarget("deletes")}
	targets[0].traits.IdentifiesByKey = true
	targets[1].traits.UniqueKeys, targets[1].traits.Departments = true, true
	targets[2].traits.DeletesLeavers, targets[2].traits.Departments, targets[2].traits.Upserts = true, true, false
	p = newPlay(t, 400, targets...)
	p.sync()
	p.src.leave(players(1, 60)...)
	g := p.stopped()
	require.Equal(t, []string{"people"}, violated(g.Violations))
	require.Len(t, g.Violations, 3)
	return p, targets, g.Digest
}

// Unrelated changes between the stop and its approval do not void it.
func TestI36_unrelatedChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*stageSource){
		"none":     func(*stageSource) {},
		"a rename": func(s *stageSource) { s.change(playerID(70), func(q *orgmodel.Person) { q.SetName("钱改名") }) },
		"a leaver": func(s *stageSource) { s.change(playerID(7), func(q *orgmodel.Person) { q.SetName("钱改名") }) },
		"hires":    func(s *stageSource) { s.put(player(401, "d1"), player(402, "d2")) },
		"a department": func(s *stageSource) {
			s.departments = append(s.departments, stageDepartment("d9", "root", "新部门"))
		},
		"a new name of a department": func(s *stageSource) {
			s.departments[1].SetName("改名部门")
		},
		"moves":           func(s *stageSource) { s.change(playerID(70), func(q *orgmodel.Person) { q.SetDepartmentIDs("d2") }) },
		"five came back":  func(s *stageSource) { s.back(players(1, 5)...) },
		"a new number":    func(s *stageSource) { s.change(playerID(70), func(q *orgmodel.Person) { q.SetEmployeeNo("X1") }) },
		"a leaver erased": func(s *stageSource) { s.vanish(playerID(9)) },
		"a rehire": func(s *stageSource) {
			again := player(8, "d1")
			again.ID = "p90008"
			s.put(again)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, targets, digest := newDeparture(t)
			change(p.src)
			p.sync(approve(digest))
			for _, target := range targets {
				want := 340
				switch name {
				case "five came back":
					want = 345
				case "hires":
					want = 342
				case "a rehire":
					want = 341
				case "a leaver erased":
					if target.active() == 341 {
						continue // until a full reading
					}
				}
				require.Equal(t, want, target.active(), target.name)
			}
		})
	}
}

// One who joined stops the run again, under another digest, which covers all 61.
func TestI36_oneJoined(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	p.src.leave(playerID(61))
	g := p.stopped(approve(digest))
	require.NotEqual(t, digest, g.Digest)
	require.Equal(t, 61, g.Violations[0].Planned)
	require.Equal(t, 400, targets[0].active())
	p.sync(approve(g.Digest))
	require.Equal(t, 339, targets[0].active())
}

// A later stop says of every earlier one what has been added since. An approval of one to
// which nothing was added still holds.
func TestI36_earlierStops(t *testing.T) {
	t.Parallel()
	p, targets, smallest := newDeparture(t)
	p.src.leave(players(61, 70)...)
	p.later(time.Minute)
	first := p.stopped().Digest
	require.NotEqual(t, smallest, first)
	earlier := func(g *orgsync.GuardError) []orgsync.EarlierStop { return g.Earlier[:len(g.Earlier)-1] }
	require.Empty(t, earlier(p.stopped()), "the same stop is not an earlier one")
	p.src.leave(playerID(71), playerID(72))
	p.later(time.Minute)
	second := p.stopped()
	added := map[orgsync.Kind]int{orgsync.KindPeople: 6} // two at three targets
	require.Equal(t, []orgsync.EarlierStop{{Digest: first, Added: added}}, earlier(second))
	p.src.back(players(1, 5)...)
	p.later(time.Minute)
	third := p.stopped()
	require.Equal(t, []orgsync.EarlierStop{
		{Digest: second.Digest}, {Digest: first, Added: added},
	}, earlier(third))
	p.src.back(playerID(71), playerID(72))
	p.later(time.Minute)
	fourth := p.stopped()
	require.Equal(t, []orgsync.EarlierStop{{Digest: third.Digest}, {Digest: second.Digest}, {Digest: first}}, earlier(fourth))
	p.sync(approve(first))
	require.Equal(t, 335, targets[0].active())
}

// What stopped a run for a number, or for another kind, is compared in the same way.
func TestI36_earlierStopsOfOtherKinds(t *testing.T) {
	t.Parallel()
	p, _, first := newDeparture(t)
	for n := 401; n <= 500; n++ {
		p.src.put(player(n, "d8"))
	}
	p.later(time.Minute)
	g := p.stopped()
	require.Equal(t, []orgsync.EarlierStop{{Digest: first, Added: map[orgsync.Kind]int{orgsync.KindCreated: 300}}}, g.Earlier)
}

// An approval replaced by another number of the same size does not pass: sets count.
func TestI36_sixtyOthers(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	p.src.back(players(1, 60)...)
	p.src.leave(players(61, 120)...)
	require.NotEqual(t, digest, p.stopped(approve(digest)).Digest)
	require.Equal(t, 400, targets[1].active())
}

// The digest of whatever stops a run lets the same run pass, also when an earlier
// approval covers a part of it.
func TestI36_secondStop(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	targets[0].down = true
	_, err := p.run(approve(digest))
	require.Error(t, err)
	targets[0].down = false
	for n := 401; n <= 500; n++ {
		p.src.put(player(n, "d8"))
	}
	g := p.stopped()
	require.Contains(t, violated(g.Violations), "created")
	r, err := p.run(approve(g.Digest))
	require.NoError(t, err, r.Text())
	require.Equal(t, 440, targets[0].active())
}

// An approval ends after 7 days on the engine's clock, in either direction.
func TestI36_expiry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait   time.Duration
		passes bool
	}{
		"within 7 days": {7*24*time.Hour - 2*time.Hour, true},
		"after 7 days":  {7 * 24 * time.Hour, false},
		"clock back":    {-3 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, targets, digest := newDeparture(t)
			for _, target := range targets {
				target.down = true
			}
			_, err := p.run(approve(digest))
			require.Error(t, err)
			for _, target := range targets {
				target.down = false
			}
			p.later(c.wait)
			_, err = p.run(orgsync.RunOptions{})
			_, stopped := errors.AsType[*orgsync.GuardError](err)
			require.Equal(t, c.passes, !stopped, "%v", err)
		})
	}
}

// What stopped a run too long ago cannot be approved by its digest if sets differ now,
// and the state forgets it.
func TestI36_oldStops(t *testing.T) {
	t.Parallel()
	p, _, digest := newDeparture(t)
	p.later(8 * 24 * time.Hour)
	p.src.back(players(1, 5)...)
	p.stopped(approve(digest))
	for n := 61; n <= 80; n++ {
		p.later(8 * 24 * time.Hour)
		p.src.leave(playerID(n))
		p.stopped()
	}
	require.LessOrEqual(t, len(p.stored()["approvals"]), 9, "stops of long ago stay in the state")
}

// A newer approval replaces an older one.
func TestI36_newerReplacesOlder(t *testing.T) {
	t.Parallel()
	p, targets, first := newDeparture(t)
	for _, target := range targets {
		target.down = true
	}
	p.src.back(players(1, 30)...)
	p.src.leave(players(61, 90)...)
	second := p.stopped().Digest
	_, err := p.run(approve(second))
	_, stopped := errors.AsType[*orgsync.GuardError](err)
	require.False(t, stopped)
	for _, target := range targets {
		target.down = false
	}
	p.src.back(players(61, 90)...)
	p.src.leave(players(1, 30)...)
	require.Equal(t, first, p.stopped().Digest, "1 to 60 were approved before, and are not any more")
}

// An approval holds for later runs without the flag while a target is down, and ends
// when all of it is acknowledged.
func TestI36_holdsUntilAllIsAcknowledged(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	targets[2].down = true
	r, err := p.run(approve(digest))
	_, failed := errors.AsType[*orgsync.TargetError](err)
	require.True(t, failed, "%v\n%s", err, r.Text())
	require.Equal(t, 340, targets[0].active())
	p.run(orgsync.RunOptions{})
	targets[2].down = false
	p.sync()
	require.Equal(t, 340, targets[2].active())
	p.src.back(players(1, 60)...)
	p.sync()
	p.src.leave(players(1, 60)...)
	p.stopped()
}

// It ends too if the last few of it went in a run that the guard had nothing against.
func TestI36_endsWithTheLastFew(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	for _, id := range players(56, 60) {
		targets[0].reject[id] = "later"
	}
	_, err := p.run(approve(digest))
	require.Error(t, err)
	clear(targets[0].reject)
	p.sync()
	require.Equal(t, 340, targets[0].active())
	p.src.back(players(1, 60)...)
	p.sync()
	p.src.leave(players(1, 60)...)
	p.stopped()
}

// What was approved is not held against later leavers, also when it took two runs.
func TestI36_approvedIsNotRecent(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	for _, id := range players(51, 60) {
		targets[0].reject[id] = "later"
	}
	_, err := p.run(approve(digest))
	require.Error(t, err)
	clear(targets[0].reject)
	p.sync()
	p.src.leave(players(61, 70)...)
	p.sync()
}

// A record that fails for reasons of its own does not keep an approval alive.
func TestI36_endsBesideAnotherFailure(t *testing.T) {
	t.Parallel()
	p, targets, digest := newDeparture(t)
	targets[0].reject[playerID(200)] = "no"
	p.src.change(playerID(200), func(q *orgmodel.Person) { q.SetName("钱改名") })
	_, err := p.run(approve(digest))
	require.Error(t, err)
	require.Equal(t, 340, targets[0].active())
	p.src.back(players(1, 60)...)
	_, err = p.run(orgsync.RunOptions{})
	require.Error(t, err)
	p.src.leave(players(1, 60)...)
	p.stopped()
}

// A dry run stores nothing, and its digest holds while the sets are equal.
func TestI36_dryRun(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	p.sync()
	p.src.leave(players(1, 60)...)
	before := p.stored()
	plan, err := p.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	r := p.sync(orgsync.RunOptions{DryRun: true})
	require.Equal(t, plan.GuardDigest, r.Digest)
	require.Equal(t, before, p.stored())
	p.sync(orgsync.RunOptions{DryRun: true, Approve: orgsync.Approve{Digest: r.Digest}})
	require.Equal(t, before, p.stored(), "an approval in a dry run is tried, not given")
	p.stopped()
	p.src.change(playerID(99), func(q *orgmodel.Person) { q.SetName("钱改名") })
	p.sync(approve(plan.GuardDigest))
	require.Equal(t, 340, target.active())
}

// The digest of a dry run does not hold when a set became smaller: nothing was stored
// that could tell.
func TestI36_dryRunOfOtherSets(t *testing.T) {
	t.Parallel()
	p := newPlay(t, 400, newStageTarget("t"))
	p.sync()
	p.src.leave(players(1, 60)...)
	plan, err := p.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	p.src.back(playerID(1))
	p.stopped(approve(plan.GuardDigest))
}

// Beyond 10,000 ids only the digest itself is stored, and has to be equal.
func TestI36_moreThanTenThousand(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.traits.Batch = 2000
	p := newPlay(t, 10_400, target)
	p.sync()
	rename := func(from, to int) {
		for _, id := range players(from, to) {
			q := p.src.people[id]
			q.SetName(q.Name + "甲") // and the mobile: one of 10,000 short hashes may not change
			q.SetMobile("139" + q.Mobile[3:])
			p.src.people[id] = q
		}
		p.src.put(p.src.people[playerID(from)])
		for _, id := range players(from, to) {
			p.src.changed[id] = p.src.tick
		}
	}
	rename(1, 10_100)
	g := p.stopped()
	require.Equal(t, 10_100, g.Violations[0].Planned)
	for _, value := range p.stored()["approvals"] {
		require.Less(t, len(value), 1000)
	}
	p.src.change(playerID(1), func(q *orgmodel.Person) {
		q.SetName(player(1, "").Name)
		q.SetMobile(player(1, "").Mobile)
	})
	fewer := p.stopped(approve(g.Digest))
	require.Equal(t, 10_099, fewer.Violations[0].Planned)
	p.src.change(playerID(10_400), func(q *orgmodel.Person) { q.SetPosition("主管") })
	p.sync(approve(fewer.Digest))
}

// People approved to go stay approved, although a move of others makes them most of
// a department.
func TestI36_branchOfTheApproved(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 400, target)
	for n := 1001; n <= 1030; n++ {
		p.src.put(player(n, "d1"))
	}
	p.src.departments = append(p.src.departments, stageDepartment("d1-1", "d1", "一组"))
	for n := 1001; n <= 1030; n++ {
		p.src.change(playerID(n), func(q *orgmodel.Person) { q.SetDepartmentIDs("d1-1") })
	}
	p.sync()
	p.src.leave(players(1001, 1014)...)
	p.src.leave(players(1, 46)...)
	g := p.stopped()
	require.Equal(t, []string{"people"}, violated(g.Violations))
	for _, id := range players(1021, 1030) {
		p.src.change(id, func(q *orgmodel.Person) { q.SetDepartmentIDs("d2") })
	}
	p.stopped(orgsync.RunOptions{Hold: true})
	p.sync(approve(g.Digest))
	require.Equal(t, 370, target.active())
}

// An approval of settings covers those settings and no others.
func TestI04_approvalOfSettings(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 100, target)
	p.sync()
	change := func(settings string) {
		target.settings = settings
		for _, id := range players(1, 100) {
			p.src.change(id, func(q *orgmodel.Person) { q.SetDepartmentIDs("d" + settings) })
		}
	}
	change("2")
	g := p.stopped()
	require.Equal(t, []string{"settings"}, violated(g.Violations))
	target.down = true
	_, err := p.run(approve(g.Digest))
	require.Error(t, err)
	target.down = false
	change("3")
	other := p.stopped()
	require.Equal(t, []string{"settings"}, violated(other.Violations))
	change("2")
	p.sync()
}
