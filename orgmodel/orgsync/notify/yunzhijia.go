package notify

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const (
	yunzhijiaPath  = "/gateway/robot/webhook/send"
	yunzhijiaRunes = 5000 // passed; 6000 did not
)

// yunzhijiaRobot is 云之家's 群组机器人
// (https://www.yunzhijia.com/opendocs/doc.html?#/api/im/im-robot).
type yunzhijiaRobot struct{}

func (yunzhijiaRobot) check(u *url.URL, secret string, bad func(field, reason string)) {
	switch {
	case !strings.HasSuffix(strings.TrimRight(u.Path, "/"), yunzhijiaPath):
		bad("URL", "is not the address of a robot: its path is not "+yunzhijiaPath)
	case u.Query().Get("yzjtoken") == "":
		bad("URL", "has no yzjtoken")
	}
	noSecret(secret, bad)
}

func (yunzhijiaRobot) fits(text string) bool { return utf8.RuneCountInString(text) <= yunzhijiaRunes }

func (yunzhijiaRobot) write(d delivery) (err error) {
	// "@All" in a text calls the whole group.
	d.out.Body, err = wire.Encode(content{strings.ReplaceAll(d.text, "@", "＠")})
	return err
}

func (yunzhijiaRobot) read(body []byte) error {
	var success, known bool
	var code, message string
	err := readFields(body, func(s *wire.Scanner, field string) {
		switch field {
		case "success":
			success, known = s.Flag(field)
		case "errorCode":
			code = s.Remark()
		case "error", "errmsg":
			message += s.Remark()
		default:
			s.Skip()
		}
	})
	switch {
	case err != nil:
		return err
	case !known:
		return &wire.DecodeError{Field: "success", Problem: "is missing"}
	case !success:
		return &kernel.Rejection{Code: code, Message: message}
	}
	return nil
}

func (yunzhijiaRobot) window() time.Duration { return time.Minute } // 30 a minute
