package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `25 departments added
Round 1: 1201 to add, 0 to update
   498 done, 700 to add and 1 to update next time
   u7 was not sent: channel/employee/batchAdd add: data[7].phone is required
   u200 was refused: 姓名含敏感词
Round 2: 700 to add, 1 to update
   1 done, 0 to add and 700 to update next time
Round 3: 0 to add, 700 to update
   700 done, 0 to add and 0 to update next time
兔展 holds 1199 employees
`, out.String())
}

func TestNothingGoesOnWithoutAccess(t *testing.T) {
	t.Parallel()
	vendor := tuzhantest.NewServer()
	t.Cleanup(vendor.Close)
	client, err := tuzhan.New(tuzhan.Config{BaseURL: vendor.URL(), Credentials: tuzhan.AccessToken("ended")})
	require.NoError(t, err)
	_, employees := invented(1, 3)
	todo := work{add: employees[:2], update: employees[2:]}

	done, refused, next, err := todo.do(t.Context(), client)
	require.ErrorIs(t, err, tuzhan.ErrUnauthorized)
	assert.Zero(t, done)
	assert.Empty(t, refused)
	assert.Equal(t, todo, next)
}

// The update finds no one, the addition no department.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	vendor := tuzhantest.NewServer()
	t.Cleanup(vendor.Close)
	client := vendor.Client()
	_, employees := invented(1, 1)

	_, refused, next, err := work{update: employees}.do(t.Context(), client)
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Equal(t, work{add: employees}, next)

	_, refused, next, err = next.do(t.Context(), client)
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.NotErrorIs(t, refused[0].Err, tuzhan.ErrNotExists, "the employee is not what is missing")
	require.ErrorContains(t, refused[0].Err, "部门不存在")
	assert.True(t, next.empty())
}

func TestAnInterruptedRoundIsRepeated(t *testing.T) {
	t.Parallel()
	vendor := tuzhantest.NewServer()
	t.Cleanup(vendor.Close)
	client := vendor.Client()
	_, employees := invented(1, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, _, next, err := work{add: employees}.do(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, work{add: employees}, next)
}
