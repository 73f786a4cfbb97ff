package orgsync_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// The states in testdata were written by an engine of format 1, for the company that
// upgraded makes: one person left, one had a new number, one has none. In the state
// "interrupted", 兔展 then stopped answering while person 8 was updated, and person 9 had
// a new number.

// upgraded returns a company that is in step, with the state that an engine of format 1
// left behind.
func upgraded(tb testing.TB, name string, store orgsync.Store) *vendors {
	tb.Helper()
	v := newVendors(tb, 4, 60)
	v.sync()
	v.yzj.Leave(seeded(5))
	v.yzj.UpdatePerson(seeded(6), func(p *yunzhijia.Person) { p.JobNo = "E90006" })
	v.yzj.AddPerson(yunzhijia.Person{OpenID: "person-nonumber", Name: "赵新", Phone: "13900000001", OrgID: "org-0002"})
	v.sync()
	if name == "interrupted" {
		v.yzj.UpdatePerson(seeded(8), func(p *yunzhijia.Person) { p.JobTitle = "变更" })
		v.yzj.UpdatePerson(seeded(9), func(p *yunzhijia.Person) { p.JobNo = "E90009" })
		v.tz.Inject(tuzhantest.ResetConnection().Always())
		_, err := v.run(orgsync.RunOptions{})
		require.Error(tb, err)
		v.tz.ClearFaults()
	}
	text, err := os.ReadFile(filepath.Join("testdata", "format1-"+name+".json"))
	require.NoError(tb, err)
	var rows [][3]string
	require.NoError(tb, json.Unmarshal(text, &rows))
	v.store = store
	lease, err := store.Lock(tb.Context(), v.tenant)
	require.NoError(tb, err)
	entries := make([]orgsync.Entry, len(rows))
	for i, row := range rows {
		entries[i] = orgsync.Entry{Bucket: row[0], Key: row[1], Value: []byte(row[2])}
	}
	require.NoError(tb, lease.Write(tb.Context(), entries...))
	require.NoError(tb, lease.Unlock(tb.Context()))
	return v
}

// oldRows counts the entries of format 1.
func (s *stage) oldRows() int {
	s.tb.Helper()
	lease, err := s.store.Lock(s.tb.Context(), s.tenant)
	require.NoError(s.tb, err)
	defer func() { require.NoError(s.tb, lease.Unlock(s.tb.Context())) }()
	n := 0
	for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		for _, kind := range []string{"people/", "departments/"} {
			for _, err := range lease.All(s.tb.Context(), kind+target) {
				require.NoError(s.tb, err)
				n++
			}
		}
	}
	return n
}

func (v *vendors) requireUpgraded() {
	v.tb.Helper()
	require.Equal(v.tb, 60, v.inService())
	require.Len(v.tb, v.staff(), 60)
	active := 0
	for _, u := range v.users() {
		if !u.IsLeave {
			active++
		}
	}
	require.Equal(v.tb, 60, active)
	require.Equal(v.tb, aiguanhuai.StatusDisabled, v.members()[seeded(5)].Status)
	require.False(v.tb, v.users()["E90006"].IsLeave)
	require.True(v.tb, v.users()[seededNo(6)].IsLeave)
	require.False(v.tb, v.users()["person-nonumber"].IsLeave)
}

// The first night after an upgrade stops nowhere, removes and creates no one, and the
// second changes nothing.
func TestI04_upgrade(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"instep", "interrupted"} {
		for full, o := range map[string]orgsync.RunOptions{"usual": {}, "full": {Full: true}, "hold": {Hold: true}} {
			t.Run(name+", "+full, func(t *testing.T) {
				t.Parallel()
				stageStores(t, func(t *testing.T, store orgsync.Store) {
					v := upgraded(t, name, store)
					r := v.sync(o)
					require.Empty(t, r.Guard)
					for _, target := range r.Targets {
						require.Empty(t, target.Removed, target.Name)
						require.Empty(t, target.Skipped, target.Name)
						require.Zero(t, target.Done[orgsync.Create], target.Name)
						require.Zero(t, target.Done[orgsync.Reactivate], target.Name)
					}
					v.requireUpgraded()
					if name == "interrupted" {
						require.Equal(t, "变更", v.staff()[seeded(8)].Job.Or(""))
					}
					require.Zero(t, v.oldRows())
					v.agh.Reset()
					v.tz.Reset()
					v.yj.Reset()
					v.sync()
					v.sync(orgsync.RunOptions{Full: true})
					require.Zero(t, v.agh.Count("")+v.tz.Count(tuzhantest.OpEmployees)+v.tz.Count(tuzhantest.OpDepartments)+v.yj.Count(yunjiantest.OpSyncUsers))
				})
			})
		}
	}
}

// What an old state knows is not lost: tombstones, leavers after the upgrade, earlier
// keys, departments, and what went within the last 24 hours.
func TestI15_upgradeKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	v := upgraded(t, "instep", orgsync.NewMemoryStore())
	for n := 20; n < 30; n++ {
		v.yzj.Leave(seeded(n))
	}
	g := v.stopped()
	require.Equal(t, 1, g.Violations[0].Recent)
	for n := 27; n < 30; n++ {
		v.yzj.UpdatePerson(seeded(n), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	}
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	v.yzj.UpdatePerson("person-nonumber", func(p *yunzhijia.Person) { p.JobNo = "E90001" })
	r := v.sync()
	require.Equal(t, 1, reportOf(r, "aiguanhuai").Done[orgsync.Reactivate])
	require.Equal(t, 54, v.inService())
	require.True(t, v.users()["person-nonumber"].IsLeave, "the earlier key is retired")
	require.False(t, v.users()["E90001"].IsLeave)
	v.yzj.RemoveOrg("org-0004")
	for _, p := range v.yzj.People() {
		if p.OrgID == "org-0004" {
			v.yzj.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0002" })
		}
	}
	v.sync()
	require.Len(t, v.tz.Departments(), 3)
}

// Mass change is guarded in an upgraded state as in any other.
func TestI32_upgradeAndMassChange(t *testing.T) {
	t.Parallel()
	v := upgraded(t, "instep", orgsync.NewMemoryStore())
	v.sync()
	for _, p := range v.yzj.People() {
		v.yzj.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.Name, p.Phone = "测试", "13900000000" })
	}
	for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		require.Contains(t, v.stopped().Error(), target+": people with another name")
	}
}

// A first push of format 1 that was killed had noted people, and nothing of the target:
// they still count as ours.
func TestI19_upgradeOfAKilledFirstPush(t *testing.T) {
	t.Parallel()
	v := upgraded(t, "instep", orgsync.NewMemoryStore())
	lease, err := v.store.Lock(t.Context(), v.tenant)
	require.NoError(t, err)
	for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: "targets", Key: target}))
	}
	require.NoError(t, lease.Unlock(t.Context()))
	v.yzj.Leave(seeded(30))
	v.sync()
	require.Len(t, v.staff(), 59)
	require.Equal(t, 59, v.inService())
	require.True(t, v.users()[seededNo(30)].IsLeave)
	require.Zero(t, v.oldRows())
}

// The state is converted in one transaction: killed at any point of it, it is what it was.
func TestI19_upgradeKilled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"targets/aiguanhuai", "p.0/" + seeded(1), "p.2/" + seeded(60), "people/yunjian/" + seeded(60), "meta/meta"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			store := newStageStore()
			v := upgraded(t, "interrupted", store)
			before, stored := v.oldRows(), v.stored()
			store.write = func(e orgsync.Entry) error {
				if e.Bucket+"/"+e.Key == at {
					return errors.New("killed")
				}
				return nil
			}
			_, err := v.run(orgsync.RunOptions{})
			require.Error(t, err)
			require.Equal(t, before, v.oldRows())
			require.Equal(t, stored, v.stored())
			store.lives()
			v.sync()
			v.requireUpgraded()
		})
	}
}

// Killed after it, at each of the writes that follow, nothing is lost either.
func TestI19_upgradedAndKilled(t *testing.T) {
	t.Parallel()
	for skip := range 6 {
		store := newStageStore()
		v := upgraded(t, "interrupted", store)
		v.yzj.Leave(seeded(30))
		writes := 0
		store.write = func(e orgsync.Entry) error {
			if e.Bucket == "meta" {
				writes++
			}
			if strings.Contains(e.Bucket, ".") && writes > skip/2 || writes > skip {
				return orgsync.ErrLeaseLost
			}
			return nil
		}
		_, _ = v.run(orgsync.RunOptions{})
		store.lives()
		v.yzj.UpdatePerson(seeded(30), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
		v.sync()
		v.sync()
		require.Equal(t, 60, v.inService())
		require.Len(t, v.staff(), 60)
		v.yzj.Leave(seeded(30))
		v.sync()
		require.Len(t, v.staff(), 59)
	}
}

// A dry run leaves an old state as it is, and plans over it.
func TestI04_upgradeInADryRun(t *testing.T) {
	t.Parallel()
	stageStores(t, func(t *testing.T, store orgsync.Store) {
		v := upgraded(t, "interrupted", store)
		v.yzj.Leave(seeded(30))
		rows, stored := v.oldRows(), v.stored()
		plan, err := v.engine().Plan(t.Context(), orgsync.RunOptions{})
		require.NoError(t, err)
		require.Empty(t, plan.Violations)
		for _, target := range plan.Targets {
			removed := 0
			for _, c := range target.Changes {
				require.NotContains(t, []orgsync.Action{orgsync.Create, orgsync.Reactivate}, c.Action)
				if c.Reason == orgsync.ReasonLeft {
					removed++
				}
			}
			require.Equal(t, 1, removed, target.Name)
		}
		v.sync(orgsync.RunOptions{DryRun: true, Full: true})
		require.Equal(t, rows, v.oldRows())
		require.Equal(t, stored, v.stored())
	})
}

// Where targets lead is recorded unasked, once.
func TestI30_upgradeRecordsDestinations(t *testing.T) {
	t.Parallel()
	v := upgraded(t, "instep", orgsync.NewMemoryStore())
	v.sync()
	fresh := aiguanhuaitest.NewServer()
	t.Cleanup(fresh.Close)
	v.targets[0] = stageAiguanhuai(t, fresh)
	v.misdirected()
	require.Empty(t, fresh.People())
}

// A target that does not take part in the first run keeps what it was told.
func TestI19_upgradeWithFewerTargets(t *testing.T) {
	t.Parallel()
	v := upgraded(t, "instep", orgsync.NewMemoryStore())
	v.targets = []orgsync.Target{v.ta, v.ty}
	v.sync()
	v.yzj.Leave(seeded(30))
	v.sync()
	v.targets = []orgsync.Target{v.ty, v.tt, v.ta}
	r := v.sync()
	require.Zero(t, reportOf(r, "tuzhan").Done[orgsync.Create])
	require.Len(t, v.staff(), 59)
}

// An old state that cannot be read ends the run, and is left as it is.
func TestI20_upgradeOfADamagedState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	store, err := boltstore.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	v := upgraded(t, "instep", store)
	lease, err := store.Lock(t.Context(), v.tenant)
	require.NoError(t, err)
	require.NoError(t, lease.Write(t.Context(), orgsync.Entry{Bucket: "people/tuzhan", Key: seeded(9), Value: []byte(`{"h":"short"}`)}))
	require.NoError(t, lease.Unlock(t.Context()))
	rows := v.oldRows()
	_, err = v.run(orgsync.RunOptions{})
	require.ErrorIs(t, err, orgsync.ErrCorrupt)
	require.Equal(t, rows, v.oldRows())
}
