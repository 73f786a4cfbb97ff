package optest

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// Misused calls every method of clients that takes a context: of one that was made with
// New without a context, and of a zero and a nil one. None of them may panic, and each
// must say what is wrong. The other arguments are zero, with one element in each list.
func Misused[C any](t *testing.T, made *C) {
	t.Helper()
	methods := 0
	for m := range reflect.TypeFor[*C]().Methods() {
		if m.Type.NumIn() < 2 || m.Type.In(1) != contextType {
			continue
		}
		methods++
		for field, c := range map[string]struct {
			client *C
			ctx    context.Context
		}{
			"ctx":           {made, nil},
			"Client":        {new(C), t.Context()},
			"Client of nil": {nil, t.Context()},
		} {
			name := m.Name + ": " + field
			var err error
			require.NotPanics(t, func() { err = call(c.ctx, m, c.client) }, name)
			require.ErrorIs(t, err, kernel.ErrInvalid, name)
			if c.ctx == nil {
				assert.ErrorContains(t, err, "ctx is nil", name)
			} else {
				assert.ErrorContains(t, err, "Client was not made with New", name)
			}
		}
	}
	assert.NotZero(t, methods)
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// call returns the error of a method, or the last one that its sequence yields.
func call(ctx context.Context, m reflect.Method, client any) (err error) {
	in := []reflect.Value{reflect.ValueOf(client), reflect.Zero(contextType)}
	if ctx != nil {
		in[1] = reflect.ValueOf(ctx)
	}
	for i := 2; i < m.Type.NumIn(); i++ {
		in = append(in, argument(m.Type.In(i)))
	}
	for _, out := range m.Func.Call(in) {
		switch {
		case out.Type() == errorType:
			err, _ = reflect.TypeAssert[error](out)
		case out.Kind() == reflect.Func:
			for _, e := range out.Seq2() {
				err, _ = reflect.TypeAssert[error](e)
			}
		}
	}
	return err
}

// argument has an element, or no call would be made for it.
func argument(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if t.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(t, 1, 1))
		if v.Index(0).Kind() == reflect.String {
			v.Index(0).SetString("id")
		}
	}
	return v
}
