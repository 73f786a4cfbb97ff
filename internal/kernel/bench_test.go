package kernel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

type benchPerson struct {
	OpenID string `json:"openId"`
	Name   string `json:"name"`
	OrgID  string `json:"orgId"`
	Status string `json:"status"`
	JobNo  string `json:"jobNo"`
}

type benchAnswer struct {
	Success bool          `json:"success"`
	Data    []benchPerson `json:"data"`
}

// benchPage is an answer with so many people.
func benchPage(t testing.TB, rows int) []byte {
	t.Helper()
	page, err := json.Marshal(benchAnswer{Success: true, Data: make([]benchPerson, rows)})
	require.NoError(t, err)
	return bytes.ReplaceAll(page, []byte(`""`), []byte(`"some value"`))
}

const benchToken = "0123456789abcdef0123456789abcdef"

func benchForm() url.Values {
	return url.Values{"eid": {"1000001"}, "data": {`{"begin":0,"count":200}`}}
}

// throughKernel returns a call as a vendor package makes it.
func throughKernel(t testing.TB, base string, options ...kernel.Option) func(ctx context.Context) (int, error) {
	t.Helper()
	set, err := kernel.Apply(options)
	require.NoError(t, err)
	c, err := kernel.New("vendor", base, set, func(f *kernel.Failure) error { return f })
	require.NoError(t, err)
	tokens := token.Static(benchToken)
	form := benchForm()
	return func(ctx context.Context) (int, error) {
		var got benchAnswer
		err := c.Do(ctx, kernel.Call{
			Op:          kernel.Op{Name: "getpersons", Method: http.MethodPost, Path: "/getpersons", Class: kernel.Read},
			ContentType: "application/x-www-form-urlencoded",
			Body:        []byte(form.Encode()),
			Tokens:      tokens,
			Authorize: func(_ context.Context, out *kernel.Outgoing, credential string) error {
				out.Query.Set("accessToken", credential)
				return nil
			},
			Read: func(body []byte) error { return json.Unmarshal(body, &got) },
		})
		return len(got.Data), err
	}
}

// byHand returns the same call with net/http alone.
func byHand(base string, transport http.RoundTripper) func(ctx context.Context) (int, error) {
	hc := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	form := benchForm()
	return func(ctx context.Context) (int, error) {
		var got benchAnswer
		query := url.Values{"accessToken": {benchToken}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/getpersons?"+query.Encode(), strings.NewReader(form.Encode()))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := hc.Do(req)
		if err != nil {
			return 0, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		return len(got.Data), err
	}
}

// BenchmarkCall compares one call through the kernel with the same call by
// hand, in turn: same form, same token in the query, same time limit, same JSON. "page"
// is a page of 200 people, "small" is one person. The goal for a small call is a
// ratio-to-net/http of 1.10 at most.
func BenchmarkCall(b *testing.B) {
	for _, size := range []struct {
		name string
		rows int
	}{{"small", 1}, {"page", 200}} {
		b.Run(size.name, func(b *testing.B) {
			page := benchPage(b, size.rows)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(page)
			}))
			b.Cleanup(srv.Close)
			own, ok := http.DefaultTransport.(*http.Transport)
			require.True(b, ok)
			calls := []func(context.Context) (int, error){throughKernel(b, srv.URL), byHand(srv.URL, own.Clone())}
			var taken [2][]time.Duration
			b.ReportAllocs()
			for b.Loop() {
				for i, call := range calls {
					start := time.Now()
					n, err := call(b.Context())
					taken[i] = append(taken[i], time.Since(start))
					if err != nil || n != size.rows {
						b.Fatal(err, n)
					}
				}
			}
			b.ReportMetric(float64(median(taken[0]))/float64(median(taken[1])), "ratio-to-net/http")
		})
	}
}

// median is less disturbed by a busy machine than a mean.
func median(taken []time.Duration) time.Duration {
	slices.Sort(taken)
	return taken[len(taken)/2]
}

// What the kernel adds to a call does not grow unnoticed.
func TestCallAllocations(t *testing.T) { //nolint:paralleltest // counts allocations
	page := benchPage(t, 1)
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		return respond(r, http.StatusOK, string(page)), err
	})
	count := func(call func(context.Context) (int, error)) float64 {
		return testing.AllocsPerRun(200, func() {
			if n, err := call(context.Background()); err != nil || n != 1 {
				t.Error(n, err)
			}
		})
	}
	ours := count(throughKernel(t, "https://vendor.test", kernel.WithHTTPClient(&http.Client{Transport: transport})))
	plain := count(byHand("https://vendor.test", transport))
	t.Logf("%v allocations, %v by hand", ours, plain)
	assert.LessOrEqual(t, ours, plain+12)
}
