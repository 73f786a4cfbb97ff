package orgsync_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// sceneLife is a company in which things happen at random. right is the number that is
// right for each person; what stands at the source may be a typo.
type sceneLife struct {
	*scene

	rng   *rand.Rand
	right map[string]string
	next  int
	log   []string
}

func newSceneLife(t *testing.T, seed uint64, people int) *sceneLife {
	t.Helper()
	s := newScene(t, 3, people)
	unlimited := orgsync.Limit{Absolute: 10000, Share: 1, Small: 10000}
	limits := orgsync.DefaultLimits()
	limits.People, limits.Subtree, limits.Scope, limits.Colliding = unlimited, unlimited, unlimited, unlimited
	s.options = []orgsync.Option{orgsync.WithLimits(limits), orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
	s.targets = []orgsync.Target{s.ta, s.ty}
	life := &sceneLife{scene: s, rng: rand.New(rand.NewPCG(seed, 1)), right: map[string]string{}} // #nosec G404 -- repeatable
	for id, p := range s.inService() {
		life.right[id] = p.JobNo
	}
	return life
}

func (l *sceneLife) someone() string {
	var ids []string
	for id := range l.inService() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids[l.rng.IntN(len(ids))]
}

func (l *sceneLife) note(format string, args ...any) {
	l.log = append(l.log, fmt.Sprintf(format, args...))
}

func (l *sceneLife) set(id, no string) {
	l.note("%s has %q", id, no)
	l.number(id, no)
}

// step changes something at the source.
func (l *sceneLife) step() {
	a, b := l.someone(), l.someone()
	switch l.rng.IntN(12) {
	case 0, 1: // a typo that is a colleague's number
		l.set(a, l.right[b])
	case 2: // a typo that is no one's number
		l.next++
		l.set(a, fmt.Sprintf("T%05d", l.next))
	case 3: // not told
		l.set(a, []string{"", "-", "E0***1", " "}[l.rng.IntN(4)])
	case 4: // corrected
		l.set(a, l.right[a])
	case 5: // exchanged for good
		l.right[a], l.right[b] = l.right[b], l.right[a]
		l.set(a, l.right[a])
		l.set(b, l.right[b])
	case 6: // a new one, and a colleague moves up
		old := l.right[a]
		l.next++
		l.right[a] = fmt.Sprintf("N%05d", l.next)
		l.set(a, l.right[a])
		if a != b {
			l.right[b] = old
			l.set(b, old)
		}
	case 7: // leaves
		if len(l.inService()) > 8 {
			l.note("%s leaves", a)
			l.source.Leave(a)
		}
	case 8: // leaves, and a newcomer gets the number
		if len(l.inService()) > 8 {
			l.next++
			id := fmt.Sprintf("person-n%04d", l.next)
			l.right[id] = l.right[a]
			l.note("%s leaves, %s comes with %s", a, id, l.right[id])
			l.source.Leave(a)
			l.hire(id, l.right[id])
		}
	case 9: // hired
		l.next++
		id := fmt.Sprintf("person-n%04d", l.next)
		l.right[id] = fmt.Sprintf("N%05d", l.next)
		l.note("%s is hired with %s", id, l.right[id])
		l.hire(id, l.right[id])
	case 10: // returns, with a number of their own
		for _, p := range l.source.People() {
			if p.Status != yunzhijia.StatusActive {
				l.next++
				l.right[p.OpenID] = fmt.Sprintf("N%05d", l.next)
				l.note("%s returns with %s", p.OpenID, l.right[p.OpenID])
				l.comesBack(p.OpenID, l.right[p.OpenID])
				break
			}
		}
	case 11:
		l.source.UpdatePerson(a, func(p *yunzhijia.Person) { p.JobTitle = fmt.Sprint("职务", l.rng.IntN(1000)) })
	}
}

// ends corrects every number, and demands that nothing wrong is left.
func (l *sceneLife) ends() {
	l.tb.Helper()
	people := l.inService()
	for id, p := range people {
		if p.JobNo != l.right[id] {
			l.set(id, l.right[id])
		}
	}
	l.later(48 * time.Hour)
	for range 3 {
		_, _ = l.run()
	}
	report, err := l.run(orgsync.RunOptions{Full: true})
	if wrong := l.wrong(); len(wrong) > 0 || err != nil || l.tb.Failed() {
		for _, line := range l.log {
			l.tb.Log(line)
		}
		require.NoError(l.tb, err, report.Text())
		require.Empty(l.tb, wrong)
	}
}

// 30 companies live through 20 runs with numbers typed wrong, exchanged and handed over.
// No one in service is without their account at any moment, and once the numbers are
// right no record is wrong.
func TestI37_thirtyCompaniesWithTypos(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			l := newSceneLife(t, seed, 12+int(seed))
			l.sync()
			for range 20 {
				for range 1 + l.rng.IntN(4) {
					l.step()
				}
				l.later(time.Duration(l.rng.IntN(20)) * time.Hour)
				l.note("run")
				_, _ = l.run(orgsync.RunOptions{Full: l.rng.IntN(5) == 0})
			}
			l.ends()
		})
	}
}

// The same with calls that are lost, answers that are lost, refusals, and processes that
// die.
func TestI37_thirtyCompaniesWithFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			l := newSceneLife(t, 1000+seed, 12+int(seed))
			l.loses = true // a ring of which one part is refused: no order helps
			l.sync()
			for range 20 {
				for range 1 + l.rng.IntN(4) {
					l.step()
				}
				l.later(time.Duration(l.rng.IntN(20)) * time.Hour)
				at, dies := l.rng.IntN(4), -1
				switch l.rng.IntN(6) {
				case 0:
					l.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).After(at).Times(2))
				case 1:
					l.y.Inject(yunjiantest.ResetConnection().On(yunjiantest.OpSyncUsers).After(at).Times(2))
				case 2:
					l.a.Inject(aiguanhuaitest.LoseAnswer().After(at).Times(2))
				case 3:
					l.y.RefuseRecord(l.right[l.someone()], "暂不支持")
				case 4:
					dies = l.rng.IntN(12)
				}
				l.note("run, dies %d, faults %v %v", dies, l.y.Pending(), l.a.Pending())
				if dies >= 0 {
					l.crashes(dies, l.rng.IntN(2) == 0)
				} else {
					_, _ = l.run(orgsync.RunOptions{Full: l.rng.IntN(5) == 0})
				}
				l.y.ClearFaults()
				l.a.ClearFaults()
				for _, no := range l.right {
					l.y.RefuseRecord(no, "")
				}
			}
			l.ends()
		})
	}
}
