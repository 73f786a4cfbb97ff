package orgsync_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// One of two targets is switched off for a day and is back: what was read meanwhile went
// past it (gram PR 5052, where a cursor advanced past events that no one took).
func TestI39_gram5052_targetLeftOutForADay(t *testing.T) {
	t.Parallel()
	stays, pauses := newStageTarget("stays"), newStageTarget("pauses")
	p := newPlay(t, 40, stays, pauses)
	p.sync()
	p.targets = p.targets[:1]
	p.src.leave(playerID(1))
	p.src.vanish(playerID(2))
	p.src.change(playerID(3), func(q *orgmodel.Person) { q.SetName("改名") })
	p.src.put(player(41, "d1"))
	r := p.sync()
	require.False(t, r.Reading.Full)
	require.Equal(t, []string{"pauses holds 40 people and is no target of this run: it is told of no change"}, r.Notes)
	p.later(24 * time.Hour)
	p.sync()
	p.targets = []orgsync.Target{stays, pauses}
	r = p.sync()
	require.Empty(t, r.Notes)
	require.Equal(t, "pauses was no target of the last run", r.Reading.Why)
	require.True(t, pauses.people[playerID(1)].Left, "still in service where it was not told")
	require.True(t, pauses.people[playerID(2)].Left)
	require.Equal(t, "改名", pauses.people[playerID(3)].Name)
	require.Contains(t, pauses.people, playerID(41))
	require.False(t, p.sync().Reading.Full, "once is enough")
}

// The one that was left out takes the place of the other, and the other way round.
func TestI39_gram5052_targetsInTurn(t *testing.T) {
	t.Parallel()
	one, other := newStageTarget("one"), newStageTarget("other")
	p := newPlay(t, 40, one, other)
	p.sync()
	for n, target := range []*stageTarget{one, other, one, other} {
		p.targets = []orgsync.Target{target}
		p.src.leave(playerID(n + 1))
		p.sync()
		require.Equal(t, 39-n, target.active())
	}
}

// A dry run, or one that fails before it tells a target anything, makes no one a target of
// the last run.
func TestI39_leftOutUntilItWasTold(t *testing.T) {
	t.Parallel()
	stays, pauses := newStageTarget("stays"), newStageTarget("pauses")
	p := newPlay(t, 40, stays, pauses)
	p.sync()
	p.targets = p.targets[:1]
	p.src.leave(playerID(1))
	p.sync()
	p.targets = []orgsync.Target{stays, pauses}
	p.sync(orgsync.RunOptions{DryRun: true})
	p.src.broken = orgsync.ErrNotFound
	_, err := p.run(orgsync.RunOptions{})
	require.Error(t, err)
	p.src.broken = nil
	require.True(t, p.sync().Reading.Full)
	require.True(t, pauses.people[playerID(1)].Left)
}

// What is needed to disable someone who vanished is kept for a target that is left out.
func TestI14_sealedStaysWhileOneIsLeftOut(t *testing.T) {
	t.Parallel()
	p, stays := demandingPlay(t, 40)
	pauses := newStageTarget("pauses")
	pauses.demands = true
	p.targets = append(p.targets, pauses)
	p.sync()
	p.targets = p.targets[:1]
	p.src.vanish(playerID(2))
	p.sync(orgsync.RunOptions{Full: true})
	require.True(t, stays.people[playerID(2)].Left)
	require.Contains(t, p.stored()["sealed"], playerID(2))
	p.targets = append(p.targets, pauses)
	p.sync()
	require.True(t, pauses.people[playerID(2)].Left)
	require.NotContains(t, p.stored()["sealed"], playerID(2))
}

// The index of keys is made anew while a target is left out: its keys still have owners.
func TestI13_keysOfATargetLeftOut(t *testing.T) {
	t.Parallel()
	stays, pauses := newStageTarget("stays"), newStageTarget("pauses")
	pauses.traits.IdentifiesByKey = true
	store := newStageStore()
	p := newPlay(t, 40, stays, pauses)
	p.store = store
	p.sync()
	p.targets = p.targets[:1]
	p.src.put(player(41, "d1"))
	store.dies("i.0")
	_, err := p.run(orgsync.RunOptions{})
	require.Error(t, err)
	store.lives()
	p.sync() // the state was left in disorder, so that indexes are made anew
	p.targets = []orgsync.Target{stays, pauses}
	p.sync()
	p.src.change(playerID(7), func(q *orgmodel.Person) { q.SetEmployeeNo("N00006") })
	r, _ := p.run(orgsync.RunOptions{})
	require.Equal(t, []string{playerID(7)}, notedIDs(reportOf(r, "pauses").Withheld), "the number is another person's\n%s", r.Text())
	require.Equal(t, playerID(6), pauses.people["N00006"].ID)
}

// renamedSource is another source of the same people, whose cursors are its own.
type renamedSource struct {
	*stageSource

	name string
}

func (s renamedSource) Name() string { return s.name }

// Another source takes over. What the cursor of the former one says means nothing to it.
func TestI39_anotherSource(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 40, target)
	for range 100 {
		p.src.change(playerID(1), func(q *orgmodel.Person) { q.SetPosition("变更") })
	}
	p.sync()
	other := newStageSource(p.src.departments...)
	for n := 1; n <= 40; n++ {
		other.put(player(n, "d1"))
	}
	other.leave(playerID(7))
	p.source = renamedSource{other, "other"}
	r := p.sync()
	require.Equal(t, "the source is another one", r.Reading.Why)
	require.True(t, target.people[playerID(7)].Left)
	require.False(t, p.sync().Reading.Full)
}
