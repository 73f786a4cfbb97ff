package redact_test

import (
	"fmt"
	"testing"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// BenchmarkScrub masks one message of a call that sent 2,000 people, 20 values each.
func BenchmarkScrub(b *testing.B) {
	var values []string
	for i := range 2000 {
		for j := range 10 {
			values = append(values, fmt.Sprintf("诸葛%c%c", '一'+rune(i), '丁'+rune(j)), fmt.Sprintf("1380000%04d-%d", i, j))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		redact.Scrub("用户 诸葛 一丁 (138-0000-0001-3) 已存在, code 200007", values...)
	}
}
