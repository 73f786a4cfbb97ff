package notify

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const feishuPath = "/open-apis/bot/v2/hook/"

// feishuRobot is 飞书's and Lark's 自定义机器人
// (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).
type feishuRobot struct{}

type feishuMessage struct {
	Timestamp string     `json:"timestamp,omitempty"`
	Sign      string     `json:"sign,omitempty"`
	MsgType   string     `json:"msg_type"`
	Content   feishuText `json:"content"`
}

type feishuText struct {
	Text string `json:"text"`
}

func (feishuRobot) check(u *url.URL, _ string, bad func(field, reason string)) {
	if _, id, found := strings.Cut(u.Path, feishuPath); !found || strings.Trim(id, "/") == "" {
		bad("URL", "is not the address of a robot: its path is not "+feishuPath+" and an id")
	}
}

func (feishuRobot) fits(text string) bool { return bodyFits(feishuBody(text)) }

func feishuBody(text string) feishuMessage {
	// A tag such as <at user_id="all"> calls people.
	return feishuMessage{MsgType: "text", Content: feishuText{strings.ReplaceAll(text, "<", "＜")}}
}

// write signs with key and message the other way round than 钉钉: the key is what 钉钉
// signs, and the message is empty.
func (feishuRobot) write(d delivery) (err error) {
	m := feishuBody(d.text)
	if d.secret != "" {
		m.Timestamp = strconv.FormatInt(d.now.Unix(), 10)
		m.Sign = mac(m.Timestamp+"\n"+d.secret, "")
	}
	d.out.Body, err = wire.Encode(m)
	return err
}

func (feishuRobot) read(body []byte) error {
	var code, message, oldCode, oldMessage string
	err := readFields(body, func(s *wire.Scanner, field string) {
		switch field {
		case "code":
			code = s.Text(field, wire.Lenient)
		case "msg":
			message = s.Remark()
		case "StatusCode":
			oldCode = s.Text(field, wire.Lenient)
		case "StatusMessage":
			oldMessage = s.Remark()
		default:
			s.Skip()
		}
	})
	if code == "" {
		code, message = oldCode, oldMessage // of an old answer
	}
	switch {
	case err != nil:
		return err
	case code == "":
		return &wire.DecodeError{Field: "code", Problem: "is missing"}
	case code != "0":
		return &kernel.Rejection{Code: code, Message: message}
	}
	return nil
}

func (feishuRobot) window() time.Duration { return time.Minute } // 100 a minute, 5 a second
