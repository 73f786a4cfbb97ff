package yunzhijia_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// BenchmarkFeed reads 100 pages of a server that takes 50 ms a page, over
// loopback and with the client's own transport. ratio-to-bound is the time
// taken over the time that ceil(pages/window) rounds take at least: 1 is
// perfect. connections is the most that were open at a time.
func BenchmarkFeed(b *testing.B) {
	const (
		pages   = 100
		count   = 10
		latency = 50 * time.Millisecond
		total   = pages * (count - 1) // pages overlap by one, and the last one is short
	)
	for _, window := range []int{1, 4, 8} {
		b.Run(fmt.Sprint("prefetch=", window), func(b *testing.B) {
			var taken time.Duration
			runs, connections := 0, 0
			for b.Loop() {
				// A server of its own for each run: pages asked for beyond the end
				// are cancelled, which closes their connections, and the server
				// may hold on to these for a moment.
				srv := yunzhijiatest.NewServer()
				srv.AddPerson(people(total)...)
				client, err := yunzhijia.New(srv.Config(), yunzhijia.WithLimiter(unlimited))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := client.GetCompany(b.Context()); err != nil { // the token
					b.Fatal(err)
				}
				srv.SetLatency(latency)
				started := time.Now()
				rows, err := collect(client.PersonFeed("", yunzhijia.PageOptions{Count: count, Prefetch: window}).Events(b.Context()))
				taken += time.Since(started)
				runs++
				if err != nil || len(rows) != total {
					b.Fatal("not all read", err)
				}
				connections = max(connections, srv.Connections().MaxOpen)
				srv.Close()
			}
			bound := time.Duration((pages+window-1)/window) * latency * time.Duration(runs)
			b.ReportMetric(float64(taken)/float64(bound), "ratio-to-bound")
			b.ReportMetric(float64(connections), "connections")
		})
	}
}
