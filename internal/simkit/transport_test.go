package simkit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestTransportClosesTheBodyAlways(t *testing.T) {
	t.Parallel()
	v := inMemory()
	cancelled, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	for _, c := range []struct {
		name string
		ctx  context.Context
		url  *url.URL
		err  error
	}{
		{"success", t.Context(), &url.URL{Scheme: "http", Host: "anywhere", Path: "/oms/add"}, nil},
		{"no url", t.Context(), nil, assert.AnError},
		{"no host", t.Context(), &url.URL{Path: "/oms/add"}, assert.AnError},
		{"bad uri", t.Context(), &url.URL{Scheme: "http", Host: "h", Opaque: "%zz"}, assert.AnError},
		{"cancelled", cancelled, &url.URL{Scheme: "http", Host: "h", Path: "/oms/add"}, cause},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &body{Reader: strings.NewReader("x")}
			resp, err := v.Transport().RoundTrip((&http.Request{URL: c.url, Method: http.MethodPost, Body: b}).WithContext(c.ctx))
			assert.True(t, b.closed)
			if c.err == nil {
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				return
			}
			require.Error(t, err)
			if errors.Is(c.err, cause) {
				require.ErrorIs(t, err, cause)
			}
		})
	}
	assert.Equal(t, 1, v.Count(""), "what never left is not recorded")
	v.Close()
	b := &body{Reader: strings.NewReader("x")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL(), b)
	require.NoError(t, err)
	_, err = v.Transport().RoundTrip(req)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.True(t, b.closed)
}

func TestTransportWithZeroMethod(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	resp, err := v.Transport().RoundTrip(&http.Request{URL: &url.URL{Scheme: "http", Host: "h", Path: "/oms/get"}})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	_, err = resp.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

func TestRequestBodyThatFails(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	broken := io.MultiReader(strings.NewReader("half"), io.LimitReader(errReader{}, 1))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL()+"/oms/add", broken)
	require.NoError(t, err)
	_, err = v.do(req)
	require.ErrorIs(t, err, assert.AnError)
	assert.Zero(t, v.writes.Load())
	assert.Equal(t, "half", string(v.Requests()[0].Body))
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, assert.AnError }

func TestResponseBodyEndsWithTheContext(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	v.Inject(simkit.PadBody(1 << 20))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.URL()+"/oms/add", nil)
	require.NoError(t, err)
	resp, err := v.Client().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	_, err = resp.Body.Read(make([]byte, 1))
	require.NoError(t, err)
	cancel()
	_, err = io.Copy(io.Discard, resp.Body)
	require.ErrorIs(t, err, context.Canceled)
}

func TestContentTypeIsSniffedAsByNetHTTP(t *testing.T) {
	t.Parallel()
	inBothModes(t, func(t *testing.T, v *vendor) {
		v.Inject(simkit.Respond(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
		got, err := v.add(t)
		require.NoError(t, err)
		assert.Equal(t, "text/html; charset=utf-8", got.Header.Get("Content-Type"))
	})
}

func TestInvalidStatusPanics(t *testing.T) {
	t.Parallel()
	v := inMemory()
	defer v.Close()
	v.Inject(simkit.Status(42))
	assert.Panics(t, func() { _, _ = v.add(t) })
	v.mustAdd(t)
}
