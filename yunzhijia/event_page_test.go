package yunzhijia_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// signedAs is a request about an event of a type, signed with the key of vector 3.
func signedAs(t testing.TB, kind, id, date string) *http.Request {
	t.Helper()
	s := signedEvent{
		query: eventValues("createTime", "1735689600000", "eid", "10000001", "eventId", id, "eventType", kind),
		date:  date, format: formType,
	}
	r := s.request(t)
	sign(r, "team-key-7", "createTime=1735689600000&eid=10000001&eventId="+id+"&eventType="+kind)
	return r
}

// All documented types arrive as they are, and so does one that is not documented.
func TestEventTypes(t *testing.T) {
	t.Parallel()
	h := receive(t, eventDate2025, yunzhijia.TeamEvents("10000001", "team-key-7"))
	types := []yunzhijia.EventType{
		yunzhijia.EventUserEnter, yunzhijia.EventPersonUpdate, yunzhijia.EventUserLeave, yunzhijia.EventUserPhoneUpdate,
		yunzhijia.EventOrgAdd, yunzhijia.EventOrgUpdate, yunzhijia.EventOrgDelete, yunzhijia.EventOrgAdmin,
		yunzhijia.EventPersonRole, "invented_next_year", "",
	}
	for i, kind := range types {
		status, body := h.answer(signedAs(t, string(kind), "o1", eventDate2025))
		require.Equal(t, 200, status, kind)
		require.Equal(t, "ok", body)
		require.Len(t, h.taken, i+1)
		assert.Equal(t, kind, h.taken[i].Type)
	}
	// An id may be the word null, as in a check, or not come at all.
	status, _ := h.answer(signedAs(t, "org_add", "null", eventDate2025))
	assert.Equal(t, 200, status)
	assert.Equal(t, "null", h.taken[len(h.taken)-1].ID)
}

// A space is escaped in two ways, and header names come in any case.
func TestEventSpellings(t *testing.T) {
	t.Parallel()
	for _, space := range []string{"+", "%20"} {
		h := receive(t, eventDate2025, yunzhijia.TeamEvents("10000001", "team-key-7"))
		r := signedAs(t, "org_add", "a b", eventDate2025)
		require.Contains(t, r.URL.RawQuery, "a+b")
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "a+b", "a"+space+"b", 1)
		status, _ := h.answer(r)
		assert.Equal(t, 200, status, space)
		assert.Equal(t, "a b", h.taken[0].ID)
	}
	h := receive(t, eventDate2025, yunzhijia.TeamEvents("10000001", "team-key-7"))
	srv := httptest.NewServer(h)
	defer srv.Close()
	from := signedAs(t, "org_add", "o1", eventDate2025)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/?"+from.URL.RawQuery, nil)
	require.NoError(t, err)
	for name := range from.Header {
		r.Header[strings.ToLower(name)] = from.Header[name] // as they are on the wire
	}
	response, err := srv.Client().Do(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, 200, response.StatusCode)
	assert.Len(t, h.taken, 1)
}

// What does not verify is answered alike, whatever is wrong: no answer tells which teams are
// known, nor how far a forger has come.
func TestEventRefusalsLookAlike(t *testing.T) {
	t.Parallel()
	h := receive(t, eventDate2025, yunzhijia.TeamEvents("10000001", "team-key-7"))
	text := func(change func(r *http.Request)) string {
		r := signedAs(t, "org_add", "o1", eventDate2025)
		change(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	want := text(func(r *http.Request) { r.Header.Set("Authorization", "x") })
	assert.Contains(t, want, "403")
	for name, change := range map[string]func(r *http.Request){
		"unknown team":             func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "10000001", "10000002", 1) },
		"check of an unknown team": func(r *http.Request) { r.URL.RawQuery = "eid=2&eventId=null&eventType=check" },
		"no team, no signature":    func(r *http.Request) { r.URL.RawQuery = "eventType=org_add"; r.Header = http.Header{} },
		"wrong digest":             func(r *http.Request) { r.Header.Set("Content-MD5", "x") },
		"old":                      func(r *http.Request) { *r = *signedAs(t, "org_add", "o1", "Tue, 31 Dec 2024 23:00:00 GMT") },
		"no date":                  func(r *http.Request) { *r = *signedAs(t, "org_add", "o1", "") },
		"twice":                    func(r *http.Request) { r.URL.RawQuery += "&eventId=o2" },
	} {
		assert.Equal(t, want, text(change), name)
	}
	assert.Empty(t, h.taken)
}

// Many events at a time are each taken once, those that are repeated at the same moment
// perhaps twice; and what is remembered of them has a bound.
func TestEventsInGreatNumbers(t *testing.T) {
	t.Parallel()
	at, err := http.ParseTime(eventDate2025)
	require.NoError(t, err)
	var mu sync.Mutex
	taken := map[string]int{}
	now := at
	h, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents("10000001", "team-key-7")},
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		},
		Take: func(_ context.Context, e yunzhijia.Event) error {
			mu.Lock()
			defer mu.Unlock()
			taken[e.ID]++
			return nil
		},
	})
	require.NoError(t, err)
	const events = 10_100 // more than are remembered
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < events; i += 8 {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, signedAs(t, "org_add", fmt.Sprint("o", i), eventDate2025))
				assert.Equal(t, 200, w.Code)
			}
		})
	}
	wg.Wait()
	assert.Len(t, taken, events)
	again := 0
	for i := range events {
		h.ServeHTTP(httptest.NewRecorder(), signedAs(t, "org_add", fmt.Sprint("o", i), eventDate2025))
		again += taken[fmt.Sprint("o", i)] - 1
	}
	assert.Equal(t, 100, again, "those that were not remembered")

	mu.Lock()
	now = at.Add(time.Hour) // the others are forgotten, and make room
	mu.Unlock()
	date := now.Format(http.TimeFormat)
	for range 2 {
		h.ServeHTTP(httptest.NewRecorder(), signedAs(t, "org_add", "later", date))
	}
	assert.Equal(t, 1, taken["later"])
}
