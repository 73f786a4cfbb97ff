package tuzhan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// MaxBatch is the most records that one call takes (每次最大500条). A client cuts longer lists by
// itself.
const MaxBatch = 500

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
	*batch.Push[T]

	client *Client
}

// push sends records and returns what became of each.
func push[T any](ctx context.Context, c *Client, k kind[T], records []T) (Result[T], error) {
	if err := c.ready(ctx, k.op.Name); err != nil {
		return batch.Unsendable(k.op.Name, records, err)
	}
	j := &job[T]{kind: k, client: c, Push: batch.New(k.op.Name, records)}
	j.Run(ctx, j.order(j.accept()), batch.Options{Size: MaxBatch, Parallel: c.parallel}, j.send)
	return j.Result()
}

// accept refuses what the vendor would have to refuse, and returns the rest.
func (j *job[T]) accept() []batch.Record[T] {
	positions := make([]int, 0, len(j.Items)) // of what was accepted so far
	seen := newIndex(len(j.Items), func(at int) identity { return j.self(&j.Items[positions[at]].Record) })
	return j.Check(func(i int, r *T) (field, reason string) {
		if field, reason = j.fault(r); field != "" {
			return field, reason
		}
		if at, way, ok := seen.claim(j.self(r)); ok {
			// Neither the vendor nor its answer could tell the two apart.
			return j.names[way], fmt.Sprintf("duplicates data[%d]", positions[at])
		}
		positions = append(positions, i)
		return "", ""
	})
}

// order puts parents before their children, or after them.
func (j *job[T]) order(records []batch.Record[T]) [][]batch.Record[T] {
	if j.parent == nil {
		return [][]batch.Record[T]{records}
	}
	return batch.Order(j.Push, records, batch.Tree[T, key]{
		Keys: func(r *T, name func(key)) {
			for way, n := range j.self(r) {
				if n.exists() {
					name(key{way, n})
				}
			}
		},
		Parent:        func(r *T) key { return j.parent(r).first() },
		ParentField:   func(r *T) string { return j.parentNames[j.parent(r).way()] },
		ChildrenFirst: j.childrenFirst,
	})
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
		item := &j.Items[r.Index]
		item.Err, item.Message = rest, message
		if text, failed := v.failed[i]; failed {
			item.Message = a.scrub.Scrub(text)
			item.Err = j.refusal(attempts, item.Message, false, reason(text, j.exists, j.own(r.Value)))
		}
	}
	for i, text := range v.extra {
		v.extra[i] = a.scrub.Scrub(text)
	}
	j.Say(v.extra...)
}

// finder returns the function that finds the position within the chunk of the
// record that a row of errorData means. Without rows it costs nothing.
func (j *job[T]) finder(chunk []batch.Record[T], a *answer) func(echo) (int, bool) {
	if len(a.errorData) == 0 {
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
		j.Unsent(chunk, err)
	} else {
		j.Fail(chunk, message, err)
	}
	return goOn
}
