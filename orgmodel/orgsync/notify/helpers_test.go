package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// sent is a request as a receiver sees it.
type sent struct {
	method, url, body string
	header            http.Header
	at                time.Time
}

// receiver answers requests without a socket, the last answer again and again.
type receiver struct {
	answers []reply
	got     []sent
}

type reply struct {
	status int
	body   string
	header http.Header
	err    error
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	r.got = append(r.got, sent{req.Method, req.URL.String(), body, req.Header.Clone(), time.Now()})
	a := r.answers[min(len(r.got), len(r.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), ContentLength: -1, Request: req,
	}, nil
}

func answering(answers ...reply) *receiver { return &receiver{answers: answers} }

func (r *receiver) option() notify.Option {
	return notify.WithHTTPClient(&http.Client{Transport: r})
}

const (
	yunzhijiaURL = "https://www.yunzhijia.com/gateway/robot/webhook/send?yzjtype=0&yzjtoken="
	wecomURL     = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
	dingtalkURL  = "https://oapi.dingtalk.com/robot/send?access_token="
	feishuURL    = "https://open.feishu.cn/open-apis/bot/v2/hook/"
	plainURL     = "https://alerts.example.com/orgsync/"
)

// success is how each channel says that it took a message.
func success(c notify.Channel) reply {
	return reply{status: 200, body: map[notify.Channel]string{
		notify.Yunzhijia: `{"success": true, "data": {"msgId": "m1"}}`,
		notify.WeCom:     `{"errcode": 0, "errmsg": "ok"}`,
		notify.DingTalk:  `{"errcode": 0, "errmsg": "ok"}`,
		notify.Feishu:    `{"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"}`,
		notify.Webhook:   ``,
	}[c]}
}

// receiverURL is an address of a channel with a token in it.
func receiverURL(c notify.Channel, token string) string {
	return map[notify.Channel]string{
		notify.Yunzhijia: yunzhijiaURL + token, notify.WeCom: wecomURL + token, notify.DingTalk: dingtalkURL + token,
		notify.Feishu: feishuURL + token, notify.Webhook: plainURL + token,
	}[c]
}

func channels() []notify.Channel {
	return []notify.Channel{notify.Yunzhijia, notify.WeCom, notify.DingTalk, notify.Feishu, notify.Webhook}
}

func newNotifier(t testing.TB, address, secret string, options ...notify.Option) *notify.Notifier {
	t.Helper()
	n, err := notify.New(address, secret, options...)
	require.NoError(t, err)
	return n
}

// failedMessage is the alarm of a run that could not read its source.
func failedMessage(t testing.TB) notify.Message {
	t.Helper()
	run := notify.Run{
		Report: &orgsync.Report{
			Tenant: "10000001", Started: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
			Targets: []orgsync.TargetReport{{Name: "tuzhan"}},
		},
		Err: &orgsync.SourceError{Source: "yunzhijia", Err: io.ErrUnexpectedEOF}, Exit: 1,
	}
	_, m := notify.State{}.Next(run, notify.Policy{}, time.Date(2025, 1, 1, 0, 1, 0, 0, time.UTC))
	require.NotNil(t, m)
	return *m
}

// textOf returns the text within a body that a robot got.
func textOf(t testing.TB, c notify.Channel, body string) string {
	t.Helper()
	var b struct {
		Content json.RawMessage `json:"content"`
		Text    struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &b))
	switch c {
	case notify.Yunzhijia:
		var text string
		require.NoError(t, json.Unmarshal(b.Content, &text))
		return text
	case notify.Feishu:
		var inner struct {
			Text string `json:"text"`
		}
		require.NoError(t, json.Unmarshal(b.Content, &inner))
		return inner.Text
	}
	assert.NotEmpty(t, b.Text.Content)
	return b.Text.Content
}
