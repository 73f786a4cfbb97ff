package simkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"
)

// maxRequestBytes bounds a request body: far above 2,000 records of any vendor.
const maxRequestBytes = 16 << 20

// An answer is a whole response before it is sent.
type answer struct {
	lost   bool // the connection is reset instead
	status int
	header http.Header
	body   []byte
	length int // Content-Length to announce; beyond len(body) the body is cut off
}

// exchange takes a request through the pipeline described in the package comment.
func (s *Server) exchange(r *http.Request) answer {
	r, leave, ok := s.enter(r)
	if !ok {
		return answer{lost: true}
	}
	defer leave()

	op := s.mux.find(r)
	body, err := readBody(r)
	answered := s.rec.add(op.name, s.mux.Now(), r, body)
	switch {
	case errors.Is(err, errTooLarge):
		op.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		})
	case err != nil:
		return answer{lost: true} // the client hung up half-way
	}

	due := s.faults.take(op.name)
	wait := s.baseLatency()
	for _, f := range due {
		wait += f.delay
	}
	if !sleep(r.Context(), wait) {
		return answer{lost: true}
	}
	a := serve(r, body, op.handler, due)
	if r.Context().Err() != nil {
		a.lost = true
	}
	if !a.lost {
		answered(a.status)
	}
	return a
}

// serve lets the first fault that does more than wait answer, else the handler.
func serve(r *http.Request, body []byte, handler http.Handler, due []Fault) answer {
	// The record keeps body; a handler or fault gets bytes of its own.
	r.Body = io.NopCloser(bytes.NewReader(bytes.Clone(body)))
	act := render
	for _, f := range due {
		if f.act != nil {
			act = f.act
		}
	}
	a := act(r, handler)
	for _, f := range due {
		maps.Copy(a.header, f.header)
	}
	return a
}

var errTooLarge = fmt.Errorf("request body exceeds %d bytes", maxRequestBytes)

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes+1))
	if len(body) > maxRequestBytes {
		return body[:maxRequestBytes], errTooLarge
	}
	return body, err
}

// sleep waits on a timer, which inside a synctest bubble runs on fake time,
// and reports false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// render runs a handler to its end and returns what it answered.
func render(r *http.Request, handler http.Handler) answer {
	w := &answerWriter{header: make(http.Header)}
	handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	a := answer{status: w.status, header: w.sent, body: w.body.Bytes()}
	if !bodyAllowed(a.status) {
		a.body = nil
	}
	if len(a.body) > 0 && a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", http.DetectContentType(a.body))
	}
	a.length = len(a.body)
	return a
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// answerWriter is a ResponseWriter into memory, with net/http's rules.
type answerWriter struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (w *answerWriter) Header() http.Header { return w.header }

func (w *answerWriter) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("simkit: invalid HTTP status %d", status))
	}
	if w.status != 0 || status < 200 {
		return // the first final status counts
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}
