package optest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// discarding reads what it is sent, as a vendor has to, and gives one answer.
type discarding struct{ answer string }

func (d discarding) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(d.answer)), Request: r}, err
}

// Discarding returns an HTTP client that reads what it is sent and gives one answer.
func Discarding(answer string) *http.Client { return &http.Client{Transport: discarding{answer}} }

// DiscardingServer is Discarding over a socket. It returns the address.
func DiscardingServer(tb testing.TB, answer string) string {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, answer)
	}))
	tb.Cleanup(srv.Close)
	return srv.URL
}

// BenchmarkMarshal measures what a push is compared with: json.Marshal of the records, and of
// the same data in plain structs, which is what one would write without a client.
func BenchmarkMarshal(b *testing.B, records, plain any) {
	b.Helper()
	for name, v := range map[string]any{"marshal": records, "marshal-plain": plain} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := json.Marshal(v)
				require.NoError(b, err)
			}
		})
	}
}
