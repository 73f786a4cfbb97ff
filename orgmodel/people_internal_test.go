package orgmodel

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A feed that tells everyone ten times costs no more than one that does so once.
func TestRepeatedRecordsAreDropped(t *testing.T) {
	t.Parallel()
	size := func(repeats int) int {
		var part peoplePart
		for range repeats {
			for i := range 2000 {
				p := Person{ID: fmt.Sprintf("u%04d", i), Known: Fields(PersonName, PersonDepartments), Name: "张三", DepartmentIDs: []string{"d1"}}
				part.take(&p, true)
			}
		}
		sealed, _ := part.seal()
		assert.Equal(t, 2000, sealed.len())
		bytes := 8 * cap(sealed.records)
		for _, chunk := range sealed.chunks {
			bytes += len(chunk)
		}
		return bytes
	}
	assert.InDelta(t, size(1), size(10), 3000)
}
