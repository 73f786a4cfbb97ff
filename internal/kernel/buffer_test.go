package kernel_test

import (
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// The buffer of an answer is used again, and sized by what the answer claims, within
// bounds: a claim alone costs a megabyte at most.
func TestAnswerBuffer(t *testing.T) { //nolint:paralleltest // counts allocations
	body := `{"name":"` + strings.Repeat("x", 300<<10) + `"}`
	for name, claimed := range map[string]int64{"true": int64(len(body)), "none": -1, "absurd": 1 << 50, "too small": 5} {
		t.Run(name, func(t *testing.T) {
			rt := &fake{answer: func(int, *http.Request) (*http.Response, error) {
				resp, err := always(http.StatusOK, body)(0, nil)
				resp.ContentLength = claimed
				return resp, err
			}}
			c := newClient(t, rt)
			read := 0
			one := call(kernel.Read)
			one.Read = func(b []byte) error {
				read = len(b)
				return nil
			}
			least := uint64(math.MaxUint64) // a pool may lose a buffer at any time
			for range 50 {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				require.NoError(t, c.Do(t.Context(), one))
				runtime.ReadMemStats(&after)
				least = min(least, after.TotalAlloc-before.TotalAlloc)
			}
			assert.Equal(t, len(body), read)
			assert.Less(t, least, uint64(100<<10), "the body is not allocated anew")
		})
	}
}
