package yunjiantest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Fault makes requests go wrong; hand it to [Server.Inject]. Its methods On,
// After, Times and Always say which requests it strikes, by default the next.
type Fault = simkit.Fault

// Request is one request as the [Server] received it. It prints without its
// contents.
type Request = simkit.Request

// ConnStats counts TCP connections.
type ConnStats = simkit.ConnStats

// Refuse answers with a resCode, in quotes with getSession and as a number with userSyn, and
// a resMsg, HTTP 200. No one is synced. To fail single users, see [Server.RefuseRecord].
func Refuse(resCode int, message string) Fault {
	return simkit.Respond(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, sessionPath) {
			simkit.WriteJSON(w, http.StatusOK, sessionAnswer{ResCode: strconv.Itoa(resCode), ResMsg: message})
			return
		}
		simkit.WriteJSON(w, http.StatusOK, pushAnswer{ResCode: resCode, ResMsg: message, Data: []answerRow{}})
	})
}

// Delay makes the request wait before it is served.
func Delay(d time.Duration) Fault { return simkit.Delay(d) }

// Status answers with an HTTP status and its standard text.
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

// ResetConnection resets the connection before the request is served.
func ResetConnection() Fault { return simkit.ResetConnection() }

// LoseAnswer serves the request and then resets the connection.
func LoseAnswer() Fault { return simkit.LoseAnswer() }

// EmptyBody serves the request and drops the answer's body.
func EmptyBody() Fault { return simkit.EmptyBody() }

// TruncateBody serves the request and sends half the body as if it were all.
func TruncateBody() Fault { return simkit.TruncateBody() }

// CutBody serves the request and closes the connection in the middle of the body.
func CutBody() Fault { return simkit.CutBody() }

// PadBody serves the request and puts n bytes of white space before the body.
func PadBody(n int) Fault { return simkit.PadBody(n) }

// MutateBody serves the request and sends what change makes of the body.
func MutateBody(change func(body []byte) []byte) Fault { return simkit.MutateBody(change) }
