package token_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

func TestMissingSource(t *testing.T) {
	t.Parallel()
	for _, c := range []*token.Cache{token.NewCache(token.Config{}), token.FromFunc(nil)} {
		_, err := c.Token(t.Context())
		assert.ErrorContains(t, err, "no function")
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	c := token.Static("given")
	assert.Equal(t, "given", value(t, c))
	assert.Equal(t, "given", replace(t, c, "given"))
	got, err := c.Token(t.Context())
	require.NoError(t, err)
	assert.True(t, got.Expires().IsZero())

	_, err = token.Static("").Token(t.Context())
	assert.ErrorContains(t, err, "holds no token")
}

func TestFromFunc(t *testing.T) {
	t.Parallel()
	calls := 0
	c := token.FromFunc(func(ctx context.Context) (string, error) {
		calls++
		assert.Equal(t, "mine", ctx.Value(ctxKey{}), "the caller's own context")
		return []string{"a", "b", "c", ""}[calls-1], nil
	})
	ctx := context.WithValue(t.Context(), ctxKey{}, "mine")
	got, err := c.Token(ctx)
	require.NoError(t, err)
	assert.Equal(t, "a", got.Reveal())
	got, err = c.Token(ctx)
	require.NoError(t, err)
	assert.Equal(t, "b", got.Reveal(), "asked on every call")
	got, err = c.Replace(ctx, got)
	require.NoError(t, err)
	assert.Equal(t, "c", got.Reveal())
	_, err = c.Token(ctx)
	assert.ErrorContains(t, err, "holds no token")

	_, err = token.FromFunc(func(context.Context) (string, error) { return "half", errVendor }).Token(t.Context())
	assert.ErrorIs(t, err, errVendor)
}
