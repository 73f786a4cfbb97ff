package kernel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// BenchmarkCall compares one call through the kernel with the same call by
// hand: same form, same token in the query, same time-out, same JSON. "page"
// is a page of 200 people, "small" is one person.
func BenchmarkCall(b *testing.B) {
	type person struct {
		OpenID string `json:"openId"`
		Name   string `json:"name"`
		OrgID  string `json:"orgId"`
		Status string `json:"status"`
		JobNo  string `json:"jobNo"`
	}
	type answer struct {
		Success bool     `json:"success"`
		Data    []person `json:"data"`
	}
	for _, size := range []struct {
		name string
		rows int
	}{{"small", 1}, {"page", 200}} {
		page, err := json.Marshal(answer{Success: true, Data: make([]person, size.rows)})
		require.NoError(b, err)
		page = bytes.ReplaceAll(page, []byte(`""`), []byte(`"some value"`))
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(page)
		}))
		b.Cleanup(srv.Close)
		form := url.Values{"eid": {"1000001"}, "data": {`{"begin":0,"count":200}`}}

		b.Run(size.name+"/kernel", func(b *testing.B) {
			set, err := kernel.Apply(nil)
			require.NoError(b, err)
			c, err := kernel.New("vendor", srv.URL, set, func(f *kernel.Failure) error { return f })
			require.NoError(b, err)
			tokens := token.Static("0123456789abcdef0123456789abcdef")
			b.ReportAllocs()
			for b.Loop() {
				var got answer
				err := c.Do(b.Context(), kernel.Call{
					Op:          kernel.Op{Name: "getpersons", Method: http.MethodPost, Path: "/getpersons", Class: kernel.Read},
					ContentType: "application/x-www-form-urlencoded",
					Body:        []byte(form.Encode()),
					Tokens:      tokens,
					Authorize: func(_ context.Context, out *kernel.Outgoing, credential string) error {
						out.Query.Set("accessToken", credential)
						return nil
					},
					Read: func(body []byte) error { return wire.Decode(body, &got) },
				})
				if err != nil || len(got.Data) != size.rows {
					b.Fatal(err, len(got.Data))
				}
			}
		})
		b.Run(size.name+"/plain", func(b *testing.B) {
			hc := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone(), Timeout: 30 * time.Second}
			b.ReportAllocs()
			for b.Loop() {
				var got answer
				query := url.Values{"accessToken": {"0123456789abcdef0123456789abcdef"}}
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, srv.URL+"/getpersons?"+query.Encode(), strings.NewReader(form.Encode()))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Accept", "application/json")
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				resp, err := hc.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err == nil {
					err = wire.Decode(body, &got)
				}
				if err != nil || resp.StatusCode != http.StatusOK || len(got.Data) != size.rows {
					b.Fatal(err, len(got.Data))
				}
			}
		})
	}
}
