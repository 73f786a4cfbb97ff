package orgsync_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// way is one of the ways in which the same history can be lived through.
type way struct {
	bolt     bool
	prefetch int
	full     bool // every run
	killed   bool // a run dies at a write of the state, and is repeated
}

func ways() []way {
	var list []way
	for i := range 16 {
		list = append(list, way{bolt: i&1 > 0, prefetch: 1 + 3*(i>>1&1), full: i&4 > 0, killed: i&8 > 0})
	}
	return list
}

// living is a way of living through a history whose source others read too.
type living struct {
	*told
	way
}

func newLiving(tb testing.TB, dir string, first *told, chosen way) *living {
	w := newWorld(tb, 1, 1)
	w.source, w.clock = first.source, first.clock
	w.yunzhijia = &orgsync.YunzhijiaSource{
		Client: first.yunzhijia.Client, Pages: yunzhijia.PageOptions{Count: 6, Prefetch: chosen.prefetch},
	}
	if chosen.bolt {
		store, err := boltstore.Open(filepath.Join(dir, fmt.Sprintf("%v.db", chosen)))
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, store.Close()) })
		w.store = store
	}
	t := newTold(first.tb, w, first.r)
	t.limits = first.limits
	return &living{t, chosen}
}

// lives runs once, or, where it is to die, until it has not died.
func (l *living) lives(full bool, write int, late bool) {
	l.tb.Helper()
	options := orgsync.RunOptions{Force: true, Full: full || l.full}
	if l.killed {
		crash := &failingStore{err: errors.New("killed"), late: late, after: write}
		l.wrap = func(s orgsync.Store) orgsync.Store { crash.Store = s; return crash }
		_, _ = l.run(options, false)
		l.wrap = nil
	}
	_, _ = l.run(options, true)
}

// everything returns all that is at the targets, as JSON, less 兔展's time stamps.
func (w *world) everything() map[string]string {
	all := map[string]string{}
	put := func(kind, id string, record any) {
		text, err := json.Marshal(record)
		require.NoError(w.tb, err)
		all[kind+" "+id] = string(text)
	}
	for _, d := range w.a.Departments() {
		put("爱关怀 department", d.DepartmentID, d)
	}
	for _, p := range w.a.People() {
		put("爱关怀 person", p.UserID, p)
	}
	for _, d := range w.t.Departments() {
		d.UpdateTime, d.DeptID, d.ParentID = tuzhan.Department{}.UpdateTime, 0, 0
		put("兔展 department", d.ThirdDeptID, d)
	}
	for _, e := range w.t.Employees() {
		e.UpdateTime, e.ChannelID, e.DeptID = tuzhan.Employee{}.UpdateTime, 0, 0
		put("兔展 person", e.ThirdUserID, e)
	}
	for _, u := range w.y.Users() {
		put("云简 user", u.UserNo, u)
	}
	return all
}

// checksGiven reports whether rapid was told how many checks to make. Its own number is
// too many for a test of every day.
func checksGiven() bool {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || strings.HasPrefix(f.Name, "rapid.") })
	return given
}

// TestHistoriesEndTheSame lives through one history in several ways: with either store,
// pages one after another or concurrently, by the feed or by full readings, and with runs
// that die and are repeated. Whatever the way, all that is at the targets in the end,
// leavers and earlier numbers included, is the same.
func TestHistoriesEndTheSame(t *testing.T) {
	t.Parallel()
	checks := 0
	rapid.Check(t, func(r *rapid.T) {
		if checks++; checks > 15 && !checksGiven() {
			return
		}
		w := newWorld(t, 6, 14)
		first := newTold(rapidTB{TB: t, r: r}, w, r)
		all := []*living{{first, ways()[0]}}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(1, 15), 3, 3, rapid.ID).Draw(r, "ways") {
			all = append(all, newLiving(rapidTB{TB: t, r: r}, t.TempDir(), first, ways()[i]))
		}
		later := func(d time.Duration) {
			for _, l := range all {
				l.later(d)
			}
		}
		together := func() {
			before := w.source.People()
			for range rapid.IntRange(0, 5).Draw(r, "changes") {
				first.step()
				later(time.Minute)
			}
			// The feed does not tell of those: an earlier number passes on only when they are gone.
			vanished := slices.ContainsFunc(before, func(p yunzhijia.Person) bool { return w.person(p.OpenID).Name == "" })
			write, late := rapid.IntRange(0, 12).Draw(r, "write"), rapid.Bool().Draw(r, "late")
			later(time.Hour)
			for _, l := range all {
				l.lives(vanished, write, late)
			}
		}
		for range rapid.IntRange(1, 4).Draw(r, "runs") {
			together()
		}
		first.corrected()
		later(time.Hour)
		for _, l := range all {
			l.settle(orgsync.RunOptions{Force: true, Full: true})
			l.requireInStep()
			l.judge()
		}
		want := first.everything()
		for _, l := range all[1:] {
			require.Equal(w.tb, want, l.everything(), "%+v", l.way)
		}
	})
}
