package yunzhijiatest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// receiver takes events as users of package yunzhijia do.
type receiver struct {
	http.Handler

	mu    sync.Mutex
	taken []yunzhijia.Event
}

func newReceiver(t *testing.T, access ...yunzhijia.EventAccess) *receiver {
	t.Helper()
	r := &receiver{}
	var err error
	r.Handler, err = yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: access,
		Take: func(_ context.Context, e yunzhijia.Event) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.taken = append(r.taken, e)
			return nil
		},
	})
	require.NoError(t, err)
	return r
}

// Two teams, one of them an ISV's: the sender signs as the handler verifies.
func TestEventSenderAgainstTheHandler(t *testing.T) {
	t.Parallel()
	for _, appID := range []string{"", "500000123"} {
		access := yunzhijia.TeamEvents("10000001", "team-key-7")
		if appID != "" {
			access = yunzhijia.AppEvents("10000001", appID, "team-key-7")
		}
		r := newReceiver(t, access)
		sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
			Handler: r, URL: "/hook?team=1", EID: "10000001", AppID: appID, Key: "team-key-7",
		})
		require.NoError(t, sender.Check(t.Context()))
		assert.Empty(t, r.taken)
		event := yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: "研发 1&2", CreateTime: "1735689600000"}
		answer, err := sender.Send(t.Context(), event)
		require.NoError(t, err)
		assert.True(t, answer.OK())
		event.EID = "10000001"
		assert.Equal(t, []yunzhijia.Event{event}, r.taken)
	}
}

func TestEventFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []yunzhijiatest.EventFault
		want   int
	}{
		"none":                 {nil, 200},
		"reordered":            {[]yunzhijiatest.EventFault{yunzhijiatest.ReorderedParameters()}, 200},
		"no content type":      {[]yunzhijiatest.EventFault{yunzhijiatest.WithoutContentType()}, 200},
		"phones":               {[]yunzhijiatest.EventFault{yunzhijiatest.WithPhones("13900000001", "13900000002")}, 200},
		"no team":              {[]yunzhijiatest.EventFault{yunzhijiatest.WithoutParameter("eid")}, 200},
		"no createTime":        {[]yunzhijiatest.EventFault{yunzhijiatest.WithoutParameter("createTime")}, 200},
		"9 minutes old":        {[]yunzhijiatest.EventFault{yunzhijiatest.OldBy(9 * time.Minute)}, 200},
		"11 minutes old":       {[]yunzhijiatest.EventFault{yunzhijiatest.OldBy(11 * time.Minute)}, 403},
		"wrong key":            {[]yunzhijiatest.EventFault{yunzhijiatest.WrongKey()}, 403},
		"wrong digest":         {[]yunzhijiatest.EventFault{yunzhijiatest.WrongDigest()}, 403},
		"unsigned":             {[]yunzhijiatest.EventFault{yunzhijiatest.Unsigned()}, 403},
		"a parameter twice":    {[]yunzhijiatest.EventFault{yunzhijiatest.DoubledParameter("eventId", "o2")}, 403},
		"5 KB":                 {[]yunzhijiatest.EventFault{yunzhijiatest.LongQuery(5000)}, 414},
		"POST":                 {[]yunzhijiatest.EventFault{yunzhijiatest.ByMethod(http.MethodPost)}, 405},
		"another thing unsaid": {[]yunzhijiatest.EventFault{yunzhijiatest.LongQuery(10)}, 200},
	} {
		r := newReceiver(t, yunzhijia.TeamEvents("10000001", "team-key-7"))
		sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{Handler: r, EID: "10000001", Key: "team-key-7"})
		answer, err := sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "o1"}, c.faults...)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, answer.Status, name)
		assert.Equal(t, c.want == 200, answer.OK(), name)
		assert.Equal(t, c.want == 200, len(r.taken) == 1, name)
	}
}

// The signatures are the vendor's, for a receiver that is not ours.
func TestEventSenderSignsAsTheVendor(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	event := yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: "6f1d2c3b4a5968778695a4b3", CreateTime: "1735689600000"}
	for _, c := range []struct {
		appID, key string
		faults     []yunzhijiatest.EventFault
		want       string
	}{
		{"", "team-key-7", nil, "9856db751bf036da7884efedacd42408da009e39"},
		{"500000123", "app-secret-9", nil, "500000123:c3c629f6a55fc9d8f2757d41a873e6548e2d51f0"},
		{"500000123", "app-secret-9", []yunzhijiatest.EventFault{yunzhijiatest.WithoutParameter("eid")}, "500000123:c188f8ef85847832a980d5359d8fc7560db2b0bb"},
		{"", "team-key-7", []yunzhijiatest.EventFault{yunzhijiatest.WithoutContentType()}, "10bb1f1a580cbe79249ad38ea7c3f9a479a82721"},
	} {
		var got string
		sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }),
			EID:     "10000001", AppID: c.appID, Key: c.key, Now: func() time.Time { return at },
		})
		answer, err := sender.Send(t.Context(), event, c.faults...)
		require.NoError(t, err)
		assert.False(t, answer.OK(), "an answer without ok")
		assert.Equal(t, c.want, got)
	}
}

func TestEventDisorder(t *testing.T) {
	t.Parallel()
	events := make([]yunzhijia.Event, 200)
	for i := range events {
		events[i] = yunzhijia.Event{Type: yunzhijia.EventPersonUpdate, ID: string(rune('a'+i%26)) + strings.Repeat("x", i/26)}
	}
	var sent []string
	sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent = append(sent, r.URL.Query().Get("eventId"))
			_, _ = io.WriteString(w, "ok")
		}),
		EID: "1", Key: "k",
	})
	answers, err := sender.SendAll(t.Context(), events, yunzhijiatest.EventDisorder{Lost: 0.2, Doubled: 0.3, Shuffled: true, Seed: 7})
	require.NoError(t, err)
	lost, times := 0, map[string]int{}
	for _, id := range sent {
		times[id]++
	}
	inOrder := true
	for i, e := range events {
		if answers[i].Lost {
			lost++
			assert.Zero(t, times[e.ID])
			continue
		}
		assert.True(t, answers[i].OK())
		inOrder = inOrder && len(sent) > i && sent[i] == e.ID
	}
	assert.InDelta(t, 40, lost, 20)
	assert.InDelta(t, float64(200-lost)*1.3, len(sent), 25)
	assert.False(t, inOrder)

	first := sent
	sent = nil
	_, err = sender.SendAll(t.Context(), events, yunzhijiatest.EventDisorder{Lost: 0.2, Doubled: 0.3, Shuffled: true, Seed: 7})
	require.NoError(t, err)
	assert.Equal(t, first, sent, "a seed gives the same disorder again")
}

// The vendor waits for 2 seconds.
func TestEventSenderIsAsImpatientAsTheVendor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-time.NewTimer(3 * time.Second).C
			_, _ = io.WriteString(w, "ok")
		})
		answer, err := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{Handler: late, EID: "1", Key: "k"}).
			Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "o1"})
		require.NoError(t, err)
		assert.Equal(t, 200, answer.Status)
		assert.False(t, answer.OK())
	})
}

func TestEventSenderOverASocket(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, yunzhijia.TeamEvents("1", optest.Secret))
	srv := httptest.NewServer(r)
	config := yunzhijiatest.EventSenderConfig{URL: srv.URL + "/yunzhijia/events", EID: "1", Key: optest.Secret}
	sender := yunzhijiatest.NewEventSender(config)
	require.NoError(t, sender.Check(t.Context()))
	answer, err := sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "o1"})
	require.NoError(t, err)
	assert.True(t, answer.OK())
	config.EID = "2"
	require.EqualError(t, yunzhijiatest.NewEventSender(config).Check(t.Context()), "the check was answered with HTTP 403, and not with ok")

	srv.Close()
	_, err = sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "o1"}, yunzhijiatest.WithPhones(optest.Mobile, optest.Mobile))
	require.Error(t, err)
	optest.SilentError(t, "error", err)
	_, err = sender.SendAll(t.Context(), make([]yunzhijia.Event, 1), yunzhijiatest.EventDisorder{})
	require.Error(t, err)
	optest.Silent(t, "sender", sender)
	optest.Silent(t, "config", config)
	config.URL = "::"
	require.Error(t, yunzhijiatest.NewEventSender(config).Check(t.Context()))
}
