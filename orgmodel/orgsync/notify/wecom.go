package notify

import (
	"net/url"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const (
	wecomPath  = "/cgi-bin/webhook/send"
	wecomBytes = 2048
)

// wecomRobot is 企业微信's 群机器人 (https://developer.work.weixin.qq.com/document/path/91770).
// It is sent text, which, unlike markdown, every client shows.
type wecomRobot struct{}

func (wecomRobot) check(u *url.URL, secret string, bad func(field, reason string)) {
	switch {
	case !strings.HasSuffix(strings.TrimRight(u.Path, "/"), wecomPath):
		bad("URL", "is not the address of a robot: its path is not "+wecomPath)
	case u.Query().Get("key") == "":
		bad("URL", "has no key")
	}
	noSecret(secret, bad)
}

func (wecomRobot) fits(text string) bool { return len(text) <= wecomBytes }

func (wecomRobot) write(d delivery) (err error) {
	d.out.Body, err = wire.Encode(textMessage{MsgType: "text", Text: content{d.text}})
	return err
}

func (wecomRobot) read(body []byte) error { return readErrCode(body) }

func (wecomRobot) window() time.Duration { return time.Minute } // 20 a minute

// textMessage is what 企业微信 and 钉钉 call a text.
type textMessage struct {
	MsgType string      `json:"msgtype"`
	Text    content     `json:"text"`
	At      *dingtalkAt `json:"at,omitempty"`
}

type content struct {
	Content string `json:"content"`
}

// readErrCode reads the answer of 企业微信 and of 钉钉.
func readErrCode(body []byte) error {
	var code, message string
	err := readFields(body, func(s *wire.Scanner, field string) {
		switch field {
		case "errcode":
			code = s.Text(field, wire.Lenient)
		case "errmsg":
			message = s.Remark()
		default:
			s.Skip()
		}
	})
	switch {
	case err != nil:
		return err
	case code == "":
		return &wire.DecodeError{Field: "errcode", Problem: "is missing"}
	case code != "0":
		// -1 is "busy" with both of them.
		return &kernel.Rejection{Code: code, Message: message, Temporary: code == "-1"}
	}
	return nil
}
