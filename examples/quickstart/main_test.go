package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the program prints is what both READMEs say it prints.
func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, readme := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(readme)
		require.NoError(t, err)
		_, rest, found := strings.Cut(string(text), "go run ./examples/quickstart\n```\n\n```\n")
		require.True(t, found, "%s names the command and then its output", readme)
		printed, _, _ := strings.Cut(rest, "```\n")
		assert.Equal(t, printed, out.String(), readme)
	}
}
