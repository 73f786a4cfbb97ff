package page_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/internal/page"
)

// BenchmarkAll reads 100 pages of a server that takes 50 ms a page. ratio-to-bound is the time
// taken over the time that the rounds of requests take at least: 1 is perfect.
func BenchmarkAll(b *testing.B) {
	const pages = 100
	for _, prefetch := range []int{1, 4, 8} {
		b.Run(fmt.Sprint("prefetch=", prefetch), func(b *testing.B) {
			v := &vendor{total: pages*1000 - 1, latency: constant(latency)}
			seq := page.All(b.Context(), v.fetch, page.Options{Count: 1000, Prefetch: prefetch, ShortIsEnd: true})
			start, ranges := time.Now(), 0
			for b.Loop() {
				ranges++
				for _, err := range seq {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			bound := time.Duration((pages+prefetch-1)/prefetch) * latency * time.Duration(ranges)
			b.ReportMetric(float64(time.Since(start))/float64(bound), "ratio-to-bound")
		})
	}
}
