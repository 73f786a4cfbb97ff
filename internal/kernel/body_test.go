package kernel_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
}

// pooled sends text in a buffer of the pool, and releases the buffer.
func pooled(t *testing.T, transport roundTrip, text string, change func(*kernel.Call)) error {
	t.Helper()
	set, err := kernel.Apply([]kernel.Option{kernel.WithHTTPClient(&http.Client{Transport: transport}), kernel.WithRetry(2, 1)})
	require.NoError(t, err)
	c, err := kernel.New("vendor", "https://vendor.example", set, func(f *kernel.Failure) error { return f })
	require.NoError(t, err)
	buffer := kernel.NewBuffer()
	defer buffer.Release()
	buffer.Bytes = append(buffer.Bytes, text...)
	call := kernel.Call{
		Op:   kernel.Op{Name: "put", Method: http.MethodPost, Path: "/put", Class: kernel.Idempotent},
		Body: buffer.Bytes, Buffer: buffer, ContentType: "application/json",
		Read: func(body []byte) error { return json.Unmarshal(body, &struct{}{}) },
	}
	if change != nil {
		change(&call)
	}
	return c.Do(t.Context(), call)
}

func TestPooledBodyIsSent(t *testing.T) {
	t.Parallel()
	for range 3 {
		var got []string
		err := pooled(t, func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, int64(9), r.ContentLength)
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.NoError(t, r.Body.Close())
			require.NoError(t, r.Body.Close(), "twice is once")
			again, err := r.GetBody()
			require.NoError(t, err)
			whole, err := io.ReadAll(again)
			require.NoError(t, err)
			require.NoError(t, again.Close())
			assert.Equal(t, string(body), string(whole))
			got = append(got, string(body))
			return answered(map[int]int{1: http.StatusServiceUnavailable, 2: http.StatusOK}[len(got)])
		}, `{"a":"b"}`, nil)
		require.NoError(t, err)
		assert.Equal(t, []string{`{"a":"b"}`, `{"a":"b"}`}, got, "a retry sends the same")
	}
}

func TestAuthorizeMayReplacePooledBody(t *testing.T) {
	t.Parallel()
	var got string
	err := pooled(t, func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		got = string(body)
		return answered(map[bool]int{true: http.StatusOK, false: 0}[err == nil])
	}, "[]", func(call *kernel.Call) {
		call.Authorize = func(_ context.Context, out *kernel.Outgoing, _ string) error {
			out.Body = []byte(`{"data":` + string(out.Body) + `}`)
			return nil
		}
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{"data":[]}`, got)
}

// A transport may read a body after the answer, and even after the call. By then
// its memory must not hold another call's body.
func TestPooledBodyStaysUntilItIsClosed(t *testing.T) {
	t.Parallel()
	const text = `"what the first call sends"`
	var late *http.Request
	require.NoError(t, pooled(t, func(r *http.Request) (*http.Response, error) {
		late = r
		return answered(http.StatusOK)
	}, text, nil))
	for range 20 {
		require.NoError(t, pooled(t, func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			return answered(http.StatusOK)
		}, strings.ToUpper(text), nil))
	}
	again, err := late.GetBody()
	require.NoError(t, err, "another reader still holds it")
	body, err := io.ReadAll(late.Body)
	require.NoError(t, err)
	assert.Equal(t, text, string(body))
	require.NoError(t, late.Body.Close())
	_, err = late.Body.Read(make([]byte, 1))
	require.Error(t, err)
	body, err = io.ReadAll(again)
	require.NoError(t, err)
	assert.Equal(t, text, string(body))
	require.NoError(t, again.Close())

	_, err = late.GetBody()
	require.Error(t, err, "the memory may be another call's")
}

func TestHugeBodyIsNotKept(t *testing.T) {
	t.Parallel()
	for range 2 {
		buffer := kernel.NewBuffer()
		assert.Empty(t, buffer.Bytes)
		assert.LessOrEqual(t, cap(buffer.Bytes), 4<<20)
		buffer.Bytes = append(buffer.Bytes, make([]byte, 5<<20)...)
		buffer.Release()
	}
}
