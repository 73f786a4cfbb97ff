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

// call sends one operation and returns what convert made of the answer's data,
// which is nil if that is null or missing.
func call[D, R any](ctx context.Context, c *Client, r *request, convert func(data *D) (R, error)) (R, error) {
	var result, none R
	if r.err != nil {
		return none, r.err
	}
	op := r.op
	op.Path = c.gateway + op.Path
	r.form.Set("eid", c.eid)
	err := c.kernel.Do(ctx, kernel.Call{
		Op:          op,
		ContentType: formType,
		Body:        []byte(r.form.Encode()),
		Tokens:      c.tokens,
		Authorize: func(_ context.Context, out *kernel.Outgoing, accessToken string) error {
			r.attempts++
			out.Query.Set("accessToken", accessToken)
			return nil
		},
		Read: func(body []byte) error {
			data, err := decode[D](body)
			if err != nil {
				return err
			}
			result, err = convert(data)
			return err
		},
		// No code for a rejected token is documented: it may be any refusal.
		Rejected: func(int, string) bool { return true },
	})
	if err != nil {
		return none, err
	}
	return result, nil
}

// envelope is what every answer is wrapped in. Only success decides: the
// errorCode of a success is 100 with data calls and 0 with the token call.
type envelope[D any] struct {
	Success   wire.Opt[bool] `json:"success"`
	Error     wire.Text      `json:"error"`
	ErrorCode wire.Text      `json:"errorCode"`
	Data      *D             `json:"data"`
}

func decode[D any](body []byte) (*D, error) {
	var e envelope[D]
	if err := wire.Decode(body, &e); err != nil {
		// A refusal is one whatever its data looks like.
		var bare envelope[ignored]
		if wire.Decode(body, &bare) == nil && bare.refused() {
			return nil, bare.rejection()
		}
		return nil, err
	}
	switch {
	case !e.Success.IsSet():
		return nil, &wire.DecodeError{Field: "success", Problem: problemMissing}
	case e.refused():
		return nil, e.rejection()
	}
	return e.Data, nil
}

func (e *envelope[D]) refused() bool { return e.Success.IsSet() && !e.Success.Or(false) }

func (e *envelope[D]) rejection() error {
	return &kernel.Rejection{Code: string(e.ErrorCode), Message: string(e.Error)}
}

// ignored is data that nobody reads.
type ignored struct{}

// UnmarshalJSON accepts everything.
func (*ignored) UnmarshalJSON([]byte) error { return nil }

// required refuses an answer without data where the page promises an object.
func required[D, R any](convert func(data *D) (R, error)) func(*D) (R, error) {
	return func(data *D) (R, error) {
		if data == nil {
			var none R
			return none, &wire.DecodeError{Field: "data", Problem: problemMissing}
		}
		return convert(data)
	}
}

// list converts the rows of an answer whose data is an array. null, or no data
// at all, is the empty list.
func list[W, T any](convert func(W) T) func(*[]W) ([]T, error) {
	return func(rows *[]W) ([]T, error) {
		if rows == nil {
			return nil, nil
		}
		return mapped(*rows, convert), nil
	}
}

// mapped returns nil for no rows.
func mapped[W, T any](rows []W, convert func(W) T) []T {
	if len(rows) == 0 {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = convert(row)
	}
	return out
}
