package yunjiantest

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"time"
)

// CallerFault makes requests of a [Caller] go wrong; hand it to [Caller.Inject]. Its
// methods On, Times and Always say which requests it strikes, by default the next one that
// it can strike. All faults that are due strike together.
type CallerFault struct {
	op     string // "" means both
	times  int
	change func(*outgoing)
}

// outgoing is a request that can still be changed.
type outgoing struct {
	ctx      context.Context //nolint:containedctx // the life of one request
	stamp    time.Time       // of a login
	mutate   []func(body []byte) []byte
	sign     func(sign string) string
	slowly   func(io.Reader) io.Reader
	cut      bool
	repeated int
}

// On limits the fault to one operation, [OpGetSession] or [OpSyncUsers].
func (f CallerFault) On(op string) CallerFault {
	f.op = op
	return f
}

// Times strikes n requests instead of one; below 1 it means 1.
func (f CallerFault) Times(n int) CallerFault {
	f.times = max(n, 1)
	return f
}

// Always strikes every request.
func (f CallerFault) Always() CallerFault {
	f.times = math.MaxInt
	return f
}

// SendWrongSign signs the next login with another key.
func SendWrongSign() CallerFault {
	return CallerFault{op: OpGetSession, times: 1, change: func(o *outgoing) {
		o.sign = func(sign string) string { return signature([]byte(`{"was":"`+sign+`"}`), "another-key") }
	}}
}

// SendStale stamps and signs the next login with a time that is age ago; ahead if age is
// negative.
func SendStale(age time.Duration) CallerFault {
	return CallerFault{op: OpGetSession, times: 1, change: func(o *outgoing) { o.stamp = o.stamp.Add(-age) }}
}

// SendTwice sends the request, and then the same bytes again: a replay. The second answer
// counts.
func SendTwice() CallerFault {
	return CallerFault{times: 1, change: func(o *outgoing) { o.repeated++ }}
}

// SendSlowly sends the body in parts of some bytes, with a pause before each.
func SendSlowly(part int, pause time.Duration) CallerFault {
	return CallerFault{times: 1, change: func(o *outgoing) {
		o.slowly = func(r io.Reader) io.Reader { return &slowReader{o.ctx, r, max(part, 1), pause} }
	}}
}

// SendCut announces the whole body and breaks off in the middle of it. Over a socket the
// call then fails with [io.ErrUnexpectedEOF]; a Handler in memory sees the body end so.
func SendCut() CallerFault {
	return CallerFault{times: 1, change: func(o *outgoing) { o.cut = true }}
}

// SendBody sends what change makes of the body, after it was signed.
func SendBody(change func(body []byte) []byte) CallerFault {
	return CallerFault{times: 1, change: func(o *outgoing) { o.mutate = append(o.mutate, change) }}
}

// Inject adds faults to those already waiting. It panics if a fault names an operation that
// does not exist.
func (c *Caller) Inject(faults ...CallerFault) {
	for _, f := range faults {
		if f.change == nil || f.op != "" && f.op != OpGetSession && f.op != OpSyncUsers {
			panic("yunjiantest: a fault without a constructor, or on an operation that does not exist")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, faults...)
}

// ClearFaults drops all faults.
func (c *Caller) ClearFaults() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// strike returns what the faults that are due make of a request.
func (c *Caller) strike(ctx context.Context, op string) *outgoing {
	o := &outgoing{ctx: ctx, stamp: c.config.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.faults[:0:0]
	for _, f := range c.faults {
		if f.op == "" || f.op == op {
			f.change(o)
			f.times--
		}
		if f.times > 0 {
			kept = append(kept, f)
		}
	}
	c.faults = kept
	return o
}

// changed is a body as the faults have it.
func (o *outgoing) changed(body []byte) []byte {
	for _, change := range o.mutate {
		body = change(body)
	}
	return body
}

// reader is the body as it is sent.
func (o *outgoing) reader(body []byte) io.Reader {
	var r io.Reader = bytes.NewReader(body)
	if o.cut {
		r = io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{})
	}
	if o.slowly != nil {
		r = o.slowly(r)
	}
	return r
}

// broken is where a body breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type slowReader struct {
	ctx   context.Context //nolint:containedctx // the life of one request
	from  io.Reader
	part  int
	pause time.Duration
}

func (r *slowReader) Read(p []byte) (int, error) {
	select {
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	case <-time.After(r.pause):
	}
	return r.from.Read(p[:min(len(p), r.part)])
}

// request makes the request of a body.
func (o *outgoing) request(address string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(o.ctx, http.MethodPost, address, o.reader(body))
	if err != nil {
		return nil, errAddress
	}
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	return r, nil
}
