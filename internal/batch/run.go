package batch

import (
	"context"
	"runtime"
	"sync"
)

// Record is one of the caller's records, where it lies, with its position in the caller's slice, so
// that an outcome finds its way back however the records were ordered and cut.
type Record[T any] struct {
	Index int
	Value *T
}

// Index wraps values as records, in their order.
func Index[T any](values []T) []Record[T] {
	records := make([]Record[T], len(values))
	for i := range values {
		records[i] = Record[T]{Index: i, Value: &values[i]}
	}
	return records
}

// Options says how waves are cut and sent.
type Options struct {
	// Size is the most records a chunk holds: the vendor's limit for one call. Below 1 it counts as
	// 1, which no vendor refuses.
	Size int
	// Parallel is the most chunks sent at the same time. 0 or 1 sends one after the other, in the
	// caller's goroutine.
	Parallel int
}

// Run sends waves in order and the chunks of one wave concurrently, at most o.Parallel at once;
// chunks are begun in order. A wave starts only when every chunk of the wave before it has ended,
// so children never overtake their parents.
//
// send reports whether to go on. Once one send says no, or ctx has ended, no further chunk is
// begun; those under way are waited for. send must be safe for concurrent use when o.Parallel is
// above 1, and must not change the chunk, which shares the wave's memory.
//
// Run returns the records that were never handed to send, in wave order, so that each record is
// either sent or unsent.
func Run[T any](ctx context.Context, waves [][]Record[T], o Options, send func(context.Context, []Record[T]) bool) (unsent []Record[T]) {
	r := run[T]{size: max(o.Size, 1), send: send}
	for _, wave := range waves {
		r.rest = wave
		r.wave(ctx, o.Parallel)
		unsent = append(unsent, r.rest...)
	}
	return unsent
}

type run[T any] struct {
	size int
	send func(context.Context, []Record[T]) bool

	mu       sync.Mutex
	rest     []Record[T] // of the wave under way, not handed to send
	stopped  bool
	lost     bool // a helper's send did not return
	panicked any  // with what, nil for runtime.Goexit
}

// wave sends one wave. The caller's goroutine is one of the workers, so a panic in a sequential
// send is the caller's to recover. That of a helper is raised again here: its records have no
// outcome, and would count as sent.
func (r *run[T]) wave(ctx context.Context, parallel int) {
	var helpers sync.WaitGroup
	returned := false
	defer func() {
		if !returned {
			r.stop() // a panic in send: the helpers must not go on behind it
		}
		helpers.Wait()
		if returned {
			r.raise()
		}
	}()
	chunks := (len(r.rest)-1)/r.size + 1
	for range min(parallel, chunks) - 1 {
		helpers.Go(func() { r.help(ctx) })
	}
	r.work(ctx)
	returned = true
}

// help is work in a goroutine of its own.
func (r *run[T]) help(ctx context.Context) {
	returned := false
	defer func() {
		if v := recover(); v != nil || !returned {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.stopped, r.lost = true, true
			if r.panicked == nil {
				r.panicked = v
			}
		}
	}()
	r.work(ctx)
	returned = true
}

// raise ends the caller as a helper was ended.
func (r *run[T]) raise() {
	switch {
	case r.panicked != nil:
		panic(r.panicked)
	case r.lost:
		runtime.Goexit()
	}
}

func (r *run[T]) work(ctx context.Context) {
	for {
		chunk := r.take(ctx)
		if len(chunk) == 0 {
			return
		}
		if !r.send(ctx, chunk) {
			r.stop()
		}
	}
}

// take cuts the next chunk off the wave, or nothing when the wave is used up or the run is over.
func (r *run[T]) take(ctx context.Context) []Record[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped || ctx.Err() != nil {
		return nil
	}
	n := min(r.size, len(r.rest))
	chunk := r.rest[:n:n]
	r.rest = r.rest[n:]
	return chunk
}

func (r *run[T]) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}
