package yunzhijia

import (
	"context"
	"net/http"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

const (
	dataPath    = "/opendata-control/data/"
	partnerPath = "/opendata-control/partner/"

	formType       = "application/x-www-form-urlencoded"
	problemMissing = "is missing"
	problemOther   = "is not the one asked for"
)

// dataOp is a read below dataPath, which is named like the last part of its path.
func dataOp(name string) kernel.Op { return newOp(dataPath, name, kernel.Read) }

func partnerOp(name string, class kernel.Class) kernel.Op { return newOp(partnerPath, name, class) }

func newOp(path, name string, class kernel.Class) kernel.Op {
	return kernel.Op{Name: name, Method: http.MethodPost, Path: path + name, Class: class}
}

// call sends one operation and returns what read makes of the answer's data. Without
// data read is not called: that is an error unless the request says that it may be.
func call[R any](ctx context.Context, c *Client, r *request, read func(s *wire.Scanner) R) (R, error) {
	var result, none R
	if err := c.ready(ctx, r.op); err != nil {
		return none, err
	}
	if r.err != nil {
		return none, r.err
	}
	k, err := c.kernelOf(r.op)
	if err != nil {
		return none, err
	}
	op := r.op
	op.Path = c.gateway + op.Path
	r.form.Set("eid", c.eid)
	err = k.Do(ctx, kernel.Call{
		Op:          op,
		ContentType: formType,
		Body:        []byte(r.form.Encode()),
		Tokens:      c.tokens,
		Authorize: func(_ context.Context, out *kernel.Outgoing, accessToken string) error {
			r.attempts++
			out.Query.Set("accessToken", accessToken)
			return nil
		},
		Read: func(body []byte) (err error) {
			result, err = decode(body, r.mayLackData, read)
			return err
		},
		Header: r.header,
		// No code for a rejected token is documented: it may be any refusal.
		Rejected: func(int, string) bool { return true },
	})
	if err != nil {
		return none, err
	}
	return result, nil
}

// ready says why no call can be made; see [kernel.Client.Ready].
func (c *Client) ready(ctx context.Context, op kernel.Op) error {
	if c == nil {
		return kernel.Unmade(op.Name)
	}
	return c.kernel.Ready(ctx, op.Name)
}

// envelope is what every answer is wrapped in. Only success decides: the
// errorCode of a success is 100 with data calls and 0 with the token call.
type envelope struct {
	success, known bool
	code, message  string
	data           bool
	problem        *wire.DecodeError // of the data
}

func decode[R any](body []byte, mayLackData bool, read func(s *wire.Scanner) R) (R, error) {
	var e envelope
	var result, none R
	s := wire.NewScanner(body)
	e.scan(s, func() { result = read(s) })
	if err := s.End(); err != nil {
		return none, err
	}
	if field, problem := s.Problem(); problem != "" {
		return none, &wire.DecodeError{Field: field, Problem: problem}
	}
	switch {
	case !e.known:
		return none, &wire.DecodeError{Field: "success", Problem: problemMissing}
	case !e.success: // whatever its data looks like
		return none, &kernel.Rejection{Code: e.code, Message: e.message}
	case e.problem != nil:
		return none, e.problem
	case !e.data && !mayLackData:
		return none, &wire.DecodeError{Field: "data", Problem: problemMissing}
	}
	return result, nil
}

func (e *envelope) scan(s *wire.Scanner, readData func()) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "success":
			seen.Once(s, 0, "success")
			e.success, e.known = s.Flag("success")
		case "error":
			seen.Once(s, 1, "error")
			e.message = s.Remark()
		case "errorCode":
			seen.Once(s, 2, "errorCode")
			e.code = s.Remark() // success alone decides
		case "data":
			seen.Once(s, 3, "data")
			e.data = true
			e.problem = s.Apart(readData)
		default:
			s.Skip()
		}
	}
}
