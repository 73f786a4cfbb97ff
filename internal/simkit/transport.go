package simkit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Transport returns a RoundTripper that serves requests, to whatever host,
// by calling the handlers directly: no socket, no goroutine. It honours the
// request's context and presents faults as net/http does over a socket, except
// that it never repeats a request by itself (see [ResetConnection]).
func (s *Server) Transport() http.RoundTripper { return transport{s} }

// transport has no CloseIdleConnections: it keeps none.
type transport struct{ server *Server }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }() // the contract, errors included
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if t.server.isClosed() {
		return nil, netError("dial", "connect", syscall.ECONNREFUSED)
	}
	r, err := asReceived(req)
	if err != nil {
		return nil, err
	}
	body := &requestBody{ReadCloser: r.Body}
	r.Body = body
	a := t.server.exchange(r) //nolint:contextcheck // r carries it
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case body.err != nil:
		return nil, body.err
	}
	if a.lost {
		return nil, netError("read", "read", syscall.ECONNRESET)
	}
	return a.response(req), nil
}

// requestBody keeps the error of a body that cannot be read: it is the client's to see.
type requestBody struct {
	io.ReadCloser
	err error
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// netError is what a TCP connection returns for errno.
func netError(op, call string, errno syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(call, errno)}
}

// asReceived turns a client's request into what a server would see of it.
func asReceived(req *http.Request) (*http.Request, error) {
	if req.URL == nil || req.URL.Host == "" {
		return nil, errors.New("simkit: request without a host")
	}
	uri := req.URL.RequestURI()
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, errors.New("simkit: request URI cannot be parsed") // its text may hold a token
	}
	r := req.Clone(req.Context())
	r.URL, r.RequestURI = u, uri
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.RemoteAddr = "192.0.2.1:1234" // TEST-NET-1, as httptest does
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if _, set := r.Header["User-Agent"]; !set {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	if r.Body == nil {
		r.Body = http.NoBody
	} else if r.Body != http.NoBody && r.ContentLength == 0 {
		r.ContentLength = -1 // a client's way to say unknown
	}
	return r, nil
}

// response is the answer as a client's transport returns it.
func (a answer) response(req *http.Request) *http.Response {
	text := http.StatusText(a.status)
	if text == "" {
		text = "status code " + strconv.Itoa(a.status) // net/http's words
	}
	resp := &http.Response{
		Status:     strconv.Itoa(a.status) + " " + text,
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.wireHeader(),
		Body:          http.NoBody,
		ContentLength: int64(a.length),
		Request:       req,
	}
	if resp.Header.Get("Date") == "" { // a vendor may have a clock of its own
		resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	if req.Method != http.MethodHead && a.length > 0 {
		resp.Body = &memoryBody{ctx: req.Context(), rest: bytes.NewReader(a.body), cut: a.length > len(a.body)}
	}
	return resp
}

// wireHeader adds the length to the header.
func (a answer) wireHeader() http.Header {
	h := a.header.Clone()
	h.Del("Content-Length")
	if bodyAllowed(a.status) {
		h.Set("Content-Length", strconv.Itoa(a.length))
	}
	return h
}

// memoryBody is a response body that ends as one from a socket: with the
// context's error once that is done, or in the middle if it was cut.
type memoryBody struct {
	ctx    context.Context //nolint:containedctx // net/http ties bodies to the request's context too
	rest   *bytes.Reader
	cut    bool
	closed bool
}

func (b *memoryBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	n, err := b.rest.Read(p)
	if err != nil && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *memoryBody) Close() error {
	b.closed = true
	return nil
}
