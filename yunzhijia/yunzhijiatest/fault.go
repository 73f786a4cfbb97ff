package yunzhijiatest

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Fault makes a request go wrong. Its methods On, After, Times and Always say
// which ones; without them it is the next.
type Fault = simkit.Fault

// Refuse answers {"success":false} with an errorCode and an error, HTTP 200.
func Refuse(code int, message string) Fault {
	body, _ := json.Marshal(envelope{ErrorCode: code, Error: &message}) // cannot fail: scalars only
	return simkit.Body(http.StatusOK, "application/json;charset=UTF-8", string(body))
}

// Delay makes the request wait before it is served.
func Delay(d time.Duration) Fault { return simkit.Delay(d) }

// Status answers with an HTTP status.
func Status(code int) Fault { return simkit.Status(code) }

// RateLimited answers 429 with Retry-After in seconds.
func RateLimited(wait time.Duration) Fault { return simkit.RateLimited(wait) }

// RateLimitedUntil answers 429 with Retry-After as a date.
func RateLimitedUntil(t time.Time) Fault { return simkit.RateLimitedUntil(t) }

// HTML answers 200 with a web page, as a proxy or a login wall does.
func HTML() Fault { return simkit.HTML() }

// Body answers with a status, a content type and a text.
func Body(status int, contentType, text string) Fault { return simkit.Body(status, contentType, text) }

// Respond lets handler answer.
func Respond(handler http.HandlerFunc) Fault { return simkit.Respond(handler) }

// ResetConnection resets the connection before the vendor sees the request.
func ResetConnection() Fault { return simkit.ResetConnection() }

// LoseAnswer lets the vendor do its work and then resets the connection.
func LoseAnswer() Fault { return simkit.LoseAnswer() }

// EmptyBody keeps status and header and drops the body.
func EmptyBody() Fault { return simkit.EmptyBody() }

// TruncateBody sends the first half of the body as if it were all.
func TruncateBody() Fault { return simkit.TruncateBody() }

// CutBody announces the whole body, sends the first half and hangs up.
func CutBody() Fault { return simkit.CutBody() }

// PadBody puts n bytes of white space before the body.
func PadBody(n int) Fault { return simkit.PadBody(n) }

// MutateBody sends what change returns in place of the body.
func MutateBody(change func(body []byte) []byte) Fault { return simkit.MutateBody(change) }
