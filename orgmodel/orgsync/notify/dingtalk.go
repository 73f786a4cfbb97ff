package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const dingtalkPath = "/robot/send"

// dingtalkRobot is 钉钉's 自定义机器人
// (https://open.dingtalk.com/document/group/custom-robot-access).
type dingtalkRobot struct{}

type dingtalkAt struct {
	IsAtAll bool `json:"isAtAll"`
}

func (dingtalkRobot) check(u *url.URL, _ string, bad func(field, reason string)) {
	query := u.Query()
	switch {
	case !strings.HasSuffix(strings.TrimRight(u.Path, "/"), dingtalkPath):
		bad("URL", "is not the address of a robot: its path is not "+dingtalkPath)
	case query.Get("access_token") == "":
		bad("URL", "has no access_token")
	case query.Has("sign") || query.Has("timestamp"):
		bad("URL", "holds a sign or timestamp, which is made anew for every message: leave them out and give the secret")
	}
}

func (dingtalkRobot) fits(text string) bool { return bodyFits(dingtalkText(text)) }

func dingtalkText(text string) textMessage {
	return textMessage{MsgType: "text", Text: content{text}, At: &dingtalkAt{}}
}

func (dingtalkRobot) write(d delivery) (err error) {
	if d.secret != "" {
		ms := strconv.FormatInt(d.now.UnixMilli(), 10)
		d.out.Query.Set("timestamp", ms)
		d.out.Query.Set("sign", mac(d.secret, ms+"\n"+d.secret))
	}
	d.out.Body, err = wire.Encode(dingtalkText(d.text))
	return err
}

// read also knows the answer of a robot that was silenced, {"status":1111,"punish":"deny",…},
// which may come without an errcode.
func (dingtalkRobot) read(body []byte) error {
	var code, status, punish string
	err := readFields(body, func(s *wire.Scanner, field string) {
		switch field {
		case "errcode":
			code = s.Text(field, wire.Lenient)
		case "status":
			status = s.Remark()
		case "punish":
			punish = s.Remark()
		default:
			s.Skip()
		}
	})
	if err != nil {
		return err
	}
	if code == "" && (status == "1111" || punish != "") {
		return &kernel.Rejection{Code: "130101", Message: "silenced after too many messages"}
	}
	return readErrCode(body)
}

// window is none: a robot that sends too often is silent for 10 minutes.
func (dingtalkRobot) window() time.Duration { return 0 }

// mac is the base64 of an HMAC-SHA256.
func mac(key, message string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// bodyFits reports whether a body is within what robots take.
func bodyFits(body any) bool {
	encoded, err := wire.Encode(body)
	return err == nil && len(encoded) <= maxBody
}
