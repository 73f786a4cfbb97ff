package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

var (
	// ErrNotSent says that the record is fine but was not sent.
	ErrNotSent = errors.New("not sent")
	// ErrPending says that the vendor has the record and has not decided yet.
	ErrPending = errors.New("in progress at the vendor")
)

var errEarlier = errors.New("an earlier call failed")

// Push is one batch under way. Each of Items belongs to the chunk that carries it while that chunk
// is being sent: no other goroutine may touch it.
type Push[T any] struct {
	Items []Item[T] // in the caller's order; without Err, a success

	op       string // names the call in errors about fields
	mu       sync.Mutex
	messages []string
}

// New returns a push of records by an operation. The records are copied.
func New[T any](op string, records []T) *Push[T] {
	p := &Push[T]{op: op, Items: make([]Item[T], len(records))}
	for i := range records {
		p.Items[i].Index, p.Items[i].Record = i, records[i]
	}
	return p
}

// Unsendable is the outcome of a batch of which nothing could be sent, because of why.
func Unsendable[T any](op string, records []T, why error) (Result[T], error) {
	p := New(op, records)
	for i := range p.Items {
		p.Items[i].Err = fmt.Errorf("%w: %w", ErrNotSent, why)
	}
	r, err := p.Result()
	if err == nil {
		err = why // there are no records
	}
	return r, err
}

// Check refuses the records in which fault finds a field, and returns the others.
func (p *Push[T]) Check(fault func(i int, r *T) (field, reason string)) []Record[T] {
	sendable := make([]Record[T], 0, len(p.Items))
	for i := range p.Items {
		r := &p.Items[i].Record
		if field, reason := fault(i, r); field != "" {
			p.Refuse(i, field, reason)
			continue
		}
		sendable = append(sendable, Record[T]{Index: i, Value: r})
	}
	return sendable
}

// Refuse fails the i-th record because of one of its fields.
func (p *Push[T]) Refuse(i int, field, reason string) {
	p.Items[i].Err = &kernel.FieldError{Op: p.op, Field: fmt.Sprintf("data[%d].%s", i, field), Reason: reason}
}

// Fail gives records the error of their call and the vendor's text about it.
func (p *Push[T]) Fail(records []Record[T], message string, err error) {
	for _, r := range records {
		p.Items[r.Index].Err, p.Items[r.Index].Message = err, message
	}
}

// Unsent says of records that they were not sent, and why.
func (p *Push[T]) Unsent(records []Record[T], why error) {
	if len(records) > 0 {
		p.Fail(records, "", fmt.Errorf("%w: %w", ErrNotSent, why))
	}
}

// Say notes texts of the vendor's that are about no particular record.
func (p *Push[T]) Say(texts ...string) {
	if len(texts) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.messages = append(p.messages, texts...)
}

// Run sends waves with [Run]. Records that it does not get to have [ErrNotSent].
func (p *Push[T]) Run(ctx context.Context, waves [][]Record[T], o Options, send func(context.Context, []Record[T]) bool) {
	unsent := Run(ctx, waves, o, send)
	why := ctx.Err()
	if why == nil {
		why = errEarlier
	}
	p.Unsent(unsent, why)
}

// Tree says how records name their parents.
type Tree[T any, K comparable] struct {
	// Keys and Parent are those of [Waves].
	Keys   func(r *T, name func(K))
	Parent func(*T) K
	// ParentField is the name of the field in which a record names its parent.
	ParentField func(*T) string
	// ChildrenFirst puts children before their parents.
	ChildrenFirst bool
}

// Order cuts records into waves by a tree, and refuses those in a cycle of parents and below one.
func Order[T any, K comparable](p *Push[T], records []Record[T], tree Tree[T, K]) [][]Record[T] {
	var none K
	if !slices.ContainsFunc(records, func(r Record[T]) bool { return tree.Parent(r.Value) != none }) {
		return [][]Record[T]{records}
	}
	waves, cyclic := Waves(records, tree.Keys, tree.Parent)
	for _, r := range cyclic {
		p.Refuse(r.Index, tree.ParentField(r.Value), "leads into a cycle of parents")
	}
	if tree.ChildrenFirst {
		slices.Reverse(waves)
	}
	return waves
}
