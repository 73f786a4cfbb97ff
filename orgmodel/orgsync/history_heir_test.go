package orgsync_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// A run that dies while its lease could have passed on leaves entries that are sent
// twice. If one of these people leaves, and an heir gets the number, the second time must
// not be about the number: it is the heir's.
func TestI38_twiceSentLeaverWithAnHeir(t *testing.T) {
	t.Parallel()
	for at := range 12 {
		t.Run(fmt.Sprint("dies at write ", at), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3, 8)
			h := newTold(t, w, nil)
			limited := func(options orgsync.RunOptions) {
				h.later(time.Hour)
				h.lease = &endingLease{after: 10_000, until: time.Now().Add(time.Hour)}
				_, _ = h.run(options, false)
				h.wrap, h.lease = nil, nil
			}
			crash := &failingStore{err: errors.New("killed"), after: at}
			h.wrap = func(s orgsync.Store) orgsync.Store { crash.Store = s; return crash }
			limited(orgsync.RunOptions{Full: true})

			w.source.Leave(person(3))
			w.source.UpdatePerson(person(5), func(p *yunzhijia.Person) { p.JobNo = "E00003" })
			for range 4 {
				limited(orgsync.RunOptions{Full: true, Force: true})
			}
			h.settle(orgsync.RunOptions{Full: true, Force: true})
			require.Empty(t, validate(h.rec.events))
			h.requireInStep()
		})
	}
}

// A number that was tried for one person, with an outcome that no one learnt, is not retired
// if its former owner is back under it.
func TestI22_triedNumberOfSomeoneWhoReturns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 12)
	w.sync()
	former := w.person(person(6)).JobNo
	w.source.Leave(person(8))
	w.sync()
	number := func(no string) {
		w.source.UpdatePerson(person(6), func(p *yunzhijia.Person) { p.JobNo = no })
	}
	number(w.person(person(8)).JobNo)
	w.y.Inject(yunjiantest.LoseAnswer().On(yunjiantest.OpSyncUsers).Always())
	_, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	w.y.ClearFaults()
	number(former)
	w.source.UpdatePerson(person(8), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	for range 3 {
		_, _ = w.watched(orgsync.RunOptions{})
	}
	w.requireInStep()
}
