package aiguanhuaitest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Fault makes requests go wrong; hand it to [Server.Inject]. Its methods On,
// After, Times and Always say which requests it strikes; without them it strikes
// the next one.
type Fault = simkit.Fault

// Refuse answers with an errno and a message, HTTP 200, and the request has no effect.
// Without a message it is the page's text for that errno.
func Refuse(errno int, message ...string) Fault {
	text := textOf(errno)
	if len(message) > 0 {
		text = strings.Join(message, " ")
	}
	answer, _ := json.Marshal(refusal{Errno: errno, Error: text}) // cannot fail
	return simkit.Body(http.StatusOK, "application/json;charset=UTF-8", string(answer))
}

// SystemError answers 200007 系统错误, the one refusal worth a retry.
func SystemError() Fault { return Refuse(errnoSystem) }

// Delay makes the request wait before it is served.
func Delay(d time.Duration) Fault { return simkit.Delay(d) }

// Status answers with an HTTP status and its standard text.
func Status(code int) Fault { return simkit.Status(code) }

// RateLimited answers 429 with Retry-After.
func RateLimited(wait time.Duration) Fault { return simkit.RateLimited(wait) }

// RateLimitedUntil answers 429 with Retry-After as a date.
func RateLimitedUntil(t time.Time) Fault { return simkit.RateLimitedUntil(t) }

// HTML answers 200 with a web page, as a proxy does.
func HTML() Fault { return simkit.HTML() }

// ResetConnection resets the connection before the vendor sees the request.
func ResetConnection() Fault { return simkit.ResetConnection() }

// Body answers with a status, a content type and a text.
func Body(status int, contentType, text string) Fault {
	return simkit.Body(status, contentType, text)
}

// Respond lets handler answer.
func Respond(handler http.HandlerFunc) Fault { return simkit.Respond(handler) }

// LoseAnswer lets the request take effect and resets the connection.
func LoseAnswer() Fault { return simkit.LoseAnswer() }

// EmptyBody lets the request take effect and drops the answer's body.
func EmptyBody() Fault { return simkit.EmptyBody() }

// TruncateBody lets the request take effect and sends half of the answer as if it
// were all.
func TruncateBody() Fault { return simkit.TruncateBody() }

// CutBody lets the request take effect and closes the connection within the answer.
func CutBody() Fault { return simkit.CutBody() }

// PadBody lets the request take effect and puts n bytes of white space before the
// answer's body.
func PadBody(n int) Fault { return simkit.PadBody(n) }

// MutateBody lets the request take effect and sends what change returns instead
// of the answer. change must be safe for concurrent use.
func MutateBody(change func(body []byte) []byte) Fault { return simkit.MutateBody(change) }
