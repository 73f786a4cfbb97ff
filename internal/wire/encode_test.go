package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	b, err := wire.Encode(map[string]string{"name": "研发 <A&B> 部"})
	require.NoError(t, err)
	assert.Equal(t, `{"name":"研发 <A&B> 部"}`, string(b))

	_, err = wire.Encode(map[string]any{"13812345678": make(chan int)})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "138")
}

func TestScannerUndoesEncode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "map")
		b, err := wire.Encode(want)
		require.NoError(t, err)
		require.False(t, strings.HasSuffix(string(b), "\n"))
		got := map[string]string{}
		s := wire.NewScanner(b)
		for more := s.Object(""); more; more = s.More('}') {
			key := string(s.Key())
			got[key] = s.Verbatim("value")
		}
		require.NoError(t, s.End())
		require.True(t, s.Sound())
		require.Equal(t, want, got)
	})
}
