package notify

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// webhook is plain JSON, signed as Standard Webhooks does
// (https://www.standardwebhooks.com/).
type webhook struct{}

const whsec = "whsec_"

func (webhook) check(_ *url.URL, secret string, bad func(field, reason string)) {
	if _, err := webhookKey(secret); err != nil {
		bad("Secret", "is not base64 after "+whsec)
	}
}

func (webhook) fits(string) bool { return true }

func (webhook) write(d delivery) (err error) {
	if d.out.Body, err = wire.Encode(d.data); err != nil || d.secret == "" {
		return err
	}
	key, err := webhookKey(d.secret)
	if err != nil {
		return err
	}
	seconds := strconv.FormatInt(d.now.Unix(), 10)
	d.out.Header.Set("Webhook-Id", d.id)
	d.out.Header.Set("Webhook-Timestamp", seconds)
	d.out.Header.Set("Webhook-Signature", "v1,"+mac(key, d.id+"."+seconds+"."+string(d.out.Body)))
	return nil
}

func webhookKey(secret string) (string, error) {
	encoded, prefixed := strings.CutPrefix(secret, whsec)
	if !prefixed {
		return secret, nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil && len(key) == 0 {
		err = base64.CorruptInputError(0)
	}
	return string(key), err
}

// read takes any answer: its status says it all.
func (webhook) read([]byte) error { return nil }

func (webhook) window() time.Duration { return time.Minute }
