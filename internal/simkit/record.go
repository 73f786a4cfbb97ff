package simkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// A Request is one request as the server received it.
//
// Its fields may hold tokens and personal data, so printing, logging or
// marshalling a Request shows operation, method and status only.
type Request struct {
	Index  int       // position among all recorded requests, from 0
	At     time.Time // when its body had arrived, by the simulator's clock
	Op     string    // operation, "" if the method and path name none
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte // whole; of a body beyond 16 MiB, which is answered 413, the beginning

	// Status is the HTTP status sent, or 0 while there is none: still in
	// service, connection reset, answer lost, or client gone.
	Status int
}

// String returns operation, method and status.
func (r Request) String() string {
	op := r.Op
	if op == "" {
		op = "(no operation)"
	}
	return fmt.Sprintf("%s %s %d", r.Method, op, r.Status)
}

// Format prints String for every verb, %+v and %#v included.
func (r Request) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue logs operation, method and status.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("op", r.Op), slog.String("method", r.Method), slog.Int("status", r.Status))
}

// MarshalJSON marshals operation, method and status: slog's JSON handler does
// not honour LogValue inside slices and structs.
func (r Request) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Op     string `json:"op"`
		Method string `json:"method"`
		Status int    `json:"status"`
	}{r.Op, r.Method, r.Status})
}

func (r Request) clone() Request {
	r.Query = maps.Clone(r.Query)
	for k, v := range r.Query {
		r.Query[k] = slices.Clone(v)
	}
	r.Header = r.Header.Clone()
	r.Body = bytes.Clone(r.Body)
	return r
}

type recorder struct {
	mu       sync.Mutex
	requests []*Request
}

// add records r and returns the function that notes the status sent.
func (rec *recorder) add(op string, at time.Time, r *http.Request, body []byte) (answered func(status int)) {
	entry := &Request{
		At: at, Op: op, Method: r.Method, Path: r.URL.Path,
		Query: r.URL.Query(), Header: r.Header.Clone(), Body: body,
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	entry.Index = len(rec.requests)
	rec.requests = append(rec.requests, entry)
	return func(status int) {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		entry.Status = status
	}
}

func (rec *recorder) list(op string) []Request {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	var list []Request
	for _, r := range rec.requests {
		if op == "" || r.Op == op {
			list = append(list, r.clone())
		}
	}
	return list
}

func (rec *recorder) count(op string) int {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	n := 0
	for _, r := range rec.requests {
		if op == "" || r.Op == op {
			n++
		}
	}
	return n
}

func (rec *recorder) reset() {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.requests = nil
}
