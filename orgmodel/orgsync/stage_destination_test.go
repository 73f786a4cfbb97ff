package orgsync_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func (s *stage) misdirected(o ...orgsync.RunOptions) {
	s.tb.Helper()
	_, err := s.run(append(o, orgsync.RunOptions{})[0])
	_, ok := errors.AsType[*orgsync.DestinationError](err)
	require.True(s.tb, ok, "%v", err)
}

// stageStores are the stores that every test of destinations runs over.
func stageStores(t *testing.T, test func(t *testing.T, store orgsync.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, orgsync.NewMemoryStore())
	})
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		store, err := boltstore.Open(filepath.Join(t.TempDir(), "state.db"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = store.Close() })
		test(t, store)
	})
}

// 爱关怀 moves to another host with the same corpId (onedrive #2755): nothing is sent
// there unasked, and everything once it was adopted.
func TestI30_onedrive2755_targetMoves(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 20)
	v.sync()
	v.yzj.Leave(seeded(3))
	v.sync()
	fresh := aiguanhuaitest.NewServer()
	t.Cleanup(fresh.Close)
	v.targets[0] = stageAiguanhuai(t, fresh)
	v.misdirected()
	v.misdirected(orgsync.RunOptions{Full: true, Force: true, Hold: true})
	require.Empty(t, fresh.People())
	require.Empty(t, fresh.Departments())
	r := v.sync(orgsync.RunOptions{Adopt: []string{"aiguanhuai"}})
	require.Empty(t, r.Guard)
	active := 0
	for _, p := range fresh.People() {
		if p.Status == aiguanhuai.StatusActive {
			active++
		}
	}
	require.Equal(t, 19, active)
	require.Len(t, fresh.Departments(), 3)
	r = v.sync()
	require.Empty(t, reportOf(r, "aiguanhuai").Done, "asked once")
	v.targets[0] = v.ta
	v.misdirected()
}

// A host is renamed: adopting sends everything again, which harms nothing.
func TestI30_renamedHost(t *testing.T) {
	t.Parallel()
	stageStores(t, func(t *testing.T, store orgsync.Store) {
		target := newStageTarget("t")
		target.place, target.traits.IdentifiesByKey, target.traits.Departments = "old.example:443/acme", true, true
		p := newPlay(t, 400, target)
		p.store = store
		p.sync()
		p.src.leave(playerID(1))
		p.sync()
		target.place = "new.example:443/acme"
		p.misdirected()
		target.sent()
		before := fmt.Sprint(target.people)
		r := p.sync(orgsync.RunOptions{Adopt: []string{"t"}})
		require.Empty(t, r.Guard)
		require.Empty(t, reportOf(r, "t").Removed)
		require.Equal(t, 399+9, target.sent())
		require.Equal(t, before, fmt.Sprint(target.people))
		p.sync()
		require.Zero(t, target.sent())
	})
}

// A target of a state that is adopted while it is down is sent everything later.
func TestI30_adoptedWhileDown(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.place = "old"
	p := newPlay(t, 300, target)
	p.sync()
	fresh := newStageTarget("t")
	fresh.place, fresh.down = "new", true
	p.targets[0] = fresh
	_, err := p.run(orgsync.RunOptions{Adopt: []string{"t"}})
	require.Error(t, err)
	fresh.down = false
	p.sync()
	require.Equal(t, 300, fresh.active())
}

// A dry run says what adopting would do, and stores nothing.
func TestI30_adoptInADryRun(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.place = "old"
	p := newPlay(t, 30, target)
	p.sync()
	before := p.stored()
	target.place = "new"
	p.misdirected(orgsync.RunOptions{DryRun: true})
	r := p.sync(orgsync.RunOptions{DryRun: true, Adopt: []string{"t"}})
	require.Equal(t, 30, reportOf(r, "t").Planned[orgsync.Update])
	require.Equal(t, before, p.stored())
	p.misdirected()
}

// Another team of the group goes into the same targets (owncloud/client #2054).
func TestI30_ownCloud2054_anotherTeam(t *testing.T) {
	t.Parallel()
	stageStores(t, func(t *testing.T, store orgsync.Store) {
		v := newVendors(t, 5, 60)
		v.store = store
		v.sync()
		w := newVendors(t, 2, 3)
		w.store, w.tenant, w.targets = store, "branch", v.targets
		w.misdirected()
		w.misdirected(orgsync.RunOptions{Full: true, Force: true, Hold: true})
		require.Equal(t, 60, v.inService())
		v.sync()
		r, err := v.run(orgsync.RunOptions{})
		require.NoError(t, err, r.Text())
	})
}

// With one tenant and another team, what is left is no company any more.
func TestI30_anotherTeamUnderOneTenant(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 5, 60)
	v.sync()
	w := newVendors(t, 5, 60)
	for _, p := range w.yzj.People() {
		w.yzj.RemovePerson(p.OpenID)
	}
	for n := range 3 {
		w.yzj.AddPerson(yunzhijia.Person{OpenID: fmt.Sprint("q", n), Name: "钱某", Phone: fmt.Sprint("1370000000", n), OrgID: "org-0001", JobNo: fmt.Sprint("Q", n)})
	}
	w.store, w.targets = v.store, v.targets
	w.stopped(orgsync.RunOptions{Full: true, Hold: true})
	require.Equal(t, 60, v.inService())
}

// Two teams that feed one company are adopted so, and neither replaces the other.
func TestI31_twoTenantsNoReplacement(t *testing.T) {
	t.Parallel()
	stageStores(t, func(t *testing.T, store orgsync.Store) {
		v := newVendors(t, 3, 20)
		v.store = store
		v.targets = []orgsync.Target{v.ta}
		v.sync()
		w := newVendors(t, 3, 5)
		for _, p := range w.yzj.People() {
			w.yzj.RemovePerson(p.OpenID)
			p.OpenID, p.JobNo = "branch-"+p.OpenID, "B"+p.JobNo
			w.yzj.AddPerson(p)
		}
		w.store, w.tenant, w.targets = store, "branch", v.targets
		w.misdirected()
		w.sync(orgsync.RunOptions{Adopt: []string{"aiguanhuai"}})
		require.Equal(t, 25, v.inService())
		for _, s := range []*stage{v.stage, w.stage} {
			g := s.stopped(orgsync.RunOptions{Replace: []string{"aiguanhuai"}})
			o := approve(g.Digest)
			o.Replace = []string{"aiguanhuai"}
			_, err := s.run(o)
			require.Error(t, err)
			require.Equal(t, 25, v.inService())
		}
		v.yzj.Leave(seeded(3))
		v.sync()
		require.Equal(t, 24, v.inService())
		w.sync()
	})
}

// A destination that its tenant has left is free for another.
func TestI30_leftDestination(t *testing.T) {
	t.Parallel()
	stageStores(t, func(t *testing.T, store orgsync.Store) {
		target := newStageTarget("t")
		target.place = "x"
		p := newPlay(t, 30, target)
		p.store = store
		p.sync()
		target.place = "y"
		p.sync(orgsync.RunOptions{Adopt: []string{"t"}})
		other := newStageTarget("t")
		other.place = "x"
		q := newPlay(t, 30, other)
		q.store, q.tenant = store, "other"
		q.sync()
		require.Equal(t, 30, other.active())
	})
}

// A state that knows its destination and is not listed there, because that was lost or is
// older than the list, is listed by its next run, and others are refused again.
func TestI30_unlistedStateIsListed(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.place = "x"
	p := newPlay(t, 30, target)
	p.sync()
	listed := p.stored()["targets"]["t"]
	require.Contains(t, listed, "registry")
	rewrite := func(tenant string, e orgsync.Entry) {
		lease, err := p.store.Lock(t.Context(), tenant)
		require.NoError(t, err)
		require.NoError(t, lease.Write(t.Context(), e))
		require.NoError(t, lease.Unlock(t.Context()))
	}
	before := regexp.MustCompile(`,"registry":"[^"]*"`).ReplaceAllString(listed, "")
	require.NotEqual(t, before, listed)
	rewrite(p.tenant, orgsync.Entry{Bucket: "targets", Key: "t", Value: []byte(before)})
	for feed := range storedOf(p.stage, orgsync.RegistryOf("x"))["feeders"] {
		rewrite(orgsync.RegistryOf("x"), orgsync.Entry{Bucket: "feeders", Key: feed})
	}
	target.sent()
	p.sync()
	require.Zero(t, target.sent(), "nothing is adopted")
	other := newStageTarget("t")
	other.place = "x"
	q := newPlay(t, 30, other)
	q.store, q.tenant = p.store, "other"
	q.misdirected()
}

// storedOf is what a store keeps of another tenant.
func storedOf(s *stage, tenant string) map[string]map[string]string {
	own := s.tenant
	defer func() { s.tenant = own }()
	s.tenant = tenant
	return s.stored()
}

// Where targets lead is kept as a hash.
func TestI30_placesAreHashed(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	target.place = "secret-host.example:443/secret-company"
	p := newPlay(t, 10, target)
	p.sync()
	require.NotContains(t, fmt.Sprint(p.stored()), "secret-")
	registry := orgsync.RegistryOf(target.place)
	require.NotContains(t, registry, "secret-")
	list := storedOf(p.stage, registry)
	require.NotContains(t, fmt.Sprint(list), "secret-")
	require.NotEmpty(t, list["feeders"])
}

// What others put at 爱关怀 survives every run except a replacement that was asked for
// and approved (owncloud/user_ldap #511).
func TestI31_userLDAP511_recordsOfOthers(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 20)
	foreign := aiguanhuai.Person{UserID: "foreign-1", Account: "F1", RealName: "外包", OrgSource: aiguanhuai.DefaultOrgSource, Status: aiguanhuai.StatusActive}
	_, err := v.ta.Client.UpdatePeople(t.Context(), []aiguanhuai.Person{foreign})
	require.NoError(t, err)
	v.sync()
	v.sync(orgsync.RunOptions{Full: true})
	v.yzj.Leave(seeded(3))
	v.sync(orgsync.RunOptions{Full: true})
	require.Contains(t, v.members(), "foreign-1")
	require.Equal(t, aiguanhuai.StatusActive, v.members()["foreign-1"].Status)
	replace := orgsync.RunOptions{Replace: []string{"aiguanhuai"}}
	g := v.stopped(replace)
	require.Contains(t, violated(g.Violations), "replace")
	require.Contains(t, strings.ToLower(g.Error()), "replaced")
	require.Contains(t, v.members(), "foreign-1")
	held := replace
	held.Hold = true
	g = v.stopped(held)
	require.True(t, g.Held)
	require.Contains(t, v.members(), "foreign-1")
	replace.Approve.Digest = g.Digest
	r := v.sync(replace)
	require.True(t, reportOf(r, "aiguanhuai").Replaced)
	require.NotContains(t, v.members(), "foreign-1")
	require.Equal(t, 19, v.inService())
	v.sync(orgsync.RunOptions{Full: true})
}

// A replacement takes away people who vanished and could not be disabled: they are no
// longer named after it.
func TestI31_replacementRemovesTheVanished(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 20)
	v.targets = []orgsync.Target{v.ta}
	v.sync()
	v.yzj.RemovePerson(seeded(4))
	r, err := v.run(orgsync.RunOptions{Full: true})
	require.Error(t, err)
	require.Equal(t, []string{seeded(4)}, notedIDs(reportOf(r, "aiguanhuai").Failed))
	_, _ = v.run(orgsync.RunOptions{Replace: []string{"aiguanhuai"}, Force: true})
	require.NotContains(t, v.members(), seeded(4))
	v.sync()
	v.sync(orgsync.RunOptions{Full: true})
}

// A replacement is refused while anything is missing from it.
func TestI31_dirConnector548_noPartialReplacement(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*vendors){
		"a scope": func(v *vendors) {
			v.options = []orgsync.Option{orgsync.WithScope(orgsync.Scope{Departments: []string{"org-0002"}})}
		},
		"a person without a place": func(v *vendors) {
			v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.OrgID = "hidden" })
		},
		"a person without a name": func(v *vendors) {
			v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.Name = "" })
		},
		"a colliding number": func(v *vendors) {
			v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.JobNo = seededNo(3) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t, 3, 20)
			_, err := v.ta.Client.UpdatePeople(t.Context(), []aiguanhuai.Person{{
				UserID: "foreign-1", Account: "F1", RealName: "外包", OrgSource: aiguanhuai.DefaultOrgSource, Status: aiguanhuai.StatusActive,
			}})
			require.NoError(t, err)
			v.targets = []orgsync.Target{v.ta}
			v.sync()
			prepare(v)
			_, err = v.run(orgsync.RunOptions{Replace: []string{"aiguanhuai"}, Force: true})
			require.ErrorIs(t, err, orgsync.ErrNoReplacement)
			require.Contains(t, v.members(), "foreign-1")
			require.Equal(t, 21, v.inService())
		})
	}
}

// Someone who left long ago and whom the source has anonymised does not block a
// replacement (idp-scim-sync #483).
func TestI14_idpScimSync483_replacementWithAnAnonymisedTombstone(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 20)
	v.targets = []orgsync.Target{v.ta}
	v.sync()
	v.yzj.Leave(seeded(5))
	v.sync()
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.Name, p.Phone, p.JobNo, p.Email, p.OrgID = "", "", "", "", "" })
	v.sync()
	replace := orgsync.RunOptions{Replace: []string{"aiguanhuai"}}
	replace.Approve.Digest = v.stopped(replace).Digest
	r := v.sync(replace)
	require.True(t, reportOf(r, "aiguanhuai").Replaced)
	require.Equal(t, 19, v.inService())
}

// A replacement for a target that cannot do it, or that does not exist, is no run at all.
func TestI31_noReplacer(t *testing.T) {
	t.Parallel()
	target := newStageTarget("t")
	p := newPlay(t, 30, target)
	_, err := p.run(orgsync.RunOptions{Replace: []string{"x"}})
	_, ok := errors.AsType[*orgsync.ConfigError](err)
	require.True(t, ok)
	p.sync()
	target.sent()
	p.src.change(playerID(1), func(q *orgmodel.Person) { q.SetName("钱改名") })
	_, err = p.run(orgsync.RunOptions{Replace: []string{"t"}, Force: true})
	require.ErrorIs(t, err, orgsync.ErrNoReplacement)
	require.Zero(t, target.sent())
	p.sync()
	require.Equal(t, 1, target.sent())
}
