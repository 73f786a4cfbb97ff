package yunjian_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// discardAnswer is a ResponseWriter that keeps nothing.
type discardAnswer struct{ *httptest.ResponseRecorder }

func (discardAnswer) Write(p []byte) (int, error) { return len(p), nil }

// Reading and answering a user costs a few allocations, however many there are.
func TestReceivedUsersCostFewAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it
	h := newHandler(t, nil)
	session := login(t, h, vectorTime)
	allocs := func(n int) float64 {
		rows, err := json.Marshal(benchUsers(n))
		require.NoError(t, err)
		body := pushBody(session, string(rows))
		return testing.AllocsPerRun(10, func() {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/users", strings.NewReader(body))
			h.ServeHTTP(discardAnswer{httptest.NewRecorder()}, r)
		})
	}
	assert.LessOrEqual(t, (allocs(400)-allocs(200))/200, 5.0)
}

// A push of 2,000 users, against encoding/json reading the same rows.
func BenchmarkReceive2000(b *testing.B) {
	rows, err := json.Marshal(benchUsers(2000))
	require.NoError(b, err)
	h := newHandler(b, nil)
	body := pushBody(login(b, h, vectorTime), string(rows))
	b.Run("handler", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			r := httptest.NewRequestWithContext(b.Context(), "POST", "/users", strings.NewReader(body))
			h.ServeHTTP(discardAnswer{httptest.NewRecorder()}, r)
		}
	})
	b.Run("unmarshal-plain", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var p struct {
				SessionID string      `json:"sessionId"`
				Data      []plainUser `json:"data"`
			}
			require.NoError(b, json.Unmarshal([]byte(body), &p))
		}
	})
}
