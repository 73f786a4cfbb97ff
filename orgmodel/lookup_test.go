package orgmodel_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.IntRange(0, 300), func(n int) int { return n }).Draw(r, "ids")
		people := make([]orgmodel.Person, len(ids))
		for i, n := range ids {
			people[i] = orgmodel.Person{ID: fmt.Sprintf("p-%03d", n)}
		}
		var b orgmodel.Builder
		require.NoError(r, b.AddPeople(rows(people...)))
		d := b.Seal()
		asked := rapid.SliceOf(rapid.IntRange(-1, 301)).Draw(r, "asked")
		if rapid.Bool().Draw(r, "in order") {
			slices.Sort(asked)
		}
		lookup := d.Lookup()
		for _, n := range asked {
			id := fmt.Sprintf("p-%03d", n)
			want, there := d.Person(id)
			got, found := lookup.Person(id)
			require.Equal(r, there, found, id)
			require.Equal(r, want.ID, got.ID)
			require.Equal(r, there, lookup.Has(id))
		}
	})
	var none *orgmodel.Directory
	require.False(t, none.Lookup().Has("p"))
}
