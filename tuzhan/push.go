package tuzhan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// maxRecords is the most that one call takes (每次最大500条).
const maxRecords = 500

// optType is the vendor's 导入方式.
type optType string

const (
	optAdd    optType = "add"
	optUpdate optType = "update"
	optDelete optType = "delete"
)

// operation is one optType of a path. Adding twice would make two of one
// thing; updating or deleting twice is the same as once.
func operation(path string, opt optType) kernel.Op {
	op := kernel.Op{
		Name:   path + " " + string(opt),
		Method: http.MethodPost,
		Path:   "/api/integrate/" + path,
		Class:  kernel.Idempotent,
	}
	if opt == optAdd {
		op.Class = kernel.Once
	}
	return op
}

type publicParams struct {
	OptType                 optType
	DeleteSubDepartmentFlag string // a quoted boolean, "" for none
}

// kind is what one of the calls does with records of type T.
type kind[T any] struct {
	exists        *regexp.Regexp    // messages that say whether a record exists
	own           func(*T) []string // values of a record that a message may quote
	op            kernel.Op
	params        publicParams
	names         [3]string                       // the fields of an identity
	self          func(*T) identity               // of a record
	echo          func(echo) identity             // of a row of errorData
	parent        func(*T) identity               // nil where records have none
	parentNames   [3]string                       // the fields of parent
	childrenFirst bool                            // parents first otherwise
	fault         func(*T) (field, reason string) // what is wrong with a record, "" if nothing is
	appendTo      func([]byte, *T) []byte         // its wire form
}

// job is one batch under way.
type job[T any] struct {
	kind[T]

	client *Client
	items  []Item[T] // a chunk writes the outcomes of its own records, and no other

	mu       sync.Mutex
	messages []string
}

// push sends records and returns what became of each.
func push[T any](ctx context.Context, c *Client, k kind[T], records []T) (Result[T], error) {
	j := &job[T]{kind: k, client: c, items: make([]Item[T], len(records))}
	for i := range records {
		j.items[i].Index, j.items[i].Record = i, records[i]
	}
	unsent := batch.Run(ctx, j.plan(), batch.Options{Size: maxRecords, Parallel: c.parallel}, j.send)
	for _, r := range unsent {
		j.items[r.Index].Err = notSent(ctx.Err())
	}
	return collect(j.items, j.messages)
}

// plan refuses what the vendor would have to refuse and puts the rest in order.
func (j *job[T]) plan() [][]batch.Record[T] {
	accepted := make([]batch.Record[T], 0, len(j.items))
	seen := newIndex(len(j.items), func(at int) identity { return j.self(accepted[at].Value) })
	flat := true
	for i := range j.items {
		r := &j.items[i].Record
		if field, reason := j.fault(r); field != "" {
			j.refuse(i, field, reason)
			continue
		}
		if at, way, ok := seen.claim(j.self(r)); ok {
			// Neither the vendor nor its answer could tell the two apart.
			j.refuse(i, j.names[way], fmt.Sprintf("duplicates data[%d]", accepted[at].Index))
			continue
		}
		accepted = append(accepted, batch.Record[T]{Index: i, Value: r})
		flat = flat && (j.parent == nil || j.parent(r) == identity{})
	}
	if flat {
		return [][]batch.Record[T]{accepted}
	}
	waves, cyclic := order(accepted, j.self, j.parent)
	for _, r := range cyclic {
		j.refuse(r.Index, j.parentNames[j.parent(r.Value).way()], "leads into a cycle of parents")
	}
	if j.childrenFirst {
		slices.Reverse(waves)
	}
	return waves
}

func (j *job[T]) refuse(i int, field, reason string) {
	j.items[i].Err = &FieldError{Op: j.op.Name, Field: fmt.Sprintf("data[%d].%s", i, field), Reason: reason}
}

// encode appends the body of a call that carries chunk to b.
func (j *job[T]) encode(b []byte, chunk []batch.Record[T]) []byte {
	b = append(b, `{"publicParams":`...)
	start := len(b)
	b = wire.AppendText(b, `,"optType":`, string(j.params.OptType))
	b = wire.AppendNonzeroText(b, `,"deleteSubDepartmentFlag":`, j.params.DeleteSubDepartmentFlag)
	b = append(wire.CloseObject(b, start), `,"data":[`...)
	for i, r := range chunk {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		b = j.appendTo(b, r.Value)
		if i == 0 {
			// Assume that the others are like it, and somewhat longer.
			b = slices.Grow(b, len(chunk)*(len(b)-start)*9/8)
		}
	}
	return append(b, "]}"...)
}

// send sends one chunk, settles the outcome of its records, and reports
// whether to go on with the next.
func (j *job[T]) send(ctx context.Context, chunk []batch.Record[T]) bool {
	body := kernel.NewBuffer()
	defer body.Release()
	body.Bytes = j.encode(body.Bytes, chunk)
	a, attempts, err := j.client.post(ctx, j.op, body)
	if err != nil {
		return j.fail(chunk, attempts, err)
	}
	j.settle(chunk, &a, attempts)
	return true
}

// settle reads the outcome of a chunk's records from the vendor's answer.
func (j *job[T]) settle(chunk []batch.Record[T], a *answer, attempts int) {
	v := a.judge(j.finder(chunk, a))
	if v.allDone() {
		return
	}
	message := a.scrub.Scrub(v.rest.message)
	var rest error
	if v.rest.why != nil {
		rest = j.refusal(attempts, message, v.rest.unknown, v.rest.why)
	}
	if len(chunk) == 1 && v.rest.message != "" {
		// A text about the whole chunk is about its only record.
		rest = j.refusal(attempts, message, false, reason(v.rest.message, j.exists, j.own(chunk[0].Value)))
	}
	for i, r := range chunk {
		item := &j.items[r.Index]
		item.Err, item.Message = rest, message
		if text, failed := v.failed[i]; failed {
			item.Message = a.scrub.Scrub(text)
			item.Err = j.refusal(attempts, item.Message, false, reason(text, j.exists, j.own(r.Value)))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, text := range v.extra {
		j.messages = append(j.messages, a.scrub.Scrub(text))
	}
}

// finder returns the function that finds the position within the chunk of the
// record that a row of errorData means. Without rows it costs nothing.
func (j *job[T]) finder(chunk []batch.Record[T], a *answer) func(echo) (int, bool) {
	if len(a.ErrorData) == 0 {
		return nil
	}
	self := func(at int) identity { return j.self(chunk[at].Value) }
	ids := newIndex(len(chunk), self)
	for at := range chunk {
		ids.add(self(at))
	}
	return func(row echo) (int, bool) { return ids.find(j.echo(row)) }
}

// refusal is the error of a record whose call was answered.
func (j *job[T]) refusal(attempts int, message string, unknown bool, why error) error {
	return &Error{
		Vendor:         vendor,
		Op:             j.op.Name,
		HTTPStatus:     http.StatusOK,
		Message:        message,
		Attempts:       attempts,
		OutcomeUnknown: unknown,
		Err:            why,
	}
}

// fail gives all records of a chunk the error of their call. Only where the
// vendor itself refused the call, for a reason other than the credential, can
// the next chunk fare better.
func (j *job[T]) fail(chunk []batch.Record[T], attempts int, err error) (goOn bool) {
	message := ""
	if e, ok := errors.AsType[*Error](err); ok && e.Op == j.op.Name && e.HTTPStatus/100 == 2 && e.Code != "" {
		message = e.Message
		goOn = !errors.Is(e, ErrUnauthorized)
	}
	if attempts == 0 {
		err = notSent(err)
	}
	for _, r := range chunk {
		j.items[r.Index].Err, j.items[r.Index].Message = err, message
	}
	return goOn
}

// notSent is the error of a record that was never sent, because of why or else
// of an earlier call that failed.
func notSent(why error) error {
	if why == nil {
		return fmt.Errorf("%w: an earlier call failed", ErrNotSent)
	}
	return fmt.Errorf("%w: %w", ErrNotSent, why)
}
