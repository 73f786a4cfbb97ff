package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

const failedText = "组织同步 失败\\n团队：10000001\\n运行：2025-01-01 00:00 +00:00，退出码 1\\n" +
	"• 来源 yunzhijia 读取失败，未写入任何目标\\n下一步：无需操作，下次运行会继续；若一直失败，看报告\\ntuzhan：已写 0，失败 0，跳过 0"

// The bodies and signatures are those of the vendors' docs.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1735689600000)
	for name, c := range map[string]struct {
		address, secret string
		channel         notify.Channel
		url, body       string
	}{
		"yunzhijia": {yunzhijiaURL + "t1", "", notify.Yunzhijia, yunzhijiaURL + "t1", `{"content": "%s"}`},
		"yunzhijia, on a host of one's own": {
			"http://im.example.com/gateway/robot/webhook/send?yzjtype=0&yzjtoken=t1", "", notify.Yunzhijia,
			"http://im.example.com/gateway/robot/webhook/send?yzjtype=0&yzjtoken=t1", `{"content": "%s"}`,
		},
		"wecom": {wecomURL + "k1", "", notify.WeCom, wecomURL + "k1", `{"msgtype": "text", "text": {"content": "%s"}}`},
		"dingtalk": {
			dingtalkURL + "t1", "", notify.DingTalk, dingtalkURL + "t1",
			`{"msgtype": "text", "text": {"content": "%s"}, "at": {"isAtAll": false}}`,
		},
		"dingtalk, signed": {
			dingtalkURL + "t1", "SEC000example", notify.DingTalk,
			dingtalkURL + "t1&sign=sOiLeDhRslx5x5HcaD8Sd5GqE66rk4Uxqo%2BxgukAI9g%3D&timestamp=1735689600000",
			`{"msgtype": "text", "text": {"content": "%s"}, "at": {"isAtAll": false}}`,
		},
		"feishu": {feishuURL + "h1", "", notify.Feishu, feishuURL + "h1", `{"msg_type": "text", "content": {"text": "%s"}}`},
		"lark, signed": {
			"https://open.larksuite.com/open-apis/bot/v2/hook/h1", "example", notify.Feishu,
			"https://open.larksuite.com/open-apis/bot/v2/hook/h1",
			`{"timestamp": "1735689600", "sign": "biRXem6MXFxP4J04f44VCxwxzy7nPoi0ZzOLaUeI4xs=", "msg_type": "text", "content": {"text": "%s"}}`,
		},
		"plain": {
			plainURL, "", notify.Webhook, plainURL,
			`{"event": "sync.failed", "tenant": "10000001", "run": "2025-01-01T00:00:00Z", "exit": 1,
			  "summary": "Org sync failed: the source yunzhijia could not be read; nothing was written",
			  "targets": [{"name": "tuzhan", "sent": 0, "failed": 0, "skipped": 0}],
			  "problems": [{"kind": "source", "name": "yunzhijia"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(success(c.channel))
			n := newNotifier(t, c.address, c.secret, r.option(), notify.WithClock(func() time.Time { return at }))
			assert.Equal(t, c.channel, n.Channel())
			require.NoError(t, n.Send(t.Context(), failedMessage(t)))
			require.Len(t, r.got, 1)
			got := r.got[0]
			assert.Equal(t, "POST", got.method)
			assert.Equal(t, c.url, got.url)
			assert.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
			want := c.body
			if c.channel != notify.Webhook {
				want = fmt.Sprintf(c.body, failedText)
			}
			assert.JSONEq(t, want, got.body)
		})
	}
}

// The second vector of 飞书, with a stamp that is long gone.
func TestFeishuSignature(t *testing.T) {
	t.Parallel()
	r := answering(success(notify.Feishu))
	n := newNotifier(t, feishuURL+"h1", "demo", r.option(), notify.WithClock(func() time.Time { return time.Unix(100, 999) }))
	require.NoError(t, n.Send(t.Context(), failedMessage(t)))
	assert.Contains(t, r.got[0].body, `"timestamp":"100","sign":"jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg="`)
}

func TestPlainMessagesAreSigned(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef01234567")
	for _, secret := range []string{string(key), "whsec_" + base64.StdEncoding.EncodeToString(key)} {
		// The first attempt meets a gateway that is not up.
		r := answering(reply{status: 502, body: "<html>"}, success(notify.Webhook))
		now := time.Unix(1735689600, 0)
		n := newNotifier(t, plainURL, secret, r.option(), notify.WithAuthorization("Bearer t1"),
			notify.WithClock(func() time.Time { now = now.Add(time.Second); return now }))
		require.NoError(t, n.Send(t.Context(), failedMessage(t)))
		require.Len(t, r.got, 2)
		for _, got := range r.got {
			id, stamp := got.header.Get("webhook-id"), got.header.Get("webhook-timestamp")
			h := hmac.New(sha256.New, key)
			h.Write([]byte(id + "." + stamp + "." + got.body))
			assert.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)), got.header.Get("webhook-signature"))
			assert.NotEmpty(t, id)
			assert.Equal(t, "Bearer t1", got.header.Get("Authorization"))
		}
		assert.Equal(t, r.got[0].header.Get("webhook-id"), r.got[1].header.Get("webhook-id"), "a repetition is the same message")
		assert.NotEqual(t, r.got[0].header.Get("webhook-timestamp"), r.got[1].header.Get("webhook-timestamp"))
	}
}

func TestChannelIsToldByTheAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]notify.Channel{
		yunzhijiaURL + "t": notify.Yunzhijia,
		"https://yunzhijia.com/gateway/robot/webhook/send?yzjtoken=t": notify.Yunzhijia,
		"http://127.0.0.1:9/cgi-bin/webhook/send?key=k":               notify.WeCom,
		"http://127.0.0.1:9/robot/send?access_token=t":                notify.DingTalk,
		"http://127.0.0.1:9/open-apis/bot/v2/hook/h":                  notify.Feishu,
		"https://chat.example.com/robot/send":                         notify.Webhook,
		"https://hooks.example.com/a/b?c=d":                           notify.Webhook,
	} {
		assert.Equal(t, want, newNotifier(t, address, "").Channel(), address)
	}
	n := newNotifier(t, "https://proxy.example.com/dingtalk?access_token=t", "", notify.WithChannel(notify.Webhook))
	assert.Equal(t, notify.Webhook, n.Channel())
}

func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		address, secret string
		options         []notify.Option
	}{
		"URL is empty":                      {"", "", nil},
		"URL is not an http or https URL":   {"ftp://example.com", "", nil},
		"URL holds a user name or password": {"https://u:p@example.com", "", nil},
		"URL is not the address of a robot: its path is not /gateway/robot/webhook/send": {"https://www.yunzhijia.com/other?yzjtoken=t", "", nil},
		"URL has no yzjtoken":     {yunzhijiaURL, "", nil},
		"URL has no key":          {wecomURL, "", nil},
		"URL has no access_token": {dingtalkURL, "", nil},
		"URL is not the address of a robot: its path is not /open-apis/bot/v2/hook/ and an id": {"https://open.feishu.cn/open-apis/bot/hook/x", "", nil},
		"URL is not the address of a robot: its path is not /cgi-bin/webhook/send":             {"https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token=x", "", nil},
		"URL is not the address of a robot: its path is not /robot/send":                       {"https://oapi.dingtalk.com/x?access_token=x", "", nil},
		"URL holds a sign or timestamp, which is made anew for every message: leave them out and give the secret": {
			dingtalkURL + "t&timestamp=1&sign=x", "", nil,
		},
		"Secret is of no use: robots of this vendor take no signature, leave it empty": {wecomURL + "k", "s", nil},
		"Secret is not base64 after whsec_":                                            {plainURL, "whsec_!", nil},
		"URL has an escape in its path that would be lost":                             {"https://example.com/a%2Fb", "", nil},
		"WithChannel is not a channel of this package":                                 {plainURL, "", []notify.Option{notify.WithChannel("pager")}},
		"WithLanguage is not a language of this package":                               {plainURL, "", []notify.Option{notify.WithLanguage("fr")}},
		"WithClock clock is nil":                                                       {plainURL, "", []notify.Option{notify.WithClock(nil)}},
		"WithHTTPClient client is nil":                                                 {plainURL, "", []notify.Option{notify.WithHTTPClient(nil)}},
		"WithLogger logger is nil":                                                     {plainURL, "", []notify.Option{notify.WithLogger(nil)}},
		"Option is nil":                                                                {plainURL, "", []notify.Option{nil}},
		"WithAuthorization is for plain JSON alone":                                    {wecomURL + "k", "", []notify.Option{notify.WithAuthorization("x")}},
	} {
		_, err := notify.New(c.address, c.secret, c.options...)
		require.ErrorIs(t, err, notify.ErrInvalid, want)
		require.EqualError(t, err, want)
	}
	_, err := notify.New(wecomURL, "s", notify.WithLanguage("fr"))
	require.EqualError(t, err, "WithLanguage is not a language of this package\nURL has no key\n"+
		"Secret is of no use: robots of this vendor take no signature, leave it empty")
	_, err = notify.NewHeartbeat("")
	require.ErrorIs(t, err, notify.ErrInvalid)
	_, err = notify.NewHeartbeat("https://example.com/a%2Fb")
	require.ErrorIs(t, err, notify.ErrInvalid)
}
