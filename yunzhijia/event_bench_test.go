package yunzhijia_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// BenchmarkEvent shows what a request costs that anyone can send, and one that is genuine
// (repeated, so that the caller's queue is no part of it).
func BenchmarkEvent(b *testing.B) {
	v := vectors()["3 team"]
	at, err := http.ParseTime(v.date)
	require.NoError(b, err)
	h, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{v.access}, Now: func() time.Time { return at },
		Take: func(context.Context, yunzhijia.Event) error { return nil },
	})
	require.NoError(b, err)
	for name, change := range map[string]func(*http.Request){
		"genuine": func(*http.Request) {},
		"forged":  func(r *http.Request) { r.Header.Set("Authorization", "x") },
		"5 KB":    func(r *http.Request) { r.URL.RawQuery += string(make([]byte, 5000)) },
	} {
		b.Run(name, func(b *testing.B) {
			r := v.request(b)
			change(r)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
