package kernel

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// read reads one answer; it is nil if the call has succeeded.
func (r *run) read(resp *http.Response) *attemptError {
	r.status, r.answered = resp.StatusCode, resp.Header
	body := takeBuffer(resp.ContentLength)
	defer returnBuffer(body)
	content, err := r.content(body, resp.Body)
	r.took = time.Since(r.sentAt)
	failed := func() *attemptError { return &attemptError{Failure: &Failure{HTTPStatus: resp.StatusCode}} }
	if err == nil {
		r.silentSince = time.Time{} // one that never ends is no answer
		if r.call.Header != nil {
			r.call.Header(resp.Header)
		}
		err = r.call.Read(content)
	} else if end := r.ended(); end != nil {
		d := failed()
		d.Err = endCause(end)
		return d
	}
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	if err == nil && ok {
		r.observe(nil, false)
		return nil
	}

	d := failed()
	d.RequestID = r.requestIDOf(resp.Header)
	if !ok {
		d.RetryAfter = retryAfter(resp.Header, r.client.set.Now())
	}
	if rejection, found := errors.AsType[*Rejection](err); found {
		d.Code = r.safeCode(rejection.Code)
		d.Message = r.scrub(rejection.Message)
		d.refused, d.definite, d.temporary = true, ok, rejection.Temporary
	} else if ok {
		// An error status says it all; its page is no envelope.
		d.Err = malformed(err)
	}
	return d
}

// content reads an answer's body into a buffer, and returns what it holds. net/http
// unpacks gzip that it has asked for; a gateway may send it to a transport that has not,
// with or without saying so.
func (r *run) content(into *bytes.Buffer, body io.Reader) ([]byte, error) {
	limit := r.client.set.MaxResponse
	if err := readBounded(into, body, limit); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(into.Bytes(), gzipMagic) { // which no JSON begins with
		return into.Bytes(), nil
	}
	packed, err := gzip.NewReader(into)
	if err != nil {
		return nil, transportCause(err)
	}
	var unpacked bytes.Buffer
	err = readBounded(&unpacked, packed, limit)
	return unpacked.Bytes(), err
}

var gzipMagic = []byte{0x1f, 0x8b}

// readBounded reads the whole body, whatever length it claims to have. What
// goes wrong with it is the transport's fault, unless there is too much of it.
func readBounded(into *bytes.Buffer, body io.Reader, limit int64) error {
	// One byte more than allowed tells "at the limit" from "beyond it".
	n, err := into.ReadFrom(io.LimitReader(body, limit+1))
	if err != nil {
		return transportCause(err)
	}
	if n > limit {
		return ErrTooLarge
	}
	return nil
}

const (
	// maxSized bounds the room that is made because of a claim alone.
	maxSized = 1 << 20
	// maxPooled bounds what a buffer keeps for the next answer.
	maxPooled = 4 << 20
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// takeBuffer returns an empty buffer, with room for an answer of the length that it
// claims (-1: it does not say).
func takeBuffer(claimed int64) *bytes.Buffer {
	b, ok := buffers.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	if claimed > 0 {
		b.Grow(int(min(claimed, maxSized)) + bytes.MinRead) // it looks for the end in as much room
	}
	return b
}

func returnBuffer(b *bytes.Buffer) {
	if b.Cap() > maxPooled {
		return
	}
	b.Reset()
	buffers.Put(b)
}

// malformedError marks an answer that came but could not be read.
type malformedError struct{ error }

func (e *malformedError) Unwrap() error { return e.error }

func (e *malformedError) Is(target error) bool { return target == ErrMalformed }

// Malformed is the error of a part of an answer that could not be read: it matches
// [ErrMalformed].
func Malformed(err *wire.DecodeError) error { return &malformedError{err} }

func malformed(err error) error {
	if isTransport(err) {
		return err
	}
	return &malformedError{err}
}
