package kernel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/token"
)

// said collects whatever a call says: its error, printed in every way and down
// the whole tree, log records and hook events.
type said struct{ bytes.Buffer }

func (s *said) options() []kernel.Option {
	level := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: false}
	return []kernel.Option{
		kernel.WithLogger(slog.New(slog.NewMultiHandler(slog.NewTextHandler(s, level), slog.NewJSONHandler(s, level)))),
		kernel.WithHook(func(_ context.Context, a kernel.Attempt) {
			s.value(a)
			s.err(a.Err)
		}),
	}
}

func (s *said) value(v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		fmt.Fprintf(s, verb+"\n", v)
	}
	if b, err := json.Marshal(v); err == nil {
		s.Write(b)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(s, nil), slog.NewJSONHandler(s, nil)} {
		slog.New(h).Info("said", "v", v)
	}
}

func (s *said) err(err error) {
	if err == nil {
		return
	}
	s.value(err)
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			s.err(e)
		}
	}
	s.err(errors.Unwrap(err))
}

// plantable keeps the fuzzer to values that a request can carry and that do
// not occur in our own words.
func plantable(v string) bool {
	const own = `acme doit gettoken success errorCode error access_token X-Token time level WARN DEBUG ERROR INFO msg vendor call said op attempt status code duration cause wait
		attempts retry_after outcome_unknown http internal server error service unavailable bad request unauthorized too many requests connection reset transport failure
		answer is not html json empty cut off utf-8 field cannot be read as text true false integer array object malformed large context canceled deadline exceeded kernel
		vendorerror failure kernel_test httpstatus message retryafter outcomeunknown err number retry string int null *** <nil> 0x (after 2 attempts) {}[]":,`
	fold := strings.ToLower(v)
	return utf8.ValidString(v) && len(v) >= 6 && len(v) < 200 && !strings.ContainsAny(v, "*…") && strings.TrimFunc(v, isPlain) == "" &&
		!strings.Contains(own, fold) && strings.Trim(fold, "0123456789.:-+tz") != ""
}

func isPlain(r rune) bool { return r > ' ' && r < 0x7f || r >= 0x4e00 && r <= 0x9fff }

// FuzzSecrecy plants secrets wherever a call has room for one and searches
// whatever it says for them.
func FuzzSecrecy(f *testing.F) {
	for kind := range uint8(10) {
		f.Add("CANARYtoken0123456789abcdef012345", "金丝雀金丝雀", "canary.bird@example.com", kind)
		f.Add("tok&en=%41+x", `na"me\u0041</b>`, "138-1234-5678", kind)
		f.Add(`SeCrE\\`, "secret", ".C%A0%4E%B8C%A", kind)
		f.Add("e{tHEr", "se++++", "dE5%BC%I0%E89", kind)
		f.Add("SeCrEt", "secret", "%E5%BC%A0%E4%B8%89", kind)
	}
	f.Fuzz(func(t *testing.T, one, two, three string, kind uint8) {
		secrets := []string{one, two, three}
		for _, s := range secrets {
			if !plantable(s) {
				return
			}
		}
		var out said
		c := planted(one, two, three)
		client := newClient(t, &fake{answer: careless(kind, secrets)}, append(out.options(), kernel.WithRetry(2, time.Nanosecond),
			kernel.WithHeader(http.Header{"X-Gateway": {url.QueryEscape(two)}}))...)
		out.err(client.Do(t.Context(), c))
		for _, s := range secrets {
			escaped, _ := json.Marshal(s)
			for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s), strings.Trim(string(escaped), `"`), fmt.Sprintf("%x", s)} {
				if strings.Contains(out.String(), form) {
					t.Fatalf("%q is shown in\n%s", form, out.String())
				}
			}
		}
	})
}

// planted is a call with a secret wherever there is room for one.
func planted(one, two, three string) kernel.Call {
	c := withTokens(kernel.Idempotent, token.Static(one))
	c.Query = url.Values{"q": {two}}
	c.Body, _ = json.Marshal(map[string]any{"list": []any{map[string]string{"v": three}}})
	c.Authorize = func(_ context.Context, out *kernel.Outgoing, credential string) error {
		out.Query.Set("access_token", credential)
		out.Header.Set("X-Token", url.QueryEscape(credential))
		return nil
	}
	return c
}

// careless answers, or fails, with all the secrets, escaped in some way.
func careless(kind uint8, secrets []string) responder {
	return func(_ int, r *http.Request) (*http.Response, error) {
		all := strings.Join(secrets, " / ")
		switch kind % 10 {
		case 0:
			return respond(r, 200, refusal("100", all)), nil
		case 1:
			return respond(r, 200, refusal("100", "bad: "+url.QueryEscape(all))), nil
		case 2:
			inner, _ := json.Marshal(secrets)
			return respond(r, 200, refusal("100", "bad: "+string(inner))), nil
		case 3:
			return respond(r, 500, refusal("100", strings.ToUpper(all))), nil
		case 4:
			return respond(r, 200, "<html>"+all), nil
		case 5:
			return respond(r, 200, `{"success":{"`+url.QueryEscape(all)+`":1}}`), nil
		case 6:
			resp := respond(r, 200, good)
			resp.Body = io.NopCloser(errReader{errors.New(all)})
			return resp, nil
		case 7:
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: chatty{all}}
		case 8:
			return respond(r, 302, all, "Location", "http://elsewhere.test/?"+url.QueryEscape(all)), nil
		}
		return respond(r, 200, refusal("100", strings.Repeat("x ", 90)+all)), nil
	}
}

// chatty is a transport's own error, a net.Error that tells everything.
type chatty struct{ text string }

func (c chatty) Error() string { return c.text }
func (chatty) Timeout() bool   { return false }
func (chatty) Temporary() bool { return false }

// A code that is none does not come through as one, and what is one stays as
// it is even if the same digits were sent.
func TestCodesAreNotMessages(t *testing.T) {
	t.Parallel()
	c := withTokens(kernel.Read, token.Static("abc123tok"))
	c.Body = []byte(`{"id":200007,"name":"张三","secret":"Wx0pen-Key","user":"Lili","no":8613800000}`)
	for code, want := range map[string]string{
		"200007": "200007", "1201030": "1201030", "USER_NOT.FOUND-1": "USER_NOT.FOUND-1", "": "",
		"13800000001": "***", "张三": "***", "abc123tok": "***", "no such user 张三": "no such user ***",
		"0123456789abcdef0123456789abcdef0": "***", "Wx0pen-Key": "***", "bad.wx0pen-key": "bad.***", "lili": "***", "8613800000": "***",
	} {
		err := newClient(t, &fake{answer: always(200, refusal(code, ""))}).Do(t.Context(), c)
		assert.Equal(t, want, failure(t, err).Code)
	}
}

func TestSensitive(t *testing.T) {
	t.Parallel()
	c := call(kernel.Read)
	c.ContentType = "application/x-www-form-urlencoded;charset=utf-8"
	c.Body = []byte(url.Values{"data": {`{"user":{"name":"金丝雀","no":77001}}`}, "eid": {"team-42"}}.Encode())
	c.Sensitive = func() []string { return []string{"Wei Xiaobao"} }
	set, err := kernel.Apply([]kernel.Option{
		kernel.WithHTTPClient(&http.Client{Transport: &fake{answer: always(200, refusal("1", "金丝雀 77001 team-42 wei xiaobao apik gw-key stays"))}}),
		kernel.WithHeader(http.Header{"X-Gateway": {"Key gw-key"}}),
	})
	require.NoError(t, err)
	client, err := kernel.New(vendor, "http://vendor.test/?key=apik", set, wrap)
	require.NoError(t, err)
	assert.Equal(t, "*** *** *** *** *** *** stays", failure(t, client.Do(t.Context(), c)).Message)

	assert.ElementsMatch(t, []string{"1", "b", "13800000001"}, kernel.SentValues("application/json", []byte(`{"a":[1,"b",true,null],"c":{"d":13800000001}}`)))
	assert.Empty(t, kernel.SentValues("application/json", []byte(`not JSON`)))
	assert.Equal(t, []string{"b"}, kernel.SentValues("application/x-www-form-urlencoded", []byte(`a=b&%zz=c`)))
}

// A vendor may speak of the token before, of what the token was got with, and of cookies.
func TestCredentialsThatTheCallDidNotSend(t *testing.T) {
	t.Parallel()
	n := 0
	cache := token.NewCache(token.Config{
		Fetch: func(context.Context) (token.Token, error) {
			n++
			return token.New([]string{"first-token", "second-token"}[min(n, 2)-1], time.Time{}), nil
		},
		Secrets: func() []string { return []string{"app-secret"} },
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	base, err := url.Parse("https://vendor.test/api/doit")
	require.NoError(t, err)
	jar.SetCookies(base, []*http.Cookie{{Name: "route", Value: "cookie-77"}})
	message := "FIRSTTOKEN replaced by second_token of APP.SECRET via Cookie77, sorry"
	hc := &http.Client{Transport: &fake{answer: always(200, refusal("badtoken", message))}, Jar: jar}
	e := failure(t, newClient(t, nil, kernel.WithHTTPClient(hc)).Do(t.Context(), withTokens(kernel.Read, cache)))
	assert.Equal(t, 2, e.Attempts)
	assert.Equal(t, "*** replaced by *** of *** via ***, sorry", e.Message)
	for _, code := range []string{"SECOND.TOKEN", "x-appsecret", "APPSECRET"} {
		hc.Transport = &fake{answer: always(200, refusal(code, ""))}
		e := failure(t, newClient(t, nil, kernel.WithHTTPClient(hc)).Do(t.Context(), withTokens(kernel.Read, cache)))
		assert.Contains(t, e.Code, "***")
	}
}

// What an attempt sent does not depend on when its texts are scrubbed.
func TestScrubber(t *testing.T) {
	t.Parallel()
	var scrub kernel.Scrubber
	assert.Equal(t, "金丝雀 ***", scrub.Scrub("金丝雀 13800000001"), "knows nothing yet")
	assert.Empty(t, scrub.Scrub(""))
	c := withTokens(kernel.Idempotent, token.Static("tok-77"))
	buffer := kernel.NewBuffer()
	buffer.Bytes = append(buffer.Bytes, `{"name":"金丝雀"}`...)
	c.Body, c.Buffer, c.Scrubber = buffer.Bytes, buffer, &scrub
	require.NoError(t, newClient(t, &fake{answer: always(200, good)}).Do(t.Context(), c))
	kept := scrub
	kept.Collect()
	clear(buffer.Bytes)
	buffer.Release()
	assert.Equal(t, "*** and *** stay", kept.Scrub("金 丝 雀 and Tok77 stay"))
}

// One client, many goroutines: calls do not see each other's state.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	var n sync.Map
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		id := r.URL.Query().Get("id")
		seen, again := n.LoadOrStore(id, true)
		_ = seen
		switch {
		case !again && id[0] == 'a':
			return respond(r, 503, ""), nil
		case r.URL.Query().Get("access_token") == "old":
			return respond(r, 401, ""), nil
		}
		return respond(r, 200, `{"success":true,"data":"`+id+text(t, r.Body)+`"}`), nil
	})
	header := http.Header{"X-Many": {"1", "2", "3"}}
	client := newClient(t, rt, append((&lockedSaid{}).options(), kernel.WithRetry(3, time.Millisecond), kernel.WithHeader(header))...)
	cache := tokens("old", "new")
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			id := fmt.Sprintf("%c%d", 'a'+i%2, i)
			var data string
			c := withTokens(kernel.Idempotent, cache)
			c.Query = url.Values{"id": {id}}
			c.Body = []byte(id)
			c.Read = read(&data)
			c.Authorize = func(ctx context.Context, out *kernel.Outgoing, credential string) error {
				out.Header.Add("X-Many", id)
				return inQuery(ctx, out, credential)
			}
			if assert.NoError(t, client.Do(t.Context(), c)) {
				assert.Equal(t, id+id, data)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, http.Header{"X-Many": {"1", "2", "3"}}, header)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type lockedSaid struct {
	mu sync.Mutex
	said
}

func (s *lockedSaid) options() []kernel.Option {
	return []kernel.Option{kernel.WithHook(func(_ context.Context, a kernel.Attempt) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.value(a)
	})}
}
