package tuzhan_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// Whatever the forest, the order given and the records that the vendor, this
// package or the network fails: every record is in exactly one list with its
// own index, and no child overtakes its parent.
func TestAnyForestAnyFailures(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		srv := tuzhantest.NewInMemory()
		defer srv.Close()
		config := srv.Config()
		config.Parallel = rapid.IntRange(0, 4).Draw(t, "parallel")
		client, err := tuzhan.New(config, tuzhan.WithHTTPClient(srv.HTTPClient()), tuzhan.WithRetry(1, 1))
		require.NoError(t, err)

		n := rapid.SampledFrom([]int{0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 510}).Draw(t, "records")
		parents := rapid.SliceOfN(rapid.IntRange(-3, max(n-1, 0)), n, n).Draw(t, "parents")
		records := make([]tuzhan.Department, n)
		for i := range records {
			parent := ""
			if parents[i] >= 0 && parents[i] < i { // below 0 and forward: a root
				parent = "D" + strconv.Itoa(parents[i])
			}
			records[i] = department("D"+strconv.Itoa(i), parent)
		}
		records = rapid.Permutation(records).Draw(t, "order")
		invalid, refused := map[int]bool{}, map[int]bool{}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, max(n-1, 0)), 0, min(n, 9)).Draw(t, "invalid") {
			records[i].DeptName = ""
			invalid[i] = true
		}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, max(n-1, 0)), 0, min(n, 9)).Draw(t, "refused") {
			srv.RefuseRecord(records[i].ThirdDeptID, "部门名称含敏感词")
			refused[i] = true
		}
		lost := rapid.IntRange(0, 8).Draw(t, "lost call")
		if lost > 0 {
			srv.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpDepartments).After(lost - 1))
		}

		result, err := client.AddDepartments(context.Background(), records)
		whole(t, records, result, err)
		parentsFirst(t, chunks(t, srv))
		held := map[string]bool{}
		for _, d := range srv.Departments() {
			held[d.ThirdDeptID] = true
		}
		for _, item := range result.Succeeded {
			require.True(t, held[item.Record.ThirdDeptID], "a success is a success")
			require.False(t, invalid[item.Index] || refused[item.Index])
		}
		for item := range result.NotSucceeded() {
			require.Equal(t, invalid[item.Index], errors.Is(item.Err, tuzhan.ErrInvalid))
			if !errors.Is(item.Err, tuzhan.ErrOutcomeUnknown) {
				require.False(t, held[item.Record.ThirdDeptID], "a failure is a failure")
			}
		}
	})
}
