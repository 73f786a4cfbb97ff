package orgsync_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Only the ready-made sources and targets know vendors: what the engine can do with them, it
// can do with any other.
func TestVendorsAreKnownToSourcesAndTargetsAlone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	allowed := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			for _, vendor := range []string{"yunzhijia", "aiguanhuai", "tuzhan", "yunjian"} {
				if !strings.HasSuffix(path, "/orgbridge/"+vendor) {
					continue
				}
				known := strings.HasPrefix(name, "source_") || strings.HasPrefix(name, "target_")
				assert.True(t, known, "%s imports %s", name, vendor)
				allowed++
			}
		}
	}
	assert.Positive(t, allowed)
}
