package kernel

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// maxPooledBody keeps a rare huge body from staying in memory. A chunk of 2,000
// people takes about 700 KB.
const maxPooledBody = 4 << 20

var bodies = sync.Pool{New: func() any { return new([]byte) }}

// Buffer is reusable memory for a request's body. The caller of a call holds it,
// and so does every reader given to the transport, which may still be sending an
// attempt whose answer came early or that was abandoned. The memory returns to
// the pool when all of them are done; a transport that never closes a body keeps
// it from the pool, not from the garbage collector.
type Buffer struct {
	Bytes []byte // is appended to before the call, and not changed after that

	pooled  *[]byte
	holders atomic.Int32
}

// NewBuffer returns an empty buffer that the caller must release.
func NewBuffer() *Buffer {
	pooled, ok := bodies.Get().(*[]byte)
	if !ok {
		pooled = new([]byte) // the pool holds nothing else
	}
	b := &Buffer{Bytes: (*pooled)[:0], pooled: pooled}
	b.holders.Store(1)
	return b
}

// Release ends the hold of NewBuffer's caller, who must not use Bytes any more.
func (b *Buffer) Release() {
	if b.holders.Add(-1) > 0 {
		return
	}
	if cap(b.Bytes) <= maxPooledBody {
		*b.pooled = b.Bytes[:0]
	}
	b.Bytes = nil
	bodies.Put(b.pooled)
}

// hold adds a holder, unless the memory is no longer the buffer's.
func (b *Buffer) hold() bool {
	for {
		n := b.holders.Load()
		if n == 0 {
			return false
		}
		if b.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

var errBodyGone = errors.New("the request's body is read after the call")

// open returns a reader of body, which lies in the buffer.
func (b *Buffer) open(body []byte) (io.Reader, error) {
	if !b.hold() {
		return nil, errBodyGone
	}
	return &bodyReader{buffer: b, rest: body}, nil
}

// bodyReader reads a body in a buffer. It has no WriteTo, which would hand the
// memory out, and a lock, because HTTP/2 closes a body while another goroutine
// reads it.
type bodyReader struct {
	mu     sync.Mutex
	buffer *Buffer // nil when closed
	rest   []byte
}

// Len is the body's length while nothing has been read.
func (r *bodyReader) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rest)
}

// Read implements [io.Reader].
func (r *bodyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.buffer == nil:
		return 0, errBodyGone
	case len(r.rest) == 0:
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close implements [io.Closer].
func (r *bodyReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buffer != nil {
		r.buffer.Release()
		r.buffer, r.rest = nil, nil
	}
	return nil
}
