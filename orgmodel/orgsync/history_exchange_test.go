package orgsync_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// Two numbers are exchanged by mistake, and the answer to that is lost: each of the two
// records may be either person's. One number is then corrected, while the other person still
// has the colleague's: neither may be without a record meanwhile.
func TestI22_exchangeWithoutAnAnswerHalfCorrected(t *testing.T) {
	t.Parallel()
	for _, carriedOut := range []bool{true, false} {
		w := newWorld(t, 3, 8)
		w.sync()
		set := func(n int, no string) {
			w.source.UpdatePerson(person(n), func(p *yunzhijia.Person) { p.JobNo = no })
		}
		set(2, "E00003")
		set(3, "E00002")
		fault := yunjiantest.LoseAnswer()
		if !carriedOut {
			fault = yunjiantest.CutBody()
		}
		w.y.Inject(fault.On(yunjiantest.OpSyncUsers).Times(2))
		_, err := w.run(orgsync.RunOptions{})
		require.Error(t, err)

		set(3, "E00003")
		for range 2 {
			_, _ = w.run(orgsync.RunOptions{Full: true})
		}
		inService := map[string]int{}
		for _, u := range w.y.Users() {
			if !u.IsLeave {
				inService[u.Mobile]++
			}
		}
		for _, n := range []int{2, 3} {
			assert.Equal(t, 1, inService[w.person(person(n)).Phone], "records of person %d at 云简", n)
		}
		set(2, "E00002")
		w.settle(orgsync.RunOptions{Full: true})
		w.requireInStep()
	}
}
