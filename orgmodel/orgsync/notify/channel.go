package notify

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Channel is a kind of receiver.
type Channel string

// The channels.
const (
	Yunzhijia Channel = "yunzhijia" // 云之家 群组机器人
	WeCom     Channel = "wecom"     // 企业微信 群机器人
	DingTalk  Channel = "dingtalk"  // 钉钉 自定义机器人
	Feishu    Channel = "feishu"    // 飞书 or Lark 自定义机器人
	Webhook   Channel = "webhook"   // plain JSON, see [Message]
)

// delivery is one attempt to send one message.
type delivery struct {
	out    *kernel.Outgoing
	text   string // as it is shown to people, cut to the channel's limit
	data   *Message
	id     string // the same in each attempt
	secret string
	now    time.Time
}

// dialect is how a channel is spoken to.
type dialect interface {
	// check adds what is wrong with an address and a secret.
	check(u *url.URL, secret string, bad func(field, reason string))
	// fits reports whether a text is within the channel's limit.
	fits(text string) bool
	// write puts the message on an attempt, signed if there is a secret.
	write(d delivery) error
	// read judges an answer.
	read(body []byte) error
	// window is how long to wait after "too often" before the one other try; 0 for none.
	window() time.Duration
}

func (c Channel) dialect() dialect {
	switch c {
	case Yunzhijia:
		return yunzhijiaRobot{}
	case WeCom:
		return wecomRobot{}
	case DingTalk:
		return dingtalkRobot{}
	case Feishu:
		return feishuRobot{}
	case Webhook:
		return webhook{}
	}
	return nil
}

// channelOf tells a channel by its address. The paths are those that the vendors document,
// on any host: 云之家 is also installed on a customer's own, and proxies keep paths.
func channelOf(u *url.URL) Channel {
	path := strings.TrimRight(u.Path, "/")
	switch host := strings.ToLower(u.Hostname()); {
	case strings.HasSuffix(path, yunzhijiaPath) || host == "yunzhijia.com" || host == "www.yunzhijia.com":
		return Yunzhijia
	case strings.HasSuffix(path, wecomPath) || host == "qyapi.weixin.qq.com":
		return WeCom
	case strings.HasSuffix(path, dingtalkPath) && u.Query().Has("access_token") || host == "oapi.dingtalk.com":
		return DingTalk
	case strings.Contains(path, feishuPath) || host == "open.feishu.cn" || host == "open.larksuite.com":
		return Feishu
	}
	return Webhook
}

// rateCodes are those by which a channel says "too often".
func rateCodes(c Channel) []string {
	switch c {
	case WeCom:
		return []string{"45009"}
	case DingTalk:
		return []string{"130101", "410100"}
	case Feishu:
		return []string{"11232"}
	}
	return nil
}

const (
	jsonType = "application/json; charset=utf-8"
	// maxBody is a little below the 20,000 bytes and 20 KB that robots take.
	maxBody = 19_000
)

func op(method, path string, class kernel.Class, name string) kernel.Op {
	return kernel.Op{Name: name, Method: method, Path: path, Class: class}
}

// sendOp is a message twice rather than never.
func sendOp(path string) kernel.Op { return op(http.MethodPost, path, kernel.Idempotent, "send") }

// noSecret is for robots that take no signature.
func noSecret(secret string, bad func(field, reason string)) {
	if secret != "" {
		bad("Secret", "is of no use: robots of this vendor take no signature, leave it empty")
	}
}
