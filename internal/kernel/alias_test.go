package kernel_test

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
)

// pkg.go.dev shows nothing of a type behind an alias, so the alias's comment lists its
// fields.
func TestAliasesAreDescribed(t *testing.T) {
	t.Parallel()
	for _, vendor := range []string{"yunzhijia", "aiguanhuai", "tuzhan", "yunjian"} {
		for file, types := range map[string][]reflect.Type{
			"options.go": {reflect.TypeFor[kernel.Attempt]()},
			"errors.go":  {reflect.TypeFor[kernel.FieldError](), reflect.TypeFor[batch.PartialError]()},
		} {
			source, err := os.ReadFile("../../" + vendor + "/" + file)
			require.NoError(t, err)
			for _, described := range types {
				name := described.Name()
				if vendor == "yunzhijia" && name == "PartialError" {
					continue // it has no batches
				}
				comment := regexp.MustCompile(`(?s)//\ttype ` + name + ` struct \{\n(.*?)//\t\}`).FindSubmatch(source)
				require.NotNil(t, comment, "%s.%s", vendor, name)
				var want, have []string
				for field := range described.Fields() {
					want = append(want, field.Name+" "+field.Type.String())
				}
				for _, line := range regexp.MustCompile(`//\t\t(\w+) +(\S+)`).FindAllSubmatch(comment[1], -1) {
					have = append(have, string(line[1])+" "+string(line[2]))
				}
				assert.Equal(t, want, have, "%s.%s", vendor, name)
			}
		}
	}
}
