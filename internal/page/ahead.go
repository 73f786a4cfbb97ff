package page

import (
	"context"
	"errors"
	"sync"
)

// ahead reads pages before their turn. It guesses where they begin, and a guess is used only when
// it turns out to be the true offset, so guessing can cost requests but never rows.
//
// At most width fetches are in flight. A consumer that is slow finds at most width pages begun
// beyond the one it holds. While it waits for a page that is slower than those behind it, up to
// width more are begun: otherwise the slowest fetch of every window would leave the other slots
// idle.
//
// Only the consumer's goroutine touches the fields; a fetch reports through done.
type ahead[T any] struct {
	parent context.Context //nolint:containedctx // an ahead lives within one range
	fetch  Fetch[T]
	count  int // records asked for
	// overlap is how many of them the next page begins with
	overlap int
	width   int // most fetches in flight
	left    int // pages below the page cap that were not handed out yet

	// One run of guesses, from a true offset to the first wrong guess.
	ctx      context.Context //nolint:containedctx // lives as long as the iteration
	cancel   context.CancelFunc
	flights  sync.WaitGroup
	done     chan *guess[T] // holds every flight, so that a fetch never waits to report
	inFlight int
	queue    []*guess[T] // by offset; the first is the next to be handed out
	next     int         // offset of the next guess
	stride   int         // records from one guess to the next
	settled  bool        // no further guess can be right
}

type guess[T any] struct {
	begin    int
	page     Page[T]
	err      error
	panicked any // of fetch, nil for none
	ended    bool
}

var errAborted = errors.New("the fetch was aborted")

// run fetches the page. A panic is kept for the consumer: in this goroutine nothing could
// recover it, whereas pages that are read one by one panic where the caller can.
func (g *guess[T]) run(ctx context.Context, fetch Fetch[T], count int) {
	g.err = errAborted // unless fetch returns: runtime.Goexit ends it as well
	defer func() {
		if v := recover(); v != nil {
			g.panicked = v
		}
	}()
	g.page, g.err = fetch(ctx, g.begin, count)
}

func (a *ahead[T]) read(begin int) (Page[T], error) {
	if len(a.queue) == 0 {
		a.restart(begin, a.count-a.overlap)
	}
	head := a.queue[0]
	for !head.ended {
		a.fill(2 * a.width)
		a.land(<-a.done)
	}
	if head.panicked != nil {
		panic(head.panicked)
	}
	a.queue = a.queue[1:]
	a.left--
	return head.page, head.err
}

// follow begins the next fetches before the consumer gets its rows. After a wrong guess the stride
// becomes what the server has just shown, because one that caps its pages below count would make
// every later guess wrong as well.
func (a *ahead[T]) follow(begin, stride int) {
	if len(a.queue) == 0 || a.queue[0].begin != begin {
		a.restart(begin, stride)
		return
	}
	a.fill(a.width)
}

func (a *ahead[T]) restart(begin, stride int) {
	a.stop()
	a.ctx, a.cancel = context.WithCancel(a.parent) //nolint:gosec // stop calls it
	a.done = make(chan *guess[T], a.width)
	a.inFlight, a.queue, a.settled = 0, nil, false
	a.next, a.stride = begin, stride
	a.fill(a.width)
}

func (a *ahead[T]) stop() {
	if a.cancel != nil {
		a.cancel()
	}
	a.flights.Wait()
}

// fill starts fetches until width are in flight or limit pages are begun and not handed out.
func (a *ahead[T]) fill(limit int) {
	for a.inFlight < a.width && len(a.queue) < min(limit, a.left) && !a.settled {
		g := &guess[T]{begin: a.next}
		ctx, done := a.ctx, a.done
		a.flights.Go(func() {
			defer func() { done <- g }()
			g.run(ctx, a.fetch, a.count)
		})
		a.queue = append(a.queue, g)
		a.inFlight++
		a.next += a.stride
	}
}

// land takes in the report of a fetch.
func (a *ahead[T]) land(g *guess[T]) {
	g.ended = true
	a.inFlight--
	// The list ends here, goes on elsewhere than guessed, or g failed and has no records: nothing
	// behind g will be used.
	if g.page.Records != a.stride+a.overlap {
		a.settled = true
	}
}
