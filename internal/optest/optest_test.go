package optest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/token"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// A small vendor, written as the real ones are: it shows that the sweep passes
// for a client that does it right.

type acmeError kernel.Failure

func (e *acmeError) Error() string        { return (*kernel.Failure)(e).Error() }
func (e *acmeError) Unwrap() error        { return e.Err }
func (e *acmeError) Is(target error) bool { return (*kernel.Failure)(e).Is(target) }
func (e *acmeError) LogValue() slog.Value { return (*kernel.Failure)(e).LogValue() }

type acme struct {
	kernel *kernel.Client
	tokens *token.Cache
	secret redact.Secret
}

func newAcme(options ...kernel.Option) (*acme, error) {
	set, err := kernel.Apply(options)
	if err != nil {
		return nil, err
	}
	k, err := kernel.New("acme", "http://acme.test/v1", set, func(f *kernel.Failure) error { return (*acmeError)(f) })
	if err != nil {
		return nil, err
	}
	c := &acme{kernel: k, secret: redact.NewSecret(optest.Secret)}
	c.tokens = token.NewCache(token.Config{Fetch: c.fetch, Secrets: func() []string { return []string{optest.Secret} }})
	return c, nil
}

func into(v any) func([]byte) error {
	return func(body []byte) error {
		var success bool
		var code, message string
		var data []byte
		s := wire.NewScanner(body)
		for more := s.Object(""); more; more = s.More('}') {
			switch string(s.Key()) {
			case "success":
				success, _ = s.Flag("success")
			case "code":
				code = s.Text("code", wire.Lenient)
			case "message":
				message = s.Remark()
			case "data":
				data = s.Raw()
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
			return &kernel.Rejection{Code: code, Message: message}
		}
		if json.Unmarshal(data, v) != nil {
			return &wire.DecodeError{Field: "data", Problem: "cannot be read"}
		}
		return nil
	}
}

func (c *acme) fetch(ctx context.Context) (token.Token, error) {
	var got struct{ Token string }
	err := c.kernel.Do(ctx, kernel.Call{
		Op:    kernel.Op{Name: "gettoken", Method: http.MethodGet, Path: "/token", Class: kernel.Read},
		Query: url.Values{"secret": {c.secret.Reveal()}},
		Read:  into(&got),
	})
	return token.New(got.Token, time.Time{}), err
}

type person struct{ Name, Mobile string }

func (p person) LogValue() slog.Value { return slog.GroupValue(slog.Bool("named", p.Name != "")) }

func (p person) Format(f fmt.State, _ rune) { redact.Format(f, "person", p.LogValue()) }

func (c *acme) do(ctx context.Context, op kernel.Op, contentType string, body []byte) (person, error) {
	var p person
	err := c.kernel.Do(ctx, kernel.Call{
		Op: op, ContentType: contentType, Body: body, Tokens: c.tokens, Read: into(&p),
		Authorize: func(_ context.Context, out *kernel.Outgoing, credential string) error {
			out.Query.Set("access_token", credential)
			out.Header.Set("X-Token", credential)
			return nil
		},
		Rejected: func(status int, _ string) bool { return status == http.StatusUnauthorized },
	})
	if err != nil {
		return person{}, err
	}
	return p, nil
}

const goodAnswer = `{"success":true,"data":{"Name":"` + optest.Name + `","Mobile":"` + optest.Mobile + `"}}`

func op(name string, class kernel.Class, contentType string, body []byte) optest.Op {
	return optest.Op{
		Name: name, Class: class, Good: goodAnswer + "\n",
		Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
			c, err := newAcme(options...)
			if err != nil {
				return nil, err
			}
			return c.do(ctx, kernel.Op{Name: name, Method: http.MethodPost, Path: "/" + name, Class: class}, contentType, body)
		},
	}
}

func TestSuitePassesForACorrectClient(t *testing.T) {
	t.Parallel()
	form := []byte(url.Values{"name": {optest.Name}, "mobile": {optest.Mobile}, "card": {optest.Card}, "email": {optest.Email}}.Encode())
	js, err := wire.Encode(map[string]any{"key": optest.SignKey, "list": []person{{optest.Name, optest.Mobile}}, "email": optest.Email})
	require.NoError(t, err)
	optest.Suite{
		Vendor: "acme",
		Failure: func(err error) (*kernel.Failure, bool) {
			e, ok := errors.AsType[*acmeError](err)
			return (*kernel.Failure)(e), ok
		},
		Refuse: func(message string) string {
			return `{"success":false,"code":7,"message":"` + message + `"}`
		},
		Token: func(r *http.Request) (string, bool) {
			return `{"success":true,"data":{"Token":"` + optest.Token + `"}}`, strings.HasSuffix(r.URL.Path, "/token")
		},
		Behind: []string{optest.Secret},
		Ops: []optest.Op{
			op("getperson", kernel.Read, "application/x-www-form-urlencoded", form),
			op("listpersons", kernel.Read, "application/json", js),
			op("updateperson", kernel.Idempotent, "application/json", js),
			op("deleteperson", kernel.Idempotent, "application/x-www-form-urlencoded", form),
			op("createperson", kernel.Once, "application/json", js),
			op("sendmail", kernel.Once, "application/x-www-form-urlencoded", form),
		},
	}.Run(t)
}

// recorder is a test that notes its failures.
type recorder struct {
	testing.TB

	failures []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestCanariesAreFound(t *testing.T) {
	t.Parallel()
	for kind, text := range map[string]string{
		"token": "x" + optest.Token + "y", "secret": strings.ToUpper(optest.Secret), "sign key": url.QueryEscape(optest.SignKey), "mobile": optest.Mobile,
		"name": "%e9%87%91%E4%B8%9D%E9%9B%80", "card": fmt.Sprintf("%x", optest.Card), "email": "canary.bird%40example.com",
	} {
		r := &recorder{}
		optest.NoCanary(r, "it", text)
		assert.Equal(t, []string{"it shows the " + kind}, r.failures)
	}
	r := &recorder{}
	optest.NoCanary(r, "it", `{"name":"\u91d1\u4e1d\u96c0"}`)
	assert.Len(t, r.failures, 1)

	r = &recorder{}
	optest.NoCanary(r, "it", "nothing "+base64.StdEncoding.EncodeToString([]byte("at all")))
	assert.Empty(t, r.failures)
}

func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	leak := errors.New("no such user " + optest.Mobile)
	for name, err := range map[string]error{
		"plain":   leak,
		"wrapped": &quiet{leak},
		"joined":  &quietMany{[]error{errors.New("x"), leak}},
		"field":   &kernel.Failure{Message: optest.Mobile},
		"JSON":    &inJSON{optest.Mobile},
	} {
		r := &recorder{}
		optest.SilentError(r, name, err)
		assert.NotEmpty(t, r.failures, name)
	}
	r := &recorder{}
	optest.SilentError(r, "clean", &quiet{errors.New("clean")})
	optest.SilentError(r, "none", nil)
	optest.Silent(r, "none", nil)
	optest.Silent(r, "entity", person{optest.Name, optest.Mobile})
	assert.Empty(t, r.failures)

	r = &recorder{}
	optest.Silent(r, "entity", struct{ Name string }{optest.Name})
	assert.NotEmpty(t, r.failures)
}

type quiet struct{ err error }

func (*quiet) Error() string   { return "quiet" }
func (q *quiet) Unwrap() error { return q.err }

type quietMany struct{ errs []error }

func (*quietMany) Error() string     { return "quiet" }
func (q *quietMany) Unwrap() []error { return q.errs }

type inJSON struct{ Phone string }

func (*inJSON) Error() string              { return "quiet" }
func (*inJSON) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("quiet")) }
func (*inJSON) LogValue() slog.Value       { return slog.StringValue("quiet") }
