package kernel_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header []string
		want   string
	}{
		"none":               {nil, ""},
		"plain":              {[]string{"X-Request-Id", " 3f2b-77 "}, "3f2b-77"},
		"Alibaba":            {[]string{"EagleEye-TraceId", "0b1b2f5216781234567891234e1a2b"}, "0b1b2f5216781234567891234e1a2b"},
		"ByteDance":          {[]string{"X-Tt-Logid", "20261129035417010014034035068C2B"}, "20261129035417010014034035068C2B"},
		"Amazon":             {[]string{"X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"}, "Root=1-67891233-abcdef012345678912345678"},
		"snowflake":          {[]string{"X-Trace-Id", "1729384756102938475"}, "1729384756102938475"},
		"two":                {[]string{"X-Trace-Id", "trace", "X-Request-Id", "request"}, "request"},
		"unknown header":     {[]string{"X-Debug", "abc"}, ""},
		"second is safe":     {[]string{"X-Request-Id", "a b", "X-Trace-Id", "trace"}, "trace"},
		"two lines":          {[]string{"X-Request-Id", "a\nlevel=ERROR"}, ""},
		"spaces":             {[]string{"X-Request-Id", "a (outcome known)"}, ""},
		"not ASCII":          {[]string{"X-Request-Id", "张三"}, ""},
		"too long":           {[]string{"X-Request-Id", strings.Repeat("a", 129)}, ""},
		"a mobile":           {[]string{"X-Request-Id", "13912345678"}, ""},
		"a card":             {[]string{"X-Request-Id", "11010119900101123X"}, ""},
		"the token":          {[]string{"X-Request-Id", "T-o-K-e-N-77"}, ""},
		"the token, within":  {[]string{"X-Request-Id", "id:token77:1"}, ""},
		"what was sent":      {[]string{"X-Request-Id", "lisi.lisi-13800000001"}, ""},
		"a short one within": {[]string{"X-Request-Id", "abcd77001ef"}, "abcd77001ef"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			var seen []kernel.Attempt
			options := []kernel.Option{
				kernel.WithLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				kernel.WithHook(func(_ context.Context, a kernel.Attempt) { seen = append(seen, a) }),
				kernel.WithRetry(2, time.Nanosecond),
			}
			c := withTokens(kernel.Read, token.Static("token77"))
			c.Body = []byte(`{"id":77001,"mobile":"13800000001"}`)
			rt := &fake{answer: sequence(
				always(503, "", tt.header...), always(200, refusal("7", "no"), tt.header...), always(200, good, tt.header...),
			)}
			client := newClient(t, rt, options...)
			e := failure(t, client.Do(t.Context(), c))
			assert.Equal(t, tt.want, e.RequestID)
			assert.Equal(t, tt.want != "", strings.HasSuffix(e.Error(), "(request id "+tt.want+")"), e.Error())
			require.NoError(t, client.Do(t.Context(), c))
			require.Len(t, seen, 3)
			for _, a := range seen {
				assert.Equal(t, tt.want, a.RequestID)
			}
			logged := 0
			if tt.want != "" {
				logged = 3
			}
			assert.Equal(t, logged, strings.Count(b.String(), "requestId="), b.String())
		})
	}
}

// The caller's own id, sent in a header and repeated by the vendor, is no secret.
func TestRequestIDOfTheCaller(t *testing.T) {
	t.Parallel()
	rt := &fake{answer: always(404, "", "X-Request-Id", "caller-0001")}
	client := newClient(t, rt, kernel.WithHeader(http.Header{"X-Request-Id": {"caller-0001"}}))
	assert.Equal(t, "caller-0001", failure(t, client.Do(t.Context(), call(kernel.Read))).RequestID)
}
