package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changes are the lines that one text has and the other has not.
func changes(before, after string) []string {
	var all []string
	for sign, texts := range map[string][2]string{"gone: ": {before, after}, "new: ": {after, before}} {
		for line := range strings.Lines(texts[0]) {
			if !strings.Contains("\n"+texts[1], "\n"+line) {
				all = append(all, sign+line)
			}
		}
	}
	slices.Sort(all)
	return all
}

// What the packages export is what the lists say.
func TestNothingExportedChangesByAccident(t *testing.T) {
	t.Parallel()
	packages, err := public("../..")
	require.NoError(t, err)
	require.Contains(t, packages, "yunzhijia")
	require.Contains(t, packages, filepath.Join("orgmodel", "orgsync", "boltstore"))
	files := map[string]bool{}
	for _, dir := range packages {
		want, err := exported(filepath.Join("../..", dir))
		require.NoError(t, err)
		files[fileOf(dir)] = true
		have, _ := os.ReadFile(filepath.Join("testdata", fileOf(dir)))
		assert.Empty(t, changes(string(have), want), "%s: if that is meant, say so in CHANGELOG.md and run: go run ./internal/apilist", dir)
	}
	stored, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	for _, path := range stored {
		assert.True(t, files[filepath.Base(path)], "%s is the list of no package: run: go run ./internal/apilist", path)
	}
}
