package orgsync_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// INVARIANTS.md names the tests of every rule, those of other packages too.
func TestTheListOfInvariantsIsWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("INVARIANTS.md")
	require.NoError(t, err)
	listed := map[string]string{} // test -> number of its rule
	rules := 0
	for line := range strings.Lines(string(text)) {
		row := regexp.MustCompile(`^\| (\d+) \|`).FindStringSubmatch(line)
		if row == nil {
			continue
		}
		rules++
		tests := regexp.MustCompile("`(Test[^`]+)`").FindAllStringSubmatch(line, -1)
		assert.NotEmpty(t, tests, line)
		for _, name := range tests {
			assert.Regexp(t, `^TestI0?`+row[1]+`_`, name[1], "is in the row of another rule")
			listed[name[1]] = row[1]
		}
	}
	assert.Equal(t, 39, rules)

	declared := regexp.MustCompile(`(?m)^func (TestI\d+_\w+)\(`)
	err = filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path) // #nosec G304 -- the project's own source
		for _, name := range declared.FindAllStringSubmatch(string(source), -1) {
			assert.Contains(t, listed, name[1], "is not listed")
			delete(listed, name[1])
		}
		return err
	})
	require.NoError(t, err)
	assert.Empty(t, listed, "do not exist, or exist twice")
}
