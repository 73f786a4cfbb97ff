package kernel_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

var classes = map[string]kernel.Class{"read": kernel.Read, "idempotent": kernel.Idempotent, "once": kernel.Once}

// cutBody answers with a body that ends with err before its end.
func cutBody(err error) responder {
	return func(_ int, r *http.Request) (*http.Response, error) {
		resp := respond(r, http.StatusOK, good)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(good[:9]), errReader{err}))
		return resp, nil
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func opError(op string, err error) error {
	return &url.Error{Op: "Post", URL: "http://vendor.test/?access_token=x", Err: &net.OpError{Op: op, Net: "tcp", Err: err}}
}

// What one kind of failure, repeated on every attempt, leads to.
func TestRetryByClass(t *testing.T) {
	t.Parallel()
	const (
		no    = iota // one attempt, outcome known
		lost         // repeated unless Once; outcome unknown unless Read
		final        // one attempt, outcome unknown unless Read
		open         // repeated whatever the class, outcome known
		asked        // repeated unless Once, outcome known
	)
	type is = []error
	for name, c := range map[string]struct {
		answer responder
		want   int
		is     is
		text   string
	}{
		"400":                        {always(400, "{}"), no, nil, "HTTP 400 Bad Request"},
		"401":                        {always(401, ""), no, is{kernel.ErrUnauthorized}, "HTTP 401"},
		"403":                        {always(403, "<html>"), no, is{kernel.ErrUnauthorized}, "HTTP 403"},
		"404":                        {always(404, good), no, is{kernel.ErrNotFound}, "HTTP 404"},
		"409":                        {always(409, ""), no, nil, "HTTP 409"},
		"408":                        {always(408, ""), lost, is{kernel.ErrUnavailable}, "HTTP 408"},
		"418 with envelope":          {always(418, refusal("busy", "later")), no, nil, "HTTP 418 I'm a teapot: code busy: later"},
		"429":                        {always(429, ""), open, is{kernel.ErrRateLimited}, "HTTP 429"},
		"429 in time":                {always(429, "", "Retry-After", "2"), open, is{kernel.ErrRateLimited}, "(retry after 2s)"},
		"429 too late":               {always(429, "", "Retry-After", "31"), no, is{kernel.ErrRateLimited}, "(retry after 31s)"},
		"500":                        {always(500, ""), lost, is{kernel.ErrUnavailable}, "HTTP 500"},
		"500 with envelope":          {always(500, refusal("7", "oops")), lost, is{kernel.ErrUnavailable, kernel.NewCode(vendor, "7", "")}, "code 7: oops"},
		"501":                        {always(501, ""), no, is{kernel.ErrUnavailable}, "HTTP 501"},
		"502":                        {always(502, "<html>"), lost, is{kernel.ErrUnavailable}, "HTTP 502"},
		"503 in time":                {always(503, "", "Retry-After", "15"), lost, is{kernel.ErrUnavailable}, "(retry after 15s)"},
		"503 too late":               {always(503, "", "Retry-After", "31"), final, is{kernel.ErrUnavailable}, "(retry after 31s)"},
		"504":                        {always(504, ""), lost, is{kernel.ErrUnavailable}, "HTTP 504"},
		"505":                        {always(505, ""), no, is{kernel.ErrUnavailable}, "HTTP 505"},
		"599":                        {always(599, ""), lost, is{kernel.ErrUnavailable}, "HTTP 599"},
		"302":                        {always(302, "", "Location", "http://elsewhere.test/"), no, nil, "HTTP 302 Found"},
		"307":                        {always(307, "", "Location", "/elsewhere"), no, nil, "HTTP 307"},
		"304":                        {always(304, ""), no, nil, "HTTP 304"},
		"dial":                       {failing(opError("dial", syscall.ECONNREFUSED)), open, is{kernel.ErrUnavailable, syscall.ECONNREFUSED}, "connection refused"},
		"dial, timed out":            {failing(opError("dial", timeoutError{})), open, is{kernel.ErrUnavailable}, "timeout"},
		"proxy":                      {failing(opError("proxyconnect", syscall.EHOSTUNREACH)), open, is{kernel.ErrUnavailable}, "no route to host"},
		"SOCKS proxy":                {failing(opError("socks connect", errors.New("x"))), open, is{kernel.ErrUnavailable}, "transport failure"},
		"DNS":                        {failing(opError("dial", &net.DNSError{Name: "x", IsNotFound: true})), open, is{kernel.ErrUnavailable}, "host not found"},
		"DNS, timed out":             {failing(&net.DNSError{Name: "x", IsTimeout: true}), open, is{kernel.ErrUnavailable}, "timeout"},
		"certificate":                {failing(&url.Error{Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}), no, is{kernel.ErrUnavailable}, "TLS certificate not accepted"},
		"certificate, bare":          {failing(x509.UnknownAuthorityError{}), no, is{kernel.ErrUnavailable}, "TLS certificate not accepted"},
		"certificate of other":       {failing(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), no, is{kernel.ErrUnavailable}, "TLS certificate not accepted"},
		"not TLS":                    {failing(&url.Error{Err: http.ErrSchemeMismatch}), no, is{kernel.ErrUnavailable, http.ErrSchemeMismatch}, "does not speak TLS"},
		"TLS alert":                  {failing(opError("remote error", tls.AlertError(42))), lost, is{kernel.ErrUnavailable}, "transport failure"},
		"reset":                      {failing(opError("read", syscall.ECONNRESET)), lost, is{kernel.ErrUnavailable, syscall.ECONNRESET}, "connection reset by peer"},
		"write":                      {failing(opError("write", syscall.EPIPE)), lost, is{kernel.ErrUnavailable, syscall.EPIPE}, "broken pipe"},
		"closed while writing":       {failing(opError("readfrom", opError("write", net.ErrClosed))), lost, is{kernel.ErrUnavailable, net.ErrClosed}, "connection closed within the request"},
		"closed":                     {failing(&url.Error{Err: io.EOF}), lost, is{kernel.ErrUnavailable, io.EOF}, "connection closed before the answer"},
		"anything":                   {failing(errors.New("http://x/?access_token=x")), lost, is{kernel.ErrUnavailable}, "doit: transport failure"},
		"transport's own timeout":    {failing(context.DeadlineExceeded), lost, is{kernel.ErrUnavailable, context.DeadlineExceeded}, "timeout"},
		"transport's own cancelling": {failing(context.Canceled), lost, is{kernel.ErrUnavailable}, "transport failure"},
		"URL error of nothing":       {failing(&url.Error{Op: "Post"}), lost, is{kernel.ErrUnavailable}, "transport failure"},
		"cut":                        {cutBody(io.ErrUnexpectedEOF), lost, is{kernel.ErrUnavailable, io.ErrUnexpectedEOF}, "connection closed within the answer"},
		"reset within":               {cutBody(syscall.ECONNRESET), lost, is{kernel.ErrUnavailable, syscall.ECONNRESET}, "connection reset"},
		"empty":                      {always(200, ""), lost, is{kernel.ErrMalformed}, "answer: is empty"},
		"204":                        {always(204, ""), lost, is{kernel.ErrMalformed}, "answer: is empty"},
		"truncated":                  {always(200, good[:len(good)-1]), lost, is{kernel.ErrMalformed}, "answer: is cut off"},
		"HTML":                       {always(200, "<html></html>"), final, is{kernel.ErrMalformed}, "is HTML, not JSON"},
		"other type":                 {always(200, `{"success":[]}`), final, is{kernel.ErrMalformed}, `answer field "success": cannot be read as`},
		"GBK":                        {always(200, "{\"data\":\"\xd5\xc5\"}"), final, is{kernel.ErrMalformed}, "is not UTF-8"},
		"oversized":                  {always(200, good+strings.Repeat(" ", 1<<10)), final, is{kernel.ErrMalformed, kernel.ErrTooLarge}, "answer too large"},
		"gzip, cut":                  {always(200, packed(good)[:20]), lost, is{kernel.ErrUnavailable, io.ErrUnexpectedEOF}, "connection closed within the answer"},
		"gzip, damaged":              {always(200, packed(good)[:3]+"x"+packed(good)[4:]), lost, is{kernel.ErrUnavailable}, "transport failure"},
		"gzip, of GBK":               {always(200, packed("{\"data\":\"\xd5\xc5\"}")), final, is{kernel.ErrMalformed}, "is not UTF-8"},
		"gzip, oversized":            {always(200, packed(good+strings.Repeat(" ", 1<<20)), "Content-Encoding", "gzip"), final, is{kernel.ErrMalformed, kernel.ErrTooLarge}, "answer too large"},
		"gzip, twice":                {always(200, packed(packed(good))), final, is{kernel.ErrMalformed}, "is not UTF-8"},
		"refused":                    {always(200, refusal("100", "no")), no, is{kernel.NewCode(vendor, "100", "")}, "acme doit: code 100: no"},
		"refused for now":            {always(200, refusal("busy", "later")), asked, is{kernel.NewCode(vendor, "busy", "")}, "acme doit: code busy: later"},
	} {
		for class, value := range classes {
			t.Run(name+"/"+class, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					rt := &fake{answer: c.answer}
					client := newClient(t, rt, kernel.WithRetry(3, 30*time.Second), kernel.WithMaxResponse(1<<10))
					err := client.Do(t.Context(), call(value))

					e := failure(t, err)
					attempts := 1
					if c.want == open || (c.want == lost || c.want == asked) && value != kernel.Once {
						attempts = 3
					}
					assert.Equal(t, attempts, rt.sent(), "attempts")
					assert.Equal(t, attempts, e.Attempts)
					assert.Equal(t, (c.want == lost || c.want == final) && value != kernel.Read, e.OutcomeUnknown, "outcome unknown")
					for _, target := range c.is {
						require.ErrorIs(t, err, target)
					}
					for _, target := range []error{kernel.ErrRateLimited, kernel.ErrUnauthorized, kernel.ErrNotFound, kernel.ErrUnavailable, kernel.ErrMalformed, kernel.ErrInvalid, context.Canceled} {
						if !contains(c.is, target) && name != "transport's own cancelling" {
							require.NotErrorIs(t, err, target)
						}
					}
					assert.Contains(t, err.Error(), c.text)
					assert.NotContains(t, err.Error(), "access_token")
				})
			})
		}
	}
}

// packed is what a gateway makes of an answer.
func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// A transport that did not ask for gzip gets it nonetheless.
func TestPackedAnswerIsRead(t *testing.T) {
	t.Parallel()
	for _, answer := range []responder{
		always(200, packed(good)), always(200, packed(good), "Content-Encoding", "gzip"), always(200, packed("\ufeff"+good)),
	} {
		rt := &fake{answer: answer}
		var data string
		c := call(kernel.Once)
		c.Read = read(&data)
		require.NoError(t, newClient(t, rt).Do(t.Context(), c))
		assert.Equal(t, 1, rt.sent())
		assert.NotEmpty(t, data)
	}
}

func contains(list []error, target error) bool {
	return slices.Contains(list, target)
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// An error or two, then success.
func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]responder{
		"429": always(429, ""), "500": always(500, ""), "dial": failing(opError("dial", syscall.ECONNREFUSED)),
		"reset": failing(syscall.ECONNRESET), "cut": cutBody(io.ErrUnexpectedEOF), "busy": always(200, refusal("busy", "")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rt := &fake{answer: sequence(first, first, first, always(200, good))}
				var data string
				c := call(kernel.Idempotent)
				c.Read = read(&data)
				require.NoError(t, newClient(t, rt).Do(t.Context(), c))
				assert.Equal(t, 4, rt.sent(), "the default number of attempts")
				assert.Equal(t, "payload", data)
			})
		})
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	lost, never, throttled := failing(syscall.ECONNRESET), failing(opError("dial", syscall.ECONNREFUSED)), always(429, "")
	refused, done := always(200, refusal("9", "exists")), always(200, good)
	for name, c := range map[string]struct {
		class   kernel.Class
		answers []responder
		sent    int
		ok      bool
		unknown bool
	}{
		"once, lost is never repeated":          {kernel.Once, []responder{lost, done}, 1, false, true},
		"once, 500 is never repeated":           {kernel.Once, []responder{always(500, ""), done}, 1, false, true},
		"once, never sent is repeated":          {kernel.Once, []responder{never, never, done}, 3, true, false},
		"once, throttled is repeated":           {kernel.Once, []responder{throttled, never, done}, 3, true, false},
		"once, never sent then lost":            {kernel.Once, []responder{never, lost, done}, 2, false, true},
		"once, throttled then refused":          {kernel.Once, []responder{throttled, refused}, 2, false, false},
		"once, refused":                         {kernel.Once, []responder{refused, done}, 1, false, false},
		"idempotent, lost then done":            {kernel.Idempotent, []responder{lost, done}, 2, true, false},
		"idempotent, lost then refused":         {kernel.Idempotent, []responder{lost, refused}, 2, false, true},
		"idempotent, lost then 404":             {kernel.Idempotent, []responder{lost, always(404, "")}, 2, false, true},
		"idempotent, lost then never sent":      {kernel.Idempotent, []responder{lost, never}, 6, false, true},
		"idempotent, lost then throttled":       {kernel.Idempotent, []responder{lost, throttled}, 6, false, true},
		"idempotent, unreadable, then refused":  {kernel.Idempotent, []responder{always(200, ""), refused}, 2, false, true},
		"idempotent, never sent":                {kernel.Idempotent, []responder{never}, 6, false, false},
		"read, lost then refused":               {kernel.Read, []responder{lost, refused}, 2, false, false},
		"idempotent, throttled by waiting long": {kernel.Idempotent, []responder{lost, always(429, "", "Retry-After", "3600")}, 2, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rt := &fake{answer: sequence(c.answers...)}
				err := newClient(t, rt).Do(t.Context(), call(c.class))
				assert.Equal(t, c.sent, rt.sent())
				if c.ok {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, c.unknown, failure(t, err).OutcomeUnknown)
				assert.Equal(t, c.unknown, strings.HasSuffix(err.Error(), "(outcome unknown)"))
			})
		})
	}
}

// The sentinel of a code belongs to one vendor and one code.
func TestCodeSentinels(t *testing.T) {
	t.Parallel()
	err := newClient(t, &fake{answer: always(200, refusal("100", ""))}).Do(t.Context(), call(kernel.Read))
	require.ErrorIs(t, err, kernel.NewCode(vendor, "100", "x"))
	require.NotErrorIs(t, err, kernel.NewCode(vendor, "101", "x"))
	require.NotErrorIs(t, err, kernel.NewCode("other", "100", "x"))
	assert.Equal(t, "acme: no such thing (code 100)", kernel.NewCode(vendor, "100", "no such thing").Error())
	assert.Equal(t, "refused with code "+strconv.Itoa(100), (&kernel.Rejection{Code: "100", Message: "secret"}).Error())
}
