package readme_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	block   = regexp.MustCompile("(?s)```go\n(.*?)```")
	comment = regexp.MustCompile(`\s*//.*`)
	spaces  = regexp.MustCompile(`[ \t]+`)
)

// regions returns what stands between "// begin" and "// end", less the indentation of
// the first line, and without what stands between "// skip" and "// on".
func regions(t *testing.T, file string) []string {
	t.Helper()
	source, err := os.ReadFile(file) // #nosec G304 -- of this package
	require.NoError(t, err)
	var found []string
	for _, part := range strings.Split(string(source), "// begin\n")[1:] {
		text, _, ended := strings.Cut(part, "// end\n")
		require.True(t, ended)
		indent := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
		var b strings.Builder
		skipped := false
		for line := range strings.Lines(text) {
			if mark := strings.TrimSpace(line); mark == "// skip" || mark == "// on" {
				skipped = mark == "// skip"
				continue
			}
			if skipped {
				continue
			}
			line = strings.TrimPrefix(line, indent)
			if strings.TrimSpace(line) == "" {
				line = "\n"
			}
			b.WriteString(strings.ReplaceAll(line, "// …", "…"))
		}
		found = append(found, strings.TrimRight(b.String(), "\n\t")+"\n")
	}
	return found
}

// plain returns code without its comments, whose alignment differs by language.
func plain(code string) string {
	return spaces.ReplaceAllString(comment.ReplaceAllString(code, ""), " ")
}

func TestBlocksAreTested(t *testing.T) {
	t.Parallel()
	want := append(regions(t, "quick_test.go"), regions(t, "snippets_test.go")...)
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile("../../" + name)
		require.NoError(t, err)
		blocks := block.FindAllStringSubmatch(string(text), -1)
		require.Len(t, blocks, len(want), name)
		for i := range blocks {
			if name == "README.md" {
				assert.Equal(t, spaces.ReplaceAllString(want[i], " "), spaces.ReplaceAllString(blocks[i][1], " "), name)
			}
			assert.Equal(t, plain(want[i]), plain(blocks[i][1]), name)
		}
	}
}
