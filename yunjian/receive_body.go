package yunjian

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// refusal is the answer to a request that gets no further.
type refusal struct {
	status, code int
	message      string
}

func badRequest(status int, message string) *refusal { return &refusal{status, CodeRequest, message} }

func busy() *refusal {
	return &refusal{http.StatusServiceUnavailable, CodeBusy, "too many requests at once"}
}

// gzipBase is what unpacking a body takes.
const gzipBase = 48 << 10

// readBody reads at most limit bytes of a JSON POST. What it returns has to be closed.
//
// Whenever twice as much of the body has come, look may judge by what is there: a refusal
// ends the keeping, done the looking. The rest of a body that is refused is read and
// forgotten, because callers read no answer while they write; but not if there is no room.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request, limit int64, look func(b *intake) (done bool, bad *refusal)) (*share, *refusal) {
	if bad := checkHead(w, r, limit); bad != nil {
		return nil, bad
	}
	control := http.NewResponseController(w)
	s := h.budget.open(func() { _ = control.SetReadDeadline(time.Unix(1, 0)) })
	if s == nil {
		return nil, busy()
	}
	inTime := func() { _ = control.SetReadDeadline(time.Now().Add(h.bodyTimeout(r))) }
	inTime()
	b := intake{request: r, share: s, limit: limit, most: limit, look: look, inTime: inTime}
	if r.ContentLength > 0 && !packed(r) {
		b.most = r.ContentLength
	}
	bad := b.read(h)
	if b.ended {
		// The deadline must not end the request while users are synced. A body that did not
		// end keeps it: the server reads on for a while when it has answered.
		_ = control.SetReadDeadline(time.Time{})
	}
	if bad != nil {
		s.close()
		return nil, bad
	}
	return s, nil
}

// bodyTimeout does not extend what the server allows.
func (h *Handler) bodyTimeout(r *http.Request) time.Duration {
	d := h.config.BodyTimeout
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		d = min(d, server.ReadTimeout)
	}
	return d
}

func checkHead(w http.ResponseWriter, r *http.Request, limit int64) *refusal {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return badRequest(http.StatusMethodNotAllowed, "method is not POST")
	case !mayBeJSON(r.Header.Get("Content-Type")):
		return badRequest(http.StatusUnsupportedMediaType, "content type is not application/json")
	case !packed(r) && !strings.EqualFold(r.Header.Get("Content-Encoding"), "identity") && r.Header.Get("Content-Encoding") != "":
		return badRequest(http.StatusUnsupportedMediaType, "content encoding is not gzip")
	case r.ContentLength > limit:
		return tooLarge()
	}
	return nil
}

func tooLarge() *refusal { return badRequest(http.StatusRequestEntityTooLarge, "body is too large") }

func packed(r *http.Request) bool {
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	return encoding == "gzip" || encoding == "x-gzip"
}

// mayBeJSON refuses a content type that says something else. The page names no
// header, and common Java clients send JSON without one, as plain text, or as
// the form that HttpURLConnection takes it for; the body tells. It also tells its
// charset: what is UTF-8 is read as that, whatever the header says.
func mayBeJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	switch media {
	case "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded":
		return true
	}
	return strings.HasSuffix(media, "+json")
}

// intake is a body that is being read.
type intake struct {
	request *http.Request
	share   *share
	limit   int64
	most    int64 // how long it will be, as far as is known
	look    func(b *intake) (done bool, bad *refusal)
	inTime  func() // starts the time it has

	length int64
	next   int64 // length from which to look again
	bad    *refusal
	ended  bool // there is no more of it
}

// need is what a push with a session is expected to take beside what has come: the rest of
// its body, and an answer as long as that.
func (b *intake) need() int64 { return 2*b.most - int64(cap(b.share.read())) }

func (b *intake) read(h *Handler) *refusal {
	from, bad := b.unpack(b.request.Body)
	if bad != nil {
		return bad
	}
	buffer, _ := h.buffers.Get().(*[shareBase]byte)
	if buffer == nil {
		buffer = new([shareBase]byte)
	}
	defer h.buffers.Put(buffer)
	for {
		n, err := from.Read(buffer[:])
		if b.length += int64(n); b.length > b.limit {
			return tooLarge()
		}
		if n > 0 && b.bad == nil {
			b.keep(buffer[:n])
		}
		switch {
		case b.bad != nil && b.bad.status == http.StatusServiceUnavailable:
			return b.bad
		case errors.Is(err, io.EOF):
			b.ended = true
			return b.bad
		case err != nil:
			return b.broken(err)
		}
	}
}

// unpack reads gzip, which the first bytes tell: no JSON begins with them. Neither end of
// it is longer than a body may be.
func (b *intake) unpack(from io.Reader) (io.Reader, *refusal) {
	plain := bufio.NewReaderSize(io.LimitReader(from, b.limit+1), 0) // reads by itself only what is looked at
	magic, err := plain.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, b.broken(err)
	}
	if string(magic) != "\x1f\x8b" {
		return plain, nil
	}
	b.most = b.limit
	if !b.share.reserve(gzipBase) {
		return nil, busy()
	}
	unpacked, err := gzip.NewReader(struct{ io.Reader }{plain}) // which makes a larger buffer then
	if err != nil {
		return nil, b.broken(err)
	}
	return unpacked, nil
}

func (b *intake) keep(part []byte) {
	if !b.share.write(part, b.most) {
		b.bad = busy()
		return
	}
	if b.look == nil || b.length < b.next {
		return
	}
	b.next = 2 * b.length
	var done bool
	if done, b.bad = b.look(b); done || b.bad != nil {
		b.look = nil
		b.inTime() // it may have waited
	}
	if b.bad != nil {
		b.share.drop()
	}
}

// broken tells what kept a body from being read.
func (b *intake) broken(err error) *refusal {
	switch {
	case b.share.evicted():
		return busy()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return badRequest(http.StatusRequestTimeout, "body took too long")
	}
	return badRequest(http.StatusBadRequest, "body ended early")
}

// notDocumented says what a body is if it is not JSON in UTF-8.
func notDocumented(body []byte) *refusal {
	message := "body is not the documented JSON"
	switch {
	case len(body) > 1 && (body[0] == 0 || body[1] == 0 || string(body[:2]) == "\xff\xfe" || string(body[:2]) == "\xfe\xff"):
		message = "body is in UTF-16, not in UTF-8"
	case !utf8.Valid(body):
		message = "body is not in UTF-8"
	}
	return badRequest(http.StatusBadRequest, message)
}
