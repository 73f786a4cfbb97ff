package kernel_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const vendor = "acme"

// vendorError is what every vendor package makes of a Failure.
type vendorError kernel.Failure

func (e *vendorError) Error() string        { return (*kernel.Failure)(e).Error() }
func (e *vendorError) Unwrap() error        { return e.Err }
func (e *vendorError) Is(target error) bool { return (*kernel.Failure)(e).Is(target) }
func (e *vendorError) LogValue() slog.Value { return (*kernel.Failure)(e).LogValue() }

func wrap(f *kernel.Failure) error { return (*vendorError)(f) }

// fake is a transport that answers by the number of the attempt, from 1.
type fake struct {
	answer func(n int, r *http.Request) (*http.Response, error)
	n      atomic.Int32
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return f.answer(int(f.n.Add(1)), r)
}

func (f *fake) sent() int { return int(f.n.Load()) }

type responder = func(n int, r *http.Request) (*http.Response, error)

func always(status int, body string, header ...string) responder {
	return func(_ int, r *http.Request) (*http.Response, error) { return respond(r, status, body, header...), nil }
}

func failing(err error) responder {
	return func(int, *http.Request) (*http.Response, error) { return nil, err }
}

// sequence gives the last of the answers again and again.
func sequence(answers ...responder) responder {
	return func(n int, r *http.Request) (*http.Response, error) { return answers[min(n, len(answers))-1](n, r) }
}

func respond(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

const good = `{"success":true,"data":"payload"}`

func refusal(code, message string) string {
	b, _ := json.Marshal(map[string]any{"success": false, "errorCode": code, "error": message})
	return string(b)
}

func newClient(t testing.TB, rt http.RoundTripper, options ...kernel.Option) *kernel.Client {
	t.Helper()
	set, err := kernel.Apply(append([]kernel.Option{kernel.WithHTTPClient(&http.Client{Transport: rt})}, options...))
	require.NoError(t, err)
	c, err := kernel.New(vendor, "https://vendor.test/api", set, wrap)
	require.NoError(t, err)
	return c
}

// call is a plain call of an operation of that class.
func call(class kernel.Class) kernel.Call {
	return kernel.Call{
		Op:          kernel.Op{Name: "doit", Method: http.MethodPost, Path: "/doit", Class: class},
		ContentType: "application/json",
		Body:        []byte(`{"name":"张三"}`),
		Read:        read(nil),
	}
}

// read is the Read of a vendor with an envelope; the code "busy" is temporary.
func read(data *string) func([]byte) error {
	return func(body []byte) error {
		var success bool
		var code, message, got string
		s := wire.NewScanner(body)
		for more := s.Object(""); more; more = s.More('}') {
			switch string(s.Key()) {
			case "success":
				success, _ = s.Flag("success")
			case "errorCode":
				code = s.Text("errorCode", wire.Lenient)
			case "error":
				message = s.Remark()
			case "data":
				got = s.Text("data", wire.Strict)
			default:
				s.Skip()
			}
		}
		if err := s.End(); err != nil {
			return err
		}
		if field, problem := s.Problem(); problem != "" {
			return &wire.DecodeError{Field: field, Problem: problem}
		}
		if !success {
			return &kernel.Rejection{Code: code, Message: message, Temporary: code == "busy"}
		}
		if data != nil {
			*data = got
		}
		return nil
	}
}

func rejected(status int, code string) bool {
	return status == http.StatusUnauthorized || code == "badtoken"
}

func inQuery(_ context.Context, out *kernel.Outgoing, credential string) error {
	out.Query.Set("access_token", credential)
	return nil
}

// failure finds the vendor's error and checks what always holds.
func failure(t testing.TB, err error) *vendorError {
	t.Helper()
	e, ok := errors.AsType[*vendorError](err)
	require.True(t, ok, "%T: %v", err, err)
	assert.Equal(t, vendor, e.Vendor)
	assert.Equal(t, "doit", e.Op)
	assert.Equal(t, e.OutcomeUnknown, errors.Is(err, kernel.ErrOutcomeUnknown))
	return e
}

// tokens is a source that gives out the values one after the other.
func tokens(values ...string) *token.Cache {
	var n atomic.Int32
	return token.NewCache(token.Config{Fetch: func(context.Context) (token.Token, error) {
		return token.New(values[min(int(n.Add(1)), len(values))-1], time.Time{}), nil
	}})
}

func discard() *log.Logger { return log.New(io.Discard, "", 0) }
