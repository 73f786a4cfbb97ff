package kernel

import (
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/orgbridge/orgbridge/internal/token"
)

// prepare waits for the limiter and builds the next attempt.
func (r *run) prepare() (*http.Request, error) {
	if l := r.client.set.Limiter; l != nil {
		if err := l.Wait(r.ctx); err != nil {
			return nil, r.limited(err)
		}
	}
	out := Outgoing{
		Method: r.call.Op.Method,
		Path:   r.call.Op.Path,
		Query:  cloneValues(r.call.Query),
		Header: r.newHeader(),
		Body:   r.call.Body,
	}
	credential := ""
	if r.call.Tokens != nil {
		if err := r.credential(); err != nil {
			return nil, r.halt(err)
		}
		credential = r.token.Reveal()
	}
	if r.call.Authorize != nil {
		if err := r.call.Authorize(r.ctx, &out, credential); err != nil {
			return nil, r.halt(err)
		}
	}
	h, err := r.build(&out)
	if err != nil {
		return nil, r.halt(err)
	}
	if end := r.ended(); end != nil {
		// Sending now would only leave the outcome in doubt.
		return nil, r.halt(end)
	}
	r.sent, r.values = out, nil
	r.attempts++
	r.status, r.answered, r.pause = 0, nil, 0
	r.sentAt = time.Now()
	if r.silentSince.IsZero() {
		r.silentSince = r.sentAt
	}
	return h, nil
}

// credential settles the token of the next attempt.
func (r *run) credential() error {
	t := r.next
	if t.IsZero() {
		var err error
		if t, err = r.call.Tokens.Token(r.ctx); err != nil {
			return err
		}
	}
	if !r.token.IsZero() && !r.token.Same(t) {
		r.used = append(r.used, r.token.Reveal())
	}
	r.token, r.next = t, token.Token{}
	return nil
}

func (r *run) newHeader() http.Header {
	h := make(http.Header, 4)
	values := [...]string{"application/json", "orgbridge-go", r.call.ContentType} // of this attempt alone
	h["Accept"], h["User-Agent"] = values[0:1:1], values[1:2:2]
	if r.call.ContentType != "" {
		h["Content-Type"] = values[2:3:3]
	}
	for name, values := range r.client.header() {
		h[name] = slices.Clip(values) // shared by all calls: appending must copy
	}
	return h
}

func cloneValues(v url.Values) url.Values {
	if v == nil {
		return url.Values{}
	}
	return maps.Clone(v)
}

// build makes the request anew, because a transport may still read the one of
// the attempt before.
func (r *run) build(out *Outgoing) (*http.Request, error) {
	if err := checkHeader(r.call.Op.Name, out.Header); err != nil {
		return nil, err
	}
	u := r.client.base()
	u.Path += out.Path
	switch query := out.Query.Encode(); {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	h, err := http.NewRequestWithContext(r.ctx, out.Method, "", nil)
	if err != nil {
		return nil, &FieldError{Op: r.call.Op.Name, Field: "method", Reason: "is not an HTTP method"}
	}
	h.URL, h.Host, h.Header = &u, u.Host, out.Header
	if host := out.Header.Get("Host"); host != "" {
		h.Host = host
	}
	return r.counted(h, out), nil
}

// counted counts how often net/http writes a request that has no body and does
// more than read: when a kept connection breaks before the answer it sends one
// again by itself, although the vendor may have carried it out.
func (r *run) counted(h *http.Request, out *Outgoing) *http.Request {
	r.writes = nil
	if r.call.Op.Class == Read || out.Body != nil {
		return h
	}
	writes := new(atomic.Int32) // of its own: an old attempt may still be writing
	r.writes = writes
	return h.WithContext(httptrace.WithClientTrace(h.Context(), &httptrace.ClientTrace{
		WroteRequest: func(w httptrace.WroteRequestInfo) {
			if w.Err == nil {
				writes.Add(1)
			}
		},
	}))
}

// resent reports whether net/http sent the latest attempt more than once.
func (r *run) resent() bool { return r.writes != nil && r.writes.Load() > 1 }
