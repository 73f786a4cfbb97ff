package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The READMEs list every code that has a sentinel, as its doc comment has it.
func TestREADMEs(t *testing.T) {
	t.Parallel()
	for _, r := range readmes() {
		want, have, err := r.filled("../..")
		require.NoError(t, err)
		assert.Equal(t, want, have, "run: go run ./internal/codes")
	}
}

// Every sentinel of a code says what to do.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for _, pkg := range packages() {
		list, err := sentinels("../..", pkg)
		require.NoError(t, err)
		for _, s := range list {
			assert.Greater(t, len(s.remedy), 20, s.name)
		}
	}
	list, err := sentinels("../..", "aiguanhuai")
	require.NoError(t, err)
	assert.Len(t, list, 7, "errno 200003 to 200009")
}
