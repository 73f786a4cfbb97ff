package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// A robot refuses with HTTP 200, and an answer of another shape is no success.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel notify.Channel
		status  int
		body    string
		code    string // "-": no refusal, but still an error
		says    string
	}{
		"yunzhijia took it":      {notify.Yunzhijia, 200, `{"success":true}`, "", ""},
		"yunzhijia, as text":     {notify.Yunzhijia, 200, `{"success":"true","error":null}`, "", ""},
		"yunzhijia, too long":    {notify.Yunzhijia, 200, `{"success":false,"errorCode":1401002,"error":"消息内容太长"}`, "1401002", "消息内容太长"},
		"yunzhijia, errmsg":      {notify.Yunzhijia, 200, `{"success":false,"errmsg":"robot is gone"}`, "", "robot is gone"},
		"yunzhijia, unsaid":      {notify.Yunzhijia, 200, `{"errcode":0}`, "-", "success"},
		"wecom took it":          {notify.WeCom, 200, `{"errcode":0,"errmsg":"ok"}`, "", ""},
		"wecom, wrong key":       {notify.WeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url, hint: [1], from ip: 203.0.113.7"}`, "93000", "url, hint: [1]"},
		"wecom, as text":         {notify.WeCom, 200, `{"errcode":"40058","errmsg":"too long"}`, "40058", "too long"},
		"wecom, unsaid":          {notify.WeCom, 200, `{"errmsg":"ok"}`, "-", "errcode"},
		"wecom, no JSON":         {notify.WeCom, 200, `ok`, "-", "JSON"},
		"wecom, a page":          {notify.WeCom, 200, `<html>ok</html>`, "-", "HTML"},
		"wecom, nothing":         {notify.WeCom, 200, ``, "-", "empty"},
		"dingtalk took it":       {notify.DingTalk, 200, `{"errcode":0,"errmsg":"ok"}`, "", ""},
		"dingtalk, keyword":      {notify.DingTalk, 200, `{"errcode":310000,"errmsg":"keywords not in content"}`, "310000", "keywords not in content"},
		"dingtalk, silenced":     {notify.DingTalk, 200, `{"status":1111,"punish":"deny","wait":600}`, "130101", "too many"},
		"dingtalk, silenced too": {notify.DingTalk, 200, `{"status":1111,"wait":600,"errcode":130101,"errmsg":"send too fast"}`, "130101", "send too fast"},
		"feishu took it":         {notify.Feishu, 200, `{"code":0,"msg":"success"}`, "", ""},
		"feishu, old":            {notify.Feishu, 200, `{"StatusCode":0,"StatusMessage":"success"}`, "", ""},
		"feishu, signature":      {notify.Feishu, 200, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`, "19021", "sign match fail"},
		"feishu, code counts":    {notify.Feishu, 200, `{"code":9499,"msg":"Bad Request","StatusCode":0}`, "9499", "Bad Request"},
		"feishu, old refusal":    {notify.Feishu, 200, `{"StatusCode":19024,"StatusMessage":"Key Words Not Found"}`, "19024", "Key Words Not Found"},
		"feishu, HTTP 400":       {notify.Feishu, 400, `{"code":9499,"msg":"Bad Request"}`, "9499", "HTTP 400"},
		"feishu, unsaid":         {notify.Feishu, 200, `{"msg":"success"}`, "-", "code"},
		"plain, 204":             {notify.Webhook, 204, ``, "", ""},
		"plain, no JSON":         {notify.Webhook, 200, `thanks`, "", ""},
		"plain, 404":             {notify.Webhook, 404, `{"ok":true}`, "-", "HTTP 404"},
		"a redirect":             {notify.Webhook, 302, ``, "-", "HTTP 302"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(reply{status: c.status, body: c.body, header: http.Header{"Location": {"https://elsewhere.example.com/"}}})
			err := newNotifier(t, receiverURL(c.channel, "t1"), "", r.option()).Send(t.Context(), failedMessage(t))
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			failed, ok := errors.AsType[*notify.Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, strings.TrimPrefix(c.code, "-"), failed.Code)
			require.ErrorContains(t, err, c.says)
			assert.Equal(t, string(c.channel), failed.Vendor)
			for _, got := range r.got {
				assert.NotContains(t, got.url, "elsewhere")
			}
		})
	}
}

// Where a robot says "too often", there is one other try, a whole minute later.
func TestTooOften(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel notify.Channel
		answer  reply
		tries   int
	}{
		"wecom":             {notify.WeCom, reply{status: 200, body: `{"errcode":45009,"errmsg":"api freq out of limit"}`}, 2},
		"feishu":            {notify.Feishu, reply{status: 200, body: `{"code":11232,"msg":"frequency limited"}`}, 2},
		"dingtalk":          {notify.DingTalk, reply{status: 200, body: `{"errcode":130101,"errmsg":"send too fast"}`}, 1},
		"yunzhijia, 429":    {notify.Yunzhijia, reply{status: 429, header: http.Header{"Retry-After": {"30"}}}, 2},
		"plain, 429":        {notify.Webhook, reply{status: 429, header: http.Header{"Retry-After": {"60"}}}, 2},
		"plain, an hour":    {notify.Webhook, reply{status: 429, header: http.Header{"Retry-After": {"3600"}}}, 1},
		"another refusal":   {notify.WeCom, reply{status: 200, body: `{"errcode":93000,"errmsg":"invalid webhook url"}`}, 1},
		"a proxy's refusal": {notify.Webhook, reply{status: 403}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := answering(c.answer)
			n := newNotifier(t, receiverURL(c.channel, "t1"), "", r.option())
			err := n.Send(t.Context(), failedMessage(t))
			require.Error(t, err, name)
			require.Len(t, r.got, c.tries, name)
			if c.tries == 2 {
				assert.Equal(t, time.Minute, r.got[1].at.Sub(r.got[0].at), name)
				require.ErrorIs(t, err, notify.ErrRateLimited, name)
			}

			// It passes the second time.
			r = answering(c.answer, success(c.channel))
			err = newNotifier(t, receiverURL(c.channel, "t1"), "", r.option()).Send(t.Context(), failedMessage(t))
			assert.Equal(t, c.tries == 2, err == nil, name)

			// There is no time for a second try.
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			begin := time.Now()
			r = answering(c.answer)
			require.Error(t, newNotifier(t, receiverURL(c.channel, "t1"), "", r.option()).Send(ctx, failedMessage(t)), name)
			assert.Len(t, r.got, 1, name)
			assert.Zero(t, time.Since(begin), name)
		})
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := answering(reply{status: 200, body: `{"errcode":45009}`})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, cancel)
		begin := time.Now()
		require.ErrorIs(t, newNotifier(t, wecomURL+"k1", "", r.option()).Send(ctx, failedMessage(t)), notify.ErrRateLimited)
		assert.Equal(t, 20*time.Second, time.Since(begin))
	})
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]reply{
		"502":           {status: 502, body: "<html>"},
		"broken":        {err: errors.New("connection reset")},
		"dingtalk busy": {status: 200, body: `{"errcode":-1,"errmsg":"system busy"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := answering(first, success(notify.DingTalk))
			require.NoError(t, newNotifier(t, dingtalkURL+"t1", "", r.option()).Send(t.Context(), failedMessage(t)), name)
			assert.Len(t, r.got, 2, name)
			r = answering(first)
			require.Error(t, newNotifier(t, dingtalkURL+"t1", "", r.option()).Send(t.Context(), failedMessage(t)), name)
			assert.Len(t, r.got, 3, name)
		})
	}
}

// silent never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAReceiverThatNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, client := range []*http.Client{{Transport: silent{}}, {Transport: silent{}, Timeout: time.Hour}} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			err := newNotifier(t, plainURL, "", notify.WithHTTPClient(client)).Send(t.Context(), failedMessage(t))
			require.ErrorIs(t, err, notify.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.LessOrEqual(t, time.Since(begin), time.Minute)
			assert.GreaterOrEqual(t, time.Since(begin), 30*time.Second, "three attempts of 10 seconds")
			failed, ok := errors.AsType[*notify.Error](err)
			require.True(t, ok)
			assert.True(t, failed.OutcomeUnknown)
			assert.Equal(t, 3, failed.Attempts)
		})
	}
}

func TestAnAnswerThatIsTooLong(t *testing.T) {
	t.Parallel()
	r := answering(reply{status: 200, body: `{"errcode":0,"errmsg":"` + strings.Repeat("x", 1<<17) + `"}`})
	require.ErrorIs(t, newNotifier(t, wecomURL+"k1", "", r.option()).Send(t.Context(), failedMessage(t)), notify.ErrMalformed)
}

// long is a message with so many problems and targets that no robot takes it whole.
func long(t *testing.T, name string) notify.Message {
	m := failedMessage(t)
	m.Tenant = "10000001"
	for i := range 2000 {
		m.Targets = append(m.Targets, notify.Target{Name: fmt.Sprintf("%s%d", name, i)})
	}
	return m
}

func TestLongMessagesAreCut(t *testing.T) {
	t.Parallel()
	for _, c := range channels() {
		for _, name := range []string{"目标", "<&>\"\\", "x"} {
			r := answering(success(c))
			require.NoError(t, newNotifier(t, receiverURL(c, "t1"), "", r.option()).Send(t.Context(), long(t, name)))
			body := r.got[0].body
			if c == notify.Webhook {
				assert.Contains(t, body, "1999")
				continue
			}
			text := textOf(t, c, body)
			assert.True(t, utf8.ValidString(text))
			assert.True(t, strings.HasSuffix(text, "\n…（已截断）"), "it does not say that it was cut")
			assert.Contains(t, text, "下一步", "what to do was cut off")
			assert.NotContains(t, strings.TrimSuffix(text, "\n…（已截断）"), "…")
			switch c {
			case notify.Yunzhijia:
				assert.LessOrEqual(t, utf8.RuneCountInString(text), 5000)
				assert.Greater(t, utf8.RuneCountInString(text), 4900)
			case notify.WeCom:
				assert.LessOrEqual(t, len(text), 2048)
				assert.Greater(t, len(text), 1900)
			default:
				assert.LessOrEqual(t, len(body), 20_000)
				assert.Greater(t, len(body), 18_000)
			}
		}
	}
	// One line alone is too long.
	r := answering(success(notify.WeCom))
	n := newNotifier(t, wecomURL+"k1", "", r.option(), notify.WithPrefix(strings.Repeat("张", 3000)))
	require.NoError(t, n.Send(t.Context(), failedMessage(t)))
	text := textOf(t, notify.WeCom, r.got[0].body)
	assert.True(t, utf8.ValidString(text))
	assert.LessOrEqual(t, len(text), 2048)
	assert.Greater(t, len(text), 2000)
}

// Ids and names cannot call the whole group.
func TestNamesCallNoOne(t *testing.T) {
	t.Parallel()
	m := failedMessage(t)
	m.Targets[0].Name = `@All <at user_id="all">x</at>` + "\n@all"
	for _, c := range []notify.Channel{notify.Yunzhijia, notify.Feishu} {
		r := answering(success(c))
		require.NoError(t, newNotifier(t, receiverURL(c, "t1"), "", r.option()).Send(t.Context(), m))
		text := textOf(t, c, r.got[0].body)
		if c == notify.Yunzhijia {
			assert.NotContains(t, text, "@")
		} else {
			assert.NotContains(t, text, "<at")
		}
		assert.NotContains(t, text, "\n@all", "a name forges a line")
	}
}

func TestPrefixAndLink(t *testing.T) {
	t.Parallel()
	r := answering(success(notify.DingTalk))
	n := newNotifier(t, dingtalkURL+"t1", "", r.option(), notify.WithLanguage(notify.English),
		notify.WithPrefix("[ops] "), notify.WithLink("https://sync.example.com/"))
	require.NoError(t, n.Send(t.Context(), failedMessage(t)))
	assert.Equal(t, `[ops] Org sync failed
Team: 10000001
Run: 2025-01-01 00:00 +00:00, exit status 1
• the source yunzhijia could not be read; nothing was written
Next: nothing yet, the next run goes on from there; if it keeps failing, read the report
https://sync.example.com/
tuzhan: 0 sent, 0 failed, 0 skipped`, textOf(t, notify.DingTalk, r.got[0].body))
}

// The address and the secret are in no error, log record or printed value, whatever the
// receiver answers.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	for _, c := range channels() {
		synctest.Test(t, func(t *testing.T) { keepsSecrets(t, c) })
	}
}

func keepsSecrets(t *testing.T, c notify.Channel) {
	address, secret, quoted := receiverURL(c, optest.Token), "", optest.Token
	if c == notify.DingTalk || c == notify.Feishu || c == notify.Webhook {
		secret, quoted = optest.Secret, optest.Secret
	}
	_, err := notify.New("https://example.com/%zz"+optest.Token, optest.Secret)
	optest.SilentError(t, "error", err)
	for _, answer := range []reply{
		{status: 200, body: `{"success":false,"errcode":1,"code":1,"error":"bad ` + optest.Token + ` ` + quoted + `","msg":"` + quoted + `","errmsg":"` + address + `"}`},
		{status: 200, body: `{"errorCode":"` + optest.Token + `","errcode":"` + optest.Token + `","code":"` + quoted + `","success":false}`},
		{status: 500, body: address}, {status: 302, header: http.Header{"Location": {address}}},
		{err: &url.Error{Op: "Post", URL: address, Err: errors.New(optest.Token)}},
	} {
		var log bytes.Buffer
		r := answering(answer)
		options := []notify.Option{r.option(), notify.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
		h, err := notify.NewHeartbeat(plainURL+optest.Token+"?status=up&key="+optest.Secret, options...)
		require.NoError(t, err)
		optest.Silent(t, "heartbeat", h)
		optest.SilentError(t, "error", h.Ping(t.Context()))
		if c == notify.Webhook {
			options = append(options, notify.WithAuthorization("Bearer "+optest.SignKey))
		}
		n := newNotifier(t, address, secret, options...)
		optest.Silent(t, "notifier", n)
		optest.Silent(t, "config", notify.AlarmsConfig{Notifier: n, Heartbeat: h})
		err = n.Send(t.Context(), failedMessage(t))
		assert.Equal(t, c == notify.Webhook && answer.status == 200, err == nil)
		optest.SilentError(t, "error", err)
		assert.NotEmpty(t, log.String())
		optest.NoCanary(t, "log", log.String())
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"healthchecks.io":          {200, "OK", ""},
		"anything else":            {204, "", ""},
		"uptime kuma":              {200, `{"ok": true}`, ""},
		"not found":                {200, "OK (not found)", "not found"},
		"rate limited":             {200, "OK (rate limited)", "rate limited"},
		"uptime kuma, not found":   {404, `{"ok": false, "msg": "Monitor not found or not active."}`, "HTTP 404"},
		"uptime kuma, with a 200":  {200, `{"ok": false, "msg": "not active"}`, "not active"},
		"redirect to a login page": {302, "", "HTTP 302"},
	} {
		r := answering(reply{status: c.status, body: c.body})
		h, err := notify.NewHeartbeat("https://hc.example.com/ping/u1?status=up&msg=OK", r.option())
		require.NoError(t, err)
		err = h.Ping(t.Context())
		assert.Equal(t, "GET", r.got[0].method)
		assert.Equal(t, "https://hc.example.com/ping/u1?status=up&msg=OK", r.got[0].url)
		assert.Empty(t, r.got[0].body)
		if c.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		assert.Len(t, r.got, 1, name)
	}
}

// Over a real socket: redirects are refused, and the trailing slash is kept.
func TestOverASocket(t *testing.T) {
	t.Parallel()
	var paths []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/hook/", http.StatusTemporaryRedirect)
		}
	}))
	defer srv.Close()
	require.NoError(t, newNotifier(t, srv.URL+"/hook/", "").Send(t.Context(), failedMessage(t)))
	require.ErrorContains(t, newNotifier(t, srv.URL+"/moved", "").Send(t.Context(), failedMessage(t)), "HTTP 307")
	assert.Equal(t, []string{"POST /hook/", "POST /moved"}, paths)
}
