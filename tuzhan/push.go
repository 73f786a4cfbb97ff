package tuzhan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	OptType                 optType `json:"optType"`
	DeleteSubDepartmentFlag string  `json:"deleteSubDepartmentFlag,omitzero"` // a quoted boolean
}

type request struct {
	PublicParams publicParams `json:"publicParams"`
	Data         []any        `json:"data"`
}

// kind is what one of the calls does with records of type T.
type kind[T any] struct {
	op            kernel.Op
	params        publicParams
	names         [3]string                      // the fields of an identity
	self          func(T) identity               // of a record
	echo          func(echo) identity            // of a row of errorData
	parent        func(T) identity               // nil where records have none
	parentNames   [3]string                      // the fields of parent
	childrenFirst bool                           // parents first otherwise
	fault         func(T) (field, reason string) // what is wrong with a record, "" if nothing is
	row           func(T) any                    // its wire form
}

// job is one batch under way.
type job[T any] struct {
	kind[T]

	client   *Client
	records  []T
	outcomes []outcome // a chunk writes those of its own records, and no other

	mu       sync.Mutex
	messages []string
}

// push sends records and returns what became of each.
func push[T any](ctx context.Context, c *Client, k kind[T], records []T) (Result[T], error) {
	j := &job[T]{kind: k, client: c, records: records, outcomes: make([]outcome, len(records))}
	unsent := batch.Run(ctx, j.plan(), batch.Options{Size: maxRecords, Parallel: c.parallel}, j.send)
	for _, r := range unsent {
		j.outcomes[r.Index].err = notSent(ctx.Err())
	}
	return collect(records, j.outcomes, j.messages)
}

// plan refuses what the vendor would have to refuse and puts the rest in order.
func (j *job[T]) plan() [][]batch.Record[T] {
	accepted := make([]batch.Record[T], 0, len(j.records))
	seen := newIndex(len(j.records))
	for i, r := range j.records {
		if field, reason := j.fault(r); field != "" {
			j.refuse(i, field, reason)
			continue
		}
		self := j.self(r)
		if at, way, ok := seen.duplicate(self); ok {
			// Neither the vendor nor its answer could tell the two apart.
			j.refuse(i, j.names[way], fmt.Sprintf("duplicates data[%d]", accepted[at].Index))
			continue
		}
		seen.add(self)
		accepted = append(accepted, batch.Record[T]{Index: i, Value: r})
	}
	if j.parent == nil {
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
	j.outcomes[i].err = &FieldError{Op: j.op.Name, Field: fmt.Sprintf("data[%d].%s", i, field), Reason: reason}
}

// send sends one chunk, settles the outcome of its records, and reports
// whether to go on with the next.
func (j *job[T]) send(ctx context.Context, chunk []batch.Record[T]) bool {
	rows := make([]any, len(chunk))
	for i, r := range chunk {
		rows[i] = j.row(r.Value)
	}
	body, err := wire.Encode(request{PublicParams: j.params, Data: rows})
	if err != nil {
		return j.fail(chunk, 0, err)
	}
	a, attempts, err := j.client.post(ctx, j.op, body)
	if err != nil {
		return j.fail(chunk, attempts, err)
	}
	j.settle(chunk, a, attempts, scrubber(body))
	return true
}

// settle reads the outcome of a chunk's records from the vendor's answer.
func (j *job[T]) settle(chunk []batch.Record[T], a answer, attempts int, scrub func(string) string) {
	ids := newIndex(len(chunk))
	for _, r := range chunk {
		ids.add(j.self(r.Value))
	}
	v := a.judge(func(row echo) (int, bool) { return ids.find(j.echo(row)) })

	rest := outcome{message: scrub(v.rest.message), pending: v.rest.pending}
	if v.rest.why != nil {
		rest.err = j.refusal(attempts, rest.message, v.rest.unknown, v.rest.why)
	}
	if len(chunk) == 1 && v.rest.message != "" {
		// A text about the whole chunk is about its only record.
		rest.err = j.refusal(attempts, rest.message, false, reason(v.rest.message))
	}
	for i, r := range chunk {
		o := rest
		if text, failed := v.failed[i]; failed {
			o = outcome{message: scrub(text)}
			o.err = j.refusal(attempts, o.message, false, reason(text))
		}
		j.outcomes[r.Index] = o
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, text := range v.extra {
		j.messages = append(j.messages, scrub(text))
	}
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
	o := outcome{err: err}
	if attempts == 0 {
		o.err = notSent(err)
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Op == j.op.Name && e.HTTPStatus/100 == 2 && e.Code != "" {
		o.message = e.Message
		goOn = !errors.Is(e, ErrUnauthorized)
	}
	for _, r := range chunk {
		j.outcomes[r.Index] = o
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
