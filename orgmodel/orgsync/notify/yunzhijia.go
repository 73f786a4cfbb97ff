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
	var a struct {
		Success   *wire.Bool `json:"success"`
		ErrorCode wire.Text  `json:"errorCode"`
		Error     wire.Text  `json:"error"`
		ErrMsg    wire.Text  `json:"errmsg"`
	}
	if err := wire.Decode(body, &a); err != nil {
		return err
	}
	switch {
	case a.Success == nil:
		return &wire.DecodeError{Field: "success", Problem: "is missing"}
	case !bool(*a.Success):
		return &kernel.Rejection{Code: string(a.ErrorCode), Message: string(a.Error + a.ErrMsg)}
	}
	return nil
}

func (yunzhijiaRobot) window() time.Duration { return time.Minute } // 30 a minute
