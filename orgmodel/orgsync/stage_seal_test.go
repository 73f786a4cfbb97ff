package orgsync_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func stageKey(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func sealing(key byte, former ...byte) []orgsync.Option {
	var keys [][]byte
	for _, b := range former {
		keys = append(keys, stageKey(b))
	}
	return []orgsync.Option{orgsync.WithSealing(stageKey(key), keys...)}
}

// demandingPlay is a play whose target wants name and mobile even to disable someone.
func demandingPlay(tb testing.TB, people int) (*play, *stageTarget) {
	target := newStageTarget("t")
	target.demands = true
	p := newPlay(tb, people, target)
	p.options = sealing(1)
	return p, target
}

// A leaver of long ago is anonymised, and keeps no one else from vanishing at 爱关怀 and 云简.
func TestI14_sfdx_anonymisedTombstone(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 40)
	v.options = sealing(1)
	v.sync()
	v.yzj.Leave(seeded(5))
	v.sync()
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.Name, p.Phone, p.JobNo, p.Email, p.OrgID = "", "", "", "", "" })
	v.sync()
	v.yzj.RemovePerson(seeded(7))
	v.sync(orgsync.RunOptions{Full: true})
	require.NotEqual(t, aiguanhuai.StatusActive, v.members()[seeded(7)].Status)
	require.True(t, v.users()[seededNo(7)].IsLeave)
	require.NotContains(t, v.staff(), seeded(7))
	require.Equal(t, 38, v.inService())
	v.sync(orgsync.RunOptions{Full: true})
}

// Name and phone of a leaver are blanked in the same moment.
func TestI14_blankedLeaver(t *testing.T) {
	t.Parallel()
	for name, blank := range map[string]func(*yunzhijia.Person){
		"name":       func(p *yunzhijia.Person) { p.Name = "" },
		"phone":      func(p *yunzhijia.Person) { p.Phone = "" },
		"both":       func(p *yunzhijia.Person) { p.Name, p.Phone = "", "" },
		"number too": func(p *yunzhijia.Person) { p.Name, p.Phone, p.JobNo = "", "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t, 3, 40)
			v.options = sealing(1)
			v.sync()
			v.yzj.UpdatePerson(seeded(6), blank)
			v.yzj.Leave(seeded(6))
			v.sync()
			require.NotEqual(t, aiguanhuai.StatusActive, v.members()[seeded(6)].Status)
			require.True(t, v.users()[seededNo(6)].IsLeave)
			require.Equal(t, 39, v.inService())
		})
	}
}

// Without sealing, people who cannot be disabled are named, as long as that lasts.
func TestI14_notSealed(t *testing.T) {
	t.Parallel()
	p, target := demandingPlay(t, 40)
	p.options = nil
	p.sync()
	p.src.vanish(playerID(7))
	for _, full := range []bool{true, false, true, false} {
		r, err := p.run(orgsync.RunOptions{Full: full})
		require.Error(t, err)
		require.Equal(t, []string{playerID(7)}, notedIDs(reportOf(r, "t").Failed))
	}
	require.Equal(t, 40, target.active())
}

// What is sealed follows the source at each full reading, without a push.
func TestI14_sealedIsRefreshed(t *testing.T) {
	t.Parallel()
	store := newStageStore()
	p, target := demandingPlay(t, 40)
	p.store, p.options = store, nil
	p.sync()
	require.Empty(t, p.stored()["sealed"])
	p.options = sealing(1)
	target.sent()
	p.sync(orgsync.RunOptions{Full: true})
	require.Zero(t, target.sent())
	require.Len(t, p.stored()["sealed"], 40)
	p.src.change(playerID(7), func(q *orgmodel.Person) { q.SetName("吴改名") })
	p.sync()
	p.src.vanish(playerID(7))
	p.sync(orgsync.RunOptions{Full: true})
	require.Equal(t, stageRecord{ID: playerID(7), Name: "吴改名", Mobile: "13800000007", Left: true}, target.people[playerID(7)])
}

// Sealed fields go with the tombstone: those of a person who left, vanished, or was
// never at a target.
func TestI14_sealedIsDropped(t *testing.T) {
	t.Parallel()
	p, target := demandingPlay(t, 40)
	p.src.change(playerID(3), func(q *orgmodel.Person) { q.SetMobile("") })
	p.sync()
	p.src.leave(playerID(1))
	p.src.vanish(playerID(2))
	p.sync(orgsync.RunOptions{Full: true})
	require.Equal(t, 37, target.active())
	sealed := p.stored()["sealed"]
	require.NotContains(t, sealed, playerID(1))
	require.NotContains(t, sealed, playerID(2))
	p.src.leave(playerID(3))
	p.sync(orgsync.RunOptions{Full: true})
	require.NotContains(t, p.stored()["sealed"], playerID(3), "no target was ever told of them")
}

// They stay while one target has not acknowledged.
func TestI14_sealedStaysWhileOneIsDown(t *testing.T) {
	t.Parallel()
	p, up := demandingPlay(t, 40)
	down := newStageTarget("down")
	down.demands = true
	p.targets = append(p.targets, down)
	p.sync()
	down.down = true
	p.src.vanish(playerID(2))
	_, err := p.run(orgsync.RunOptions{Full: true})
	require.Error(t, err)
	require.True(t, up.people[playerID(2)].Left)
	require.Contains(t, p.stored()["sealed"], playerID(2))
	down.down = false
	p.sync(orgsync.RunOptions{Full: true})
	require.True(t, down.people[playerID(2)].Left)
	require.NotContains(t, p.stored()["sealed"], playerID(2))
}

// The key is missing: the run goes on and says so.
func TestI14_keyMissing(t *testing.T) {
	t.Parallel()
	p, target := demandingPlay(t, 40)
	p.sync()
	p.options = nil
	p.src.put(player(41, "d1"))
	p.src.leave(playerID(1))
	r := p.sync()
	require.Contains(t, strings.Join(r.Notes, " "), "no key")
	require.Equal(t, 40, target.active())
	p.options = sealing(1)
	p.sync(orgsync.RunOptions{Full: true})
	sealed := p.stored()["sealed"]
	require.Contains(t, sealed, playerID(41))
	require.NotContains(t, sealed, playerID(1), "the tombstone was acknowledged in a run without the key")
}

// A key that opens nothing is an error before anything is read or sent.
func TestI14_wrongKey(t *testing.T) {
	t.Parallel()
	p, target := demandingPlay(t, 40)
	p.sync()
	target.sent()
	before := p.stored()
	p.options = sealing(2, 3)
	p.src.put(player(41, "d1"))
	for _, o := range []orgsync.RunOptions{{}, {Force: true, Full: true}, {DryRun: true}} {
		_, err := p.run(o)
		require.ErrorIs(t, err, orgsync.ErrSealKey)
	}
	require.Zero(t, target.sent())
	require.Equal(t, before, p.stored())
	p.options = sealing(1)
	p.sync()
}

// With a new key all is sealed anew by the next full reading, also if an incremental run
// came in between; the former one is not needed any more then.
func TestI14_newKey(t *testing.T) {
	t.Parallel()
	for name, incremental := range map[string]int{"at once": 0, "after incremental runs": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, target := demandingPlay(t, 40)
			p.sync()
			p.options = sealing(2, 1)
			for n := range incremental {
				p.src.put(player(41+n, "d1"))
				p.sync()
			}
			p.sync(orgsync.RunOptions{Full: true})
			p.options = sealing(2)
			p.src.vanish(playerID(7))
			p.sync(orgsync.RunOptions{Full: true})
			require.True(t, target.people[playerID(7)].Left)
			p.options = sealing(1)
			_, err := p.run(orgsync.RunOptions{})
			require.ErrorIs(t, err, orgsync.ErrSealKey)
		})
	}
}

// Sealed fields are bound to tenant and id: another person's open for no one.
func TestI14_sealedIsBound(t *testing.T) {
	t.Parallel()
	p, target := demandingPlay(t, 40)
	p.sync()
	lease, err := p.store.Lock(t.Context(), p.tenant)
	require.NoError(t, err)
	values, err := lease.Get(t.Context(), "sealed", playerID(8))
	require.NoError(t, err)
	require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: "sealed", Key: playerID(7), Value: values[0]}))
	require.NoError(t, lease.Unlock(t.Context()))
	p.src.vanish(playerID(7))
	_, err = p.run(orgsync.RunOptions{Full: true})
	if err == nil {
		require.Equal(t, player(7, "").Name, target.people[playerID(7)].Name, "sealed anew before they vanished")
	}
	require.NotEqual(t, player(8, "").Name, target.people[playerID(7)].Name)
}

// Nothing personal is ever written in clear text, whatever happens to people.
func TestI35_nothingPersonalInTheState(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]orgsync.Option{"sealed": sealing(1), "not sealed": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, v := newStageStore(), newVendors(t, 5, 120)
			v.store, v.options = store, options
			secrets := map[string]bool{}
			collect := func() {
				for _, p := range v.yzj.People() {
					secrets[p.Name], secrets[p.Phone], secrets[p.Email] = true, true, true
				}
				delete(secrets, "")
			}
			collect()
			v.sync()
			v.tz.RefuseRecord(seeded(9), "手机号已被员工"+v.yzj.People()[30].Name+"使用")
			v.yzj.UpdatePerson(seeded(9), func(p *yunzhijia.Person) { p.Name, p.Phone = "赵改名", "13911112222" })
			v.yzj.UpdatePerson(seeded(10), func(p *yunzhijia.Person) { p.JobNo = seededNo(11) })
			for n := 20; n < 60; n++ {
				v.yzj.Leave(seeded(n))
			}
			collect()
			_, _ = v.run(orgsync.RunOptions{})
			_, _ = v.run(orgsync.RunOptions{Hold: true})
			_, _ = v.run(orgsync.RunOptions{Full: true, Force: true})
			v.yzj.RemovePerson(seeded(3))
			_, _ = v.run(orgsync.RunOptions{Full: true})
			require.Greater(t, len(secrets), 200)
			for key, values := range store.all() {
				for secret := range secrets {
					require.False(t, strings.Contains(key, secret) || strings.Contains(values, secret), "%q in %q", secret, key)
				}
			}
		})
	}
}

// Nor is it in the pages of a file.
func TestI35_nothingPersonalInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	store, err := boltstore.Open(path)
	require.NoError(t, err)
	v := newVendors(t, 5, 120)
	v.store, v.options = store, sealing(1)
	v.sync()
	v.yzj.Leave(seeded(5))
	v.sync(orgsync.RunOptions{Full: true})
	require.NoError(t, store.Close())
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(file), seeded(7))
	for _, p := range v.yzj.People() {
		for _, secret := range []string{p.Name, p.Phone, p.Email} {
			require.False(t, secret != "" && bytes.Contains(file, []byte(secret)), "%q", secret)
		}
	}
}
