package tuzhan_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
)

// discard answers every call with success, so that what is measured is the
// client: checking, ordering, encoding and reading the answer.
func discard(b *testing.B) *tuzhan.Client {
	b.Helper()
	client, _ := answering(b, done)
	return client
}

func BenchmarkAddDepartments500(b *testing.B) {
	records := departments(500)
	client := discard(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := client.AddDepartments(b.Context(), records)
		require.NoError(b, err)
	}
}

// The worst answer: every record failed, each with a text of its own.
func BenchmarkAllFailed500(b *testing.B) {
	records := departments(500)
	rows, texts := "", ""
	for i := range records {
		if i > 0 {
			rows, texts = rows+",", texts+","
		}
		rows += `{"thirdDeptId":"D` + strconv.Itoa(i) + `"}`
		texts += `"第` + strconv.Itoa(i) + `行部门已存在"`
	}
	client, _ := answering(b, answer("-1", "["+rows+"]", "["+texts+"]"))
	b.ReportAllocs()
	for b.Loop() {
		result, err := client.AddDepartments(b.Context(), records)
		require.Error(b, err)
		require.Len(b, result.Failed, 500)
	}
}
