package tuzhantest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// Fault makes requests go wrong: give it to [Server.Inject]. On, After, Times
// and Always say which requests it strikes; without them it is the next one.
type Fault = simkit.Fault

// Refuse answers with a code and a msg, HTTP 200; nothing is carried out. The errorCode is
// the documented one of the code: tuzhan.ErrAppSecret, ErrToken and ErrAuthCode are 100100,
// 100200 and 100300. To refuse single records, see [Server.RefuseRecord].
func Refuse(code, message string) Fault {
	body, _ := json.Marshal(response{Code: code, ErrorCode: errorCode(code), Msg: message}) // cannot fail: texts only
	return simkit.Body(http.StatusOK, "application/json;charset=UTF-8", string(body))
}

// Delay makes the request wait d before it is served.
func Delay(d time.Duration) Fault { return simkit.Delay(d) }

// Status answers with an HTTP status; nothing is carried out.
func Status(code int) Fault { return simkit.Status(code) }

// RateLimited answers 429 with Retry-After in seconds; nothing is carried out.
func RateLimited(wait time.Duration) Fault { return simkit.RateLimited(wait) }

// RateLimitedUntil answers 429 with Retry-After as a date; nothing is carried
// out.
func RateLimitedUntil(t time.Time) Fault { return simkit.RateLimitedUntil(t) }

// HTML answers 200 with a web page; nothing is carried out.
func HTML() Fault { return simkit.HTML() }

// Body answers with a status, a content type and a text; nothing is carried
// out.
func Body(status int, contentType, text string) Fault { return simkit.Body(status, contentType, text) }

// Respond lets handler answer; nothing is carried out.
func Respond(handler http.HandlerFunc) Fault { return simkit.Respond(handler) }

// ResetConnection resets the connection; nothing is carried out.
func ResetConnection() Fault { return simkit.ResetConnection() }

// LoseAnswer carries the request out and then resets the connection.
func LoseAnswer() Fault { return simkit.LoseAnswer() }

// EmptyBody carries the request out and drops the answer's body.
func EmptyBody() Fault { return simkit.EmptyBody() }

// TruncateBody carries the request out and sends half of the body as if it were
// all.
func TruncateBody() Fault { return simkit.TruncateBody() }

// CutBody carries the request out, announces the whole body and sends half of
// it.
func CutBody() Fault { return simkit.CutBody() }

// PadBody carries the request out and puts n bytes of white space before the
// body.
func PadBody(n int) Fault { return simkit.PadBody(n) }

// MutateBody carries the request out and sends what change makes of the body.
func MutateBody(change func(body []byte) []byte) Fault { return simkit.MutateBody(change) }

// BatchResult is the data of a batch call's answer. Nil lists are sent as null.
type BatchResult struct {
	Status    int              `json:"status"` // -1 failed, 0 in progress, 1 done, 2 done in part
	ErrorData []map[string]any `json:"errorData"`
	ErrorMsg  []string         `json:"errorMsg"`
}

// MutateResult carries a batch call out and sends what change makes of its
// result. change must be safe for concurrent use. Say which call is meant, with
// On(OpDepartments) or On(OpEmployees): a token call, or one that is refused,
// would use the fault up and have its answer left alone.
func MutateResult(change func(*BatchResult)) Fault {
	return MutateBody(func(body []byte) []byte {
		var answer struct {
			response
			Data *struct {
				Status *int `json:"status"`
				BatchResult
			} `json:"data"`
		}
		if err := decodeExact(body, &answer); err != nil || answer.Data == nil || answer.Data.Status == nil {
			return body
		}
		answer.Data.BatchResult.Status = *answer.Data.Status
		change(&answer.Data.BatchResult)
		answer.Data.Status = &answer.Data.BatchResult.Status
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(answer); err != nil {
			return body
		}
		return out.Bytes()
	})
}

// ResultStatus carries a batch call out and answers with another status: -1, 0,
// 1, 2, or one that the page does not know.
func ResultStatus(status int) Fault {
	return MutateResult(func(r *BatchResult) { r.Status = status })
}

// ErrorMessages carries a batch call out and answers with these texts in
// errorMsg, whatever the number of rows in errorData; none means null.
func ErrorMessages(texts ...string) Fault {
	return MutateResult(func(r *BatchResult) { r.ErrorMsg = texts })
}
