package batch_test

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/batch"
)

func TestJoinNothing(t *testing.T) {
	t.Parallel()
	require.NoError(t, batch.Join(5, nil))
	require.NoError(t, batch.Join(5, []error{}))
	require.NoError(t, batch.Join(5, []error{nil, nil}))
}

func TestJoinReachesEveryError(t *testing.T) {
	t.Parallel()
	errs := []error{io.EOF, nil, &fs.PathError{Op: "add", Path: "d1", Err: fs.ErrExist}}
	err := batch.Join(1201, errs)
	errs[0] = io.ErrNoProgress

	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, err, fs.ErrExist)
	require.NotErrorIs(t, err, io.ErrNoProgress)
	inner, ok := errors.AsType[*fs.PathError](err)
	require.True(t, ok)
	assert.Equal(t, "d1", inner.Path)
	partial, ok := errors.AsType[*batch.PartialError](err)
	require.True(t, ok)
	assert.Equal(t, 1201, partial.Total)
	assert.Len(t, partial.Errs, 2)
	assert.EqualError(t, err, "2 of 1201 records did not succeed: EOF; add d1: file already exists")
}

func TestPartialErrorTextIsBounded(t *testing.T) {
	t.Parallel()
	long := errors.New("x" + strings.Repeat("部门", 500))
	err := batch.Join(1_000_000, []error{long, long, long, io.EOF, io.EOF})
	text := err.Error()
	assert.LessOrEqual(t, len(text), 500)
	assert.True(t, utf8.ValidString(text))
	assert.True(t, strings.HasPrefix(text, "5 of 1000000 records did not succeed: x部门"), text)
	assert.True(t, strings.HasSuffix(text, "…; and 2 more"), text)
	assert.NotContains(t, text, "EOF")

	four := batch.Join(9, []error{io.EOF, io.EOF, io.EOF, io.EOF})
	assert.EqualError(t, four, "4 of 9 records did not succeed: EOF; EOF; EOF; and 1 more")

	fits := strings.Repeat("y", 140)
	assert.EqualError(t, batch.Join(1, []error{errors.New(fits)}), "1 of 1 records did not succeed: "+fits)
}

func TestPartialErrorOfInvalidText(t *testing.T) {
	t.Parallel()
	err := batch.Join(1, []error{errors.New(strings.Repeat("\x80", 400))})
	assert.NotPanics(t, func() { _ = err.Error() })
}
