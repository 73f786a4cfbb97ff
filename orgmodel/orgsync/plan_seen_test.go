package orgsync_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// An approval of a plan that was looked at covers what is left of it later: no run had
// to be stopped before, so no set is stored that its digest could name.
func TestI36_seenPlan(t *testing.T) {
	t.Parallel()
	target := newStageTarget("keyed")
	p := newPlay(t, 400, target)
	p.sync()
	p.src.leave(players(1, 60)...)
	seen, err := p.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	p.src.back(players(1, 5)...)

	_, err = p.engine().Run(t.Context(), orgsync.RunOptions{Approve: orgsync.Approve{Digest: seen.GuardDigest}})
	require.Error(t, err, "the digest alone is another one by now")
	_, err = p.engine().Run(t.Context(), orgsync.RunOptions{Approve: orgsync.Approve{Digest: "other", Plan: seen}})
	require.Error(t, err, "the digest is not that of the plan")
	require.Equal(t, 400, target.active())

	_, err = p.engine().Run(t.Context(), orgsync.RunOptions{Approve: orgsync.Approve{Digest: seen.GuardDigest, Plan: seen}})
	require.NoError(t, err)
	require.Equal(t, 345, target.active())
}

// Who joined is named, and not sent.
func TestPlan_Added(t *testing.T) {
	t.Parallel()
	target := newStageTarget("keyed")
	p := newPlay(t, 400, target)
	p.sync()
	p.src.leave(players(1, 60)...)
	seen, err := p.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	require.Empty(t, seen.Added(seen))
	p.src.leave(playerID(61))

	_, err = p.engine().Run(t.Context(), orgsync.RunOptions{Approve: orgsync.Approve{Digest: seen.GuardDigest, Plan: seen}})
	require.Error(t, err)
	require.Equal(t, 400, target.active())
	now, err := p.engine().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	added := now.Added(seen)
	require.Len(t, added, 1)
	require.Equal(t, orgsync.KindPeople, added[0].Kind)
	require.Equal(t, []orgsync.Note{{Entity: orgmodel.EntityPerson, ID: playerID(61)}}, added[0].Records)

	text, err := json.Marshal(now)
	require.NoError(t, err)
	var kept orgsync.Plan
	require.NoError(t, json.Unmarshal(text, &kept))
	require.Len(t, kept.Added(seen), 1, "what a plan from JSON lacks counts as new")
	require.Empty(t, kept.Added(now))
}

// Names are there to be looked at, and are not in what is kept, sent or printed.
func TestPlan_Directory(t *testing.T) {
	t.Parallel()
	target := newStageTarget("keyed")
	target.traits.Departments = true
	p := newPlay(t, 20, target)
	p.sync()
	former := p.src.departments[1].Name
	p.src.departments[1].SetName("改名部门")
	moving := playerID(3)
	before := p.src.people[moving]
	to := "d1"
	if before.PrimaryDepartmentID() == to {
		to = "d2"
	}
	p.src.change(moving, func(q *orgmodel.Person) { q.SetDepartmentIDs(to) })
	plan, err := p.engine().Plan(t.Context(), orgsync.RunOptions{Full: true})
	require.NoError(t, err)

	person, there := plan.Directory().Person(moving)
	require.True(t, there)
	require.NotEmpty(t, person.Name)
	require.Equal(t, former, plan.FormerName(p.src.departments[1].ID))
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	for _, printed := range []string{string(text), fmt.Sprintf("%+v", plan), fmt.Sprintf("%+v", *plan)} {
		require.NotContains(t, printed, person.Name)
	}
	for _, c := range plan.Targets[0].Changes {
		if c.ID == moving {
			require.Equal(t, []string{before.PrimaryDepartmentID(), to}, []string{c.From, c.Department})
		}
	}

	var kept orgsync.Plan
	require.NoError(t, json.Unmarshal(text, &kept))
	require.Nil(t, kept.Directory())
	require.Zero(t, kept.Directory().NumPeople())
}
