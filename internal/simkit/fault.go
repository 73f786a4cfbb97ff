package simkit

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// always is the number of strikes of a fault without a limit.
const always = math.MaxInt

// A Fault makes requests go wrong. It comes from one of the constructors and is
// handed to [Server.Inject]; On, After, Times and Always, which return a changed
// copy, say which requests it strikes. Without them it strikes the next one.
//
// Constructors are of three kinds:
//
//   - [Delay] waits, then the request goes on.
//   - [Status], [RateLimited], [RateLimitedUntil], [HTML], [Body], [Respond] and
//     [ResetConnection] take the vendor's place: its handler does not run and its state
//     does not change.
//   - [EmptyBody], [TruncateBody], [CutBody], [PadBody], [MutateBody] and [LoseAnswer]
//     spoil the answer after the vendor's handler has run: what was written stays written.
//
// A request looks at the waiting faults in the order of their injection. Every
// Delay that is due counts, and they add up; of the others the first that is
// due strikes, and the rest wait for a later request.
type Fault struct {
	name   string
	op     string
	after  int
	times  int
	header http.Header
	delay  time.Duration
	act    func(r *http.Request, vendor http.Handler) answer // nil: only waits
}

// On limits the fault to one operation.
func (f Fault) On(op string) Fault {
	f.op = op
	return f
}

// After lets n requests pass first. Every request to the fault's operation
// since the injection counts, also one that another fault has struck.
func (f Fault) After(n int) Fault {
	f.after = n
	return f
}

// Times strikes n requests instead of one; below 1 it means 1.
func (f Fault) Times(n int) Fault {
	f.times = max(n, 1)
	return f
}

// Always strikes until the faults are cleared.
func (f Fault) Always() Fault {
	f.times = always
	return f
}

// WithHeader also sets a header of the answer.
func (f Fault) WithHeader(key, value string) Fault {
	h := f.header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	h.Set(key, value)
	f.header = h
	return f
}

// String describes the fault, for instance "Status(503) on getperson, 2 times after 1".
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.name)
	if f.op != "" {
		b.WriteString(" on " + f.op)
	}
	switch f.times {
	case 1:
		b.WriteString(", once")
	case always:
		b.WriteString(", always")
	default:
		fmt.Fprintf(&b, ", %d times", f.times)
	}
	if f.after > 0 {
		fmt.Fprintf(&b, " after %d", f.after)
	}
	return b.String()
}

// Delay makes the request wait d before it is served. A request whose client gives
// up meanwhile is not served; [LoseAnswer] is the time-out after the write.
func Delay(d time.Duration) Fault {
	return Fault{name: fmt.Sprintf("Delay(%s)", d), times: 1, delay: d}
}

// Status answers with an HTTP status from 200 to 999 and its standard text.
func Status(code int) Fault {
	return respond(fmt.Sprintf("Status(%d)", code), func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, http.StatusText(code), code)
	})
}

// RateLimited answers 429 with Retry-After in seconds, wait rounded up.
func RateLimited(wait time.Duration) Fault {
	f := Status(http.StatusTooManyRequests).
		WithHeader("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	f.name = fmt.Sprintf("RateLimited(%s)", wait)
	return f
}

// RateLimitedUntil answers 429 with Retry-After as an HTTP-date, which has
// whole seconds: a fraction in t is dropped.
func RateLimitedUntil(t time.Time) Fault {
	f := Status(http.StatusTooManyRequests).WithHeader("Retry-After", t.UTC().Format(http.TimeFormat))
	f.name = "RateLimitedUntil"
	return f
}

// HTML answers 200 with a web page, as a proxy or a login wall does.
func HTML() Fault {
	f := Body(http.StatusOK, "text/html; charset=utf-8",
		"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>\n")
	f.name = "HTML"
	return f
}

// Body answers with a status, a content type and a text.
func Body(status int, contentType, text string) Fault {
	return respond(fmt.Sprintf("Body(%d)", status), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	})
}

// Respond lets handler answer. A handler that waits has to watch the request's context.
func Respond(handler http.HandlerFunc) Fault { return respond("Respond", handler) }

func respond(name string, handler http.HandlerFunc) Fault {
	return Fault{name: name, times: 1, act: func(r *http.Request, _ http.Handler) answer {
		return render(r, handler)
	}}
}

// ResetConnection resets the connection before the vendor sees the request.
//
// Over a socket, net/http repeats a GET by itself when that happens on a
// connection used before, so that one strike may go unnoticed by the caller and
// be recorded as two requests. A POST is never repeated. [LoseAnswer] is alike.
func ResetConnection() Fault {
	return Fault{name: "ResetConnection", times: 1, act: func(*http.Request, http.Handler) answer {
		return answer{lost: true, header: make(http.Header)}
	}}
}

// LoseAnswer lets the vendor do its work and then resets the connection: the
// client cannot know whether its request took effect. It did.
func LoseAnswer() Fault {
	return spoil("LoseAnswer", func(a *answer) { a.lost = true })
}

// EmptyBody keeps status and header and drops the body.
func EmptyBody() Fault {
	return mutate("EmptyBody", func([]byte) []byte { return nil })
}

// TruncateBody sends the first half of the body as if it were all:
// Content-Length agrees, and only a parser can tell.
func TruncateBody() Fault {
	return mutate("TruncateBody", func(body []byte) []byte { return body[:len(body)/2] })
}

// CutBody announces the whole body, sends the first half and closes the
// connection: the reader gets io.ErrUnexpectedEOF.
func CutBody() Fault {
	return spoil("CutBody", func(a *answer) {
		if !bodyAllowed(a.status) {
			return
		}
		a.length = max(len(a.body), 1)
		a.body = a.body[:len(a.body)/2]
	})
}

// PadBody puts n bytes of white space before the body: JSON stays valid,
// but a reader with a limit below n must refuse it.
func PadBody(n int) Fault {
	return mutate(fmt.Sprintf("PadBody(%d)", n), func(body []byte) []byte {
		return append(bytes.Repeat([]byte{' '}, max(n, 0)), body...)
	})
}

// MutateBody sends what change returns in place of the body. Several requests
// may be in service at a time: change must be safe for concurrent use.
func MutateBody(change func(body []byte) []byte) Fault { return mutate("MutateBody", change) }

func mutate(name string, change func([]byte) []byte) Fault {
	return spoil(name, func(a *answer) {
		if bodyAllowed(a.status) {
			a.body = change(a.body)
			a.length = len(a.body)
		}
	})
}

func spoil(name string, alter func(*answer)) Fault {
	return Fault{name: name, times: 1, act: func(r *http.Request, vendor http.Handler) answer {
		a := render(r, vendor)
		alter(&a)
		return a
	}}
}
