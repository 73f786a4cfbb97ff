package yunzhijia_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	eventDate2021 = "Sun, 18 Apr 2021 01:20:00 GMT"
	eventDate2025 = "Wed, 01 Jan 2025 00:00:00 GMT"
	eventOpenID   = "6f1d2c3b4a5968778695a4b3"
	formType      = "application/x-www-form-urlencoded"
)

// signedEvent is a request as the vendor sends it.
type signedEvent struct {
	query                            url.Values
	md5, authorization, date, format string // format is the Content-Type
}

func (s signedEvent) request(t testing.TB) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/yunzhijia/events?"+s.query.Encode(), nil)
	for name, value := range map[string]string{
		"Content-MD5": s.md5, "Authorization": s.authorization, "Date": s.date, "Content-Type": s.format,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

func eventValues(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// vector is one of the signature vectors: computed from the documented rule.
type vector struct {
	signedEvent

	access yunzhijia.EventAccess
	event  yunzhijia.Event
}

func vectors() map[string]vector {
	update := eventValues("createTime", "1735689600000", "eid", "10000001", "eventId", eventOpenID, "eventType", "person_update")
	updated := yunzhijia.Event{EID: "10000001", Type: yunzhijia.EventPersonUpdate, ID: eventOpenID, CreateTime: "1735689600000"}
	added := eventValues("createTime", "1618708800000", "eid", "10001", "eventId", "o1", "eventType", "org_add")
	adding := yunzhijia.Event{EID: "10001", Type: yunzhijia.EventOrgAdd, ID: "o1", CreateTime: "1618708800000"}
	team := yunzhijia.TeamEvents("10000001", "team-key-7")
	app := yunzhijia.AppEvents("10000001", "500000123", "app-secret-9")

	nameless := updated
	nameless.EID = ""
	noEID := eventValues("createTime", "1735689600000", "eventId", eventOpenID, "eventType", "person_update")
	phone := updated
	phone.Type = yunzhijia.EventUserPhoneUpdate
	phones := eventValues("createTime", "1735689600000", "eid", "10000001", "eventId", eventOpenID, "eventType", "user_phone_update",
		"newPhone", "13900000002", "oldPhone", "13900000001")
	odd := updated
	odd.ID = "研发 1&2"
	escaped := eventValues("createTime", "1735689600000", "eid", "10000001", "eventId", "研发 1&2", "eventType", "person_update")

	return map[string]vector{
		"1 team": {
			signedEvent{added, "LAf/u3XKGcUPLKa7c6/uFA==", "fc13c56b5d790631dd3f316afe77fd12f5d435a8", eventDate2021, formType},
			yunzhijia.TeamEvents("10001", "tok1"), adding,
		},
		"2 ISV": {
			signedEvent{added, "LAf/u3XKGcUPLKa7c6/uFA==", "app1:5542e3d70b89350d7824dc5ef1487dc019f1d408", eventDate2021, formType},
			yunzhijia.AppEvents("10001", "app1", "key1"), adding,
		},
		"3 team": {
			signedEvent{update, "/gtCtlyE71jixFmC9vukyQ==", "9856db751bf036da7884efedacd42408da009e39", eventDate2025, formType},
			team, updated,
		},
		"4 ISV": {
			signedEvent{update, "/gtCtlyE71jixFmC9vukyQ==", "500000123:c3c629f6a55fc9d8f2757d41a873e6548e2d51f0", eventDate2025, formType},
			app, updated,
		},
		"6 ISV, missing parameter": {
			signedEvent{noEID, "/ZaFDij4UOffADZJb0emYA==", "500000123:c188f8ef85847832a980d5359d8fc7560db2b0bb", eventDate2025, formType},
			app, nameless,
		},
		"7 team, no Content-Type, taken as null": {
			signedEvent{update, "/gtCtlyE71jixFmC9vukyQ==", "10bb1f1a580cbe79249ad38ea7c3f9a479a82721", eventDate2025, ""},
			team, updated,
		},
		"8 team, no Content-Type, taken as empty": {
			signedEvent{update, "/gtCtlyE71jixFmC9vukyQ==", "df405d68955431655e45fb24033a25e9d84135a1", eventDate2025, ""},
			team, updated,
		},
		"9 ISV, with phones": {
			signedEvent{phones, "mLZS+CbSid8AWAh/RukCFA==", "500000123:82861e266fd6e1aef88f0b282c4bd87b5ac11328", eventDate2025, formType},
			app, phone,
		},
		"10 team, escaped": {
			signedEvent{escaped, "+Qv1uki0jr3121HJKTISPw==", "b33fb99da6091218f6a08e62a9be936cd77622c7", eventDate2025, formType},
			team, odd,
		},
	}
}

// received is a handler and what it took.
type received struct {
	http.Handler

	taken []yunzhijia.Event
}

func receive(t testing.TB, date string, access ...yunzhijia.EventAccess) *received {
	t.Helper()
	at, err := http.ParseTime(date)
	require.NoError(t, err)
	h := &received{}
	h.Handler, err = yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: access, Now: func() time.Time { return at },
		Take: func(_ context.Context, e yunzhijia.Event) error { h.taken = append(h.taken, e); return nil },
	})
	require.NoError(t, err)
	return h
}

func (h *received) answer(r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestEventVectors(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := receive(t, v.date, v.access)
			status, body := h.answer(v.request(t))
			assert.Equal(t, 200, status)
			assert.Equal(t, "ok", body)
			assert.Equal(t, []yunzhijia.Event{v.event}, h.taken)

			other := receive(t, v.date, yunzhijia.AppEvents(v.event.EID+"1", "app2", "another-key"))
			status, body = other.answer(v.request(t))
			assert.Equal(t, 403, status)
			assert.NotContains(t, body, "ok")
			assert.Empty(t, other.taken)
		})
	}
}

// Vector 5: a check is answered, signed or not, and is no event.
func TestEventCheck(t *testing.T) {
	t.Parallel()
	check := eventValues("createTime", "1735689600000", "eid", "10000001", "eventId", "null", "eventType", "check")
	signed := signedEvent{check, "/xUO45w1XKnTGmRj8gnP0g==", "db9d08e40e0f8e87bbabe097d204b097bdd9ed76", eventDate2025, formType}
	for name, c := range map[string]struct {
		sent signedEvent
		want int
	}{
		"signed":               {signed, 200},
		"unsigned":             {signedEvent{query: check}, 200},
		"of another team":      {signedEvent{query: eventValues("eid", "10000002", "eventId", "null", "eventType", "check")}, 403},
		"of no team":           {signedEvent{query: eventValues("eventId", "null", "eventType", "check")}, 403},
		"of no team, unsigned": {signedEvent{query: eventValues("eid", "null", "eventType", "check")}, 403},
	} {
		h := receive(t, eventDate2025, yunzhijia.TeamEvents("10000001", "team-key-7"))
		status, _ := h.answer(c.sent.request(t))
		assert.Equal(t, c.want, status, name)
		assert.Empty(t, h.taken, name)
	}
}
