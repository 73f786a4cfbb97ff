package yunzhijia_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func digestOf(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// sign signs a request anew, over a text.
func sign(r *http.Request, key, text string) {
	r.Header.Set("Content-MD5", digestOf(text))
	sum := sha1.Sum([]byte(key + r.Header.Get("Content-MD5") + r.Header.Get("Content-Type") + r.Header.Get("Date")))
	r.Header.Set("Authorization", hex.EncodeToString(sum[:]))
}

// Each request differs from vector 3 in one thing.
func TestEventRefusals(t *testing.T) {
	t.Parallel()
	good := vectors()["3 team"]
	setHeader := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	without := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	query := func(change func(url.Values)) func(*http.Request) {
		return func(r *http.Request) {
			values := r.URL.Query()
			change(values)
			r.URL.RawQuery = values.Encode()
		}
	}
	const text = "createTime=1735689600000&eid=10000001&eventId=" + eventOpenID + "&eventType=person_update"
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"nothing":         {func(*http.Request) {}, 200},
		"wrong signature": {setHeader("Authorization", strings.Repeat("0", 40)), 403},
		"upper case": {func(r *http.Request) {
			sign(r, "team-key-7", text)
			r.Header.Set("Authorization", strings.ToUpper(r.Header.Get("Authorization")))
		}, 403},
		"no signature":         {without("Authorization"), 403},
		"signature of an app":  {setHeader("Authorization", "500000123:"+good.authorization), 403},
		"another key":          {func(r *http.Request) { sign(r, "another", text) }, 403},
		"empty key":            {func(r *http.Request) { sign(r, "", text) }, 403},
		"wrong MD5":            {setHeader("Content-MD5", digestOf("x")), 403},
		"wrong MD5, signed":    {func(r *http.Request) { sign(r, "team-key-7", "x") }, 403},
		"no MD5":               {without("Content-MD5"), 403},
		"no MD5, signed":       {func(r *http.Request) { sign(r, "team-key-7", "x"); r.Header.Del("Content-MD5") }, 403},
		"MD5 in hexadecimal":   {setHeader("Content-MD5", "fe00ad0a5c84ef58e2c4598"+"2f6fbb2c9"), 403},
		"another Content-Type": {setHeader("Content-Type", "text/plain"), 403},
		"no Date":              {without("Date"), 403},
		"another Date":         {setHeader("Date", "Wed, 01 Jan 2025 00:00:01 GMT"), 403},
		"another event":        {query(func(v url.Values) { v.Set("eventId", "o2") }), 403},
		"another team, an empty key": {func(r *http.Request) {
			r.URL.RawQuery = "eid=10000002&eventType=org_add"
			sign(r, "", "createTime=null&eid=10000002&eventId=null&eventType=org_add")
		}, 403},
		"a control character, signed": {func(r *http.Request) {
			r.URL.RawQuery = "eid=10000001&eventId=o1%0a"
			sign(r, "team-key-7", "createTime=null&eid=10000001&eventId=o1\n&eventType=null")
		}, 403},
		"not UTF-8, signed": {func(r *http.Request) {
			r.URL.RawQuery = "eid=10000001&eventId=%ff"
			sign(r, "team-key-7", "createTime=null&eid=10000001&eventId=\xff&eventType=null")
		}, 403},
		"little, signed": {func(r *http.Request) {
			r.URL.RawQuery = "eid=10000001&eventId=%20"
			sign(r, "team-key-7", "createTime=null&eid=10000001&eventId= &eventType=null")
		}, 200},
		"another team":                 {query(func(v url.Values) { v.Set("eid", "10000002") }), 403},
		"no team":                      {query(func(v url.Values) { v.Del("eid") }), 403},
		"no type":                      {query(func(v url.Values) { v.Del("eventType") }), 403},
		"no query":                     {func(r *http.Request) { r.URL.RawQuery = "" }, 403},
		"a parameter twice":            {query(func(v url.Values) { v.Add("eventId", "o2") }), 403},
		"a parameter twice, alike":     {query(func(v url.Values) { v.Add("eventId", eventOpenID) }), 200},
		"names in another case":        {query(func(v url.Values) { v.Set("EventId", v.Get("eventId")); v.Del("eventId") }), 403},
		"a control character":          {query(func(v url.Values) { v.Set("eventId", "o1\n") }), 403},
		"not UTF-8":                    {query(func(v url.Values) { v.Set("eventId", "\xff") }), 403},
		"a pair that cannot be read":   {func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "eventId=", "eventId=%zz", 1) }, 403},
		"a query of the address's own": {func(r *http.Request) { r.URL.RawQuery = "team=%zz;x&a=1&" + r.URL.RawQuery }, 200},
		"phones that are not signed":   {query(func(v url.Values) { v.Set("oldPhone", "13900000001"); v.Set("newPhone", "") }), 200},
		"reordered": {func(r *http.Request) {
			r.URL.RawQuery = "eventType=person_update&eventId=" + eventOpenID + "&eid=10000001&createTime=1735689600000"
		}, 200},
		"4 KB":   {func(r *http.Request) { r.URL.RawQuery += "&a=" + strings.Repeat("a", 4096-3-len(r.URL.RawQuery)) }, 200},
		"5 KB":   {func(r *http.Request) { r.URL.RawQuery += "&a=" + strings.Repeat("a", 5000) }, 414},
		"POST":   {func(r *http.Request) { r.Method = http.MethodPost }, 405},
		"HEAD":   {func(r *http.Request) { r.Method = http.MethodHead }, 405},
		"DELETE": {func(r *http.Request) { r.Method = http.MethodDelete }, 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := receive(t, good.date, good.access, yunzhijia.TeamEvents("1", "k"))
			r := good.request(t)
			c.change(r)
			status, body := h.answer(r)
			assert.Equal(t, c.want, status)
			assert.Equal(t, c.want == 200, body == "ok")
			if c.want == 200 {
				assert.Len(t, h.taken, 1)
			} else {
				assert.NotContains(t, body, "ok")
				assert.Empty(t, h.taken)
			}
		})
	}
}

func TestEventAnswerHasNothingButTwoLetters(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	w := httptest.NewRecorder()
	receive(t, v.date, v.access).ServeHTTP(w, v.request(t))
	assert.Equal(t, "ok", w.Body.String())
	assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	r := v.request(t)
	r.Method = http.MethodPut
	w = httptest.NewRecorder()
	receive(t, v.date, v.access).ServeHTTP(w, r)
	assert.Equal(t, "GET", w.Header().Get("Allow"))
}

func TestEventWithoutATeamMayBeSignedWithAnyKey(t *testing.T) {
	t.Parallel()
	v := vectors()["6 ISV, missing parameter"]
	h := receive(t, v.date, yunzhijia.TeamEvents("1", "k"), yunzhijia.AppEvents("2", "500000123", "app-secret-9"))
	status, _ := h.answer(v.request(t))
	assert.Equal(t, 200, status)
	assert.Equal(t, []yunzhijia.Event{v.event}, h.taken)
}

func TestEventKeysCanBeChanged(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	h := receive(t, v.date, yunzhijia.TeamEvents("10000001", "the new key"), v.access)
	status, _ := h.answer(v.request(t))
	assert.Equal(t, 200, status)
}

func TestEventDateWindow(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	for off, want := range map[time.Duration]int{
		-10 * time.Minute: 200, 10 * time.Minute: 200, -10*time.Minute - time.Second: 403, 10*time.Minute + time.Second: 403,
	} {
		at, err := http.ParseTime(v.date)
		require.NoError(t, err)
		status, _ := receive(t, at.Add(off).Format(http.TimeFormat), v.access).answer(v.request(t))
		assert.Equal(t, want, status, off)
	}
	// A day in one digit, as other programs write it.
	r := v.request(t)
	r.Header.Set("Date", "Wed, 1 Jan 2025 00:00:00 GMT")
	sign(r, "team-key-7", "createTime=1735689600000&eid=10000001&eventId="+eventOpenID+"&eventType=person_update")
	status, _ := receive(t, v.date, v.access).answer(r)
	assert.Equal(t, 200, status)
}

func TestEventThatIsRepeatedIsTakenOnce(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	h := receive(t, v.date, v.access)
	for range 3 {
		status, body := h.answer(v.request(t))
		assert.Equal(t, 200, status)
		assert.Equal(t, "ok", body)
	}
	assert.Len(t, h.taken, 1)
	r := v.request(t) // the same event, told again a second later
	r.Header.Set("Date", "Wed, 01 Jan 2025 00:00:01 GMT")
	sign(r, "team-key-7", "createTime=1735689600000&eid=10000001&eventId="+eventOpenID+"&eventType=person_update")
	status, _ := h.answer(r)
	assert.Equal(t, 200, status)
	assert.Len(t, h.taken, 2)
}

// The vendor waits for 2 seconds, whatever the caller's queue does.
func TestEventQueueThatIsSlow(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	for name, c := range map[string]struct {
		take func(context.Context, yunzhijia.Event) error
		want int
		in   time.Duration
	}{
		"at once":           {func(context.Context, yunzhijia.Event) error { return nil }, 200, 0},
		"in a second":       {func(context.Context, yunzhijia.Event) error { <-time.NewTimer(time.Second).C; return nil }, 200, time.Second},
		"heeds the context": {func(ctx context.Context, _ yunzhijia.Event) error { <-ctx.Done(); return ctx.Err() }, 503, 1500 * time.Millisecond},
		"ignores it":        {func(context.Context, yunzhijia.Event) error { <-time.NewTimer(time.Minute).C; return nil }, 503, 1500 * time.Millisecond},
		"fails":             {func(context.Context, yunzhijia.Event) error { return errors.New("full") }, 503, 0},
		"panics":            {func(context.Context, yunzhijia.Event) error { panic("a bug") }, 503, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			at, err := http.ParseTime(v.date)
			require.NoError(t, err)
			var calls atomic.Int32
			h, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
				Access: []yunzhijia.EventAccess{v.access}, Now: func() time.Time { return at },
				Take: func(ctx context.Context, e yunzhijia.Event) error { calls.Add(1); return c.take(ctx, e) },
			})
			require.NoError(t, err)
			for round := range 2 {
				begin := time.Now()
				w := httptest.NewRecorder()
				h.ServeHTTP(w, v.request(t))
				if round == 0 {
					assert.Equal(t, c.in, time.Since(begin), name)
				}
				assert.Equal(t, c.want, w.Code, name)
			}
			if c.want == 200 {
				assert.EqualValues(t, 1, calls.Load(), name)
			} else {
				assert.EqualValues(t, 2, calls.Load(), "%s: what was not taken is taken when it comes again", name)
			}
			<-time.NewTimer(time.Hour).C // until every call has ended
		})
	}
}

func TestEventQueueThatHangs(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	synctest.Test(t, func(t *testing.T) {
		at, err := http.ParseTime(v.date)
		require.NoError(t, err)
		release := make(chan struct{})
		var calls atomic.Int32
		h, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
			Access: []yunzhijia.EventAccess{v.access}, Now: func() time.Time { return at },
			Take: func(context.Context, yunzhijia.Event) error { calls.Add(1); <-release; return nil },
		})
		require.NoError(t, err)
		answer := func() int {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, v.request(t))
			return w.Code
		}
		for range 64 {
			assert.Equal(t, 503, answer())
		}
		begin := time.Now()
		assert.Equal(t, 503, answer())
		assert.Zero(t, time.Since(begin), "it waited although it could not take the event")
		assert.EqualValues(t, 64, calls.Load())
		close(release)
		synctest.Wait()
		assert.Equal(t, 200, answer())
	})
}

// A caller that hangs up has still told us.
func TestEventOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	v := vectors()["3 team"]
	at, err := http.ParseTime(v.date)
	require.NoError(t, err)
	var state error
	h, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{v.access}, Now: func() time.Time { return at },
		Take: func(ctx context.Context, _ yunzhijia.Event) error { state = ctx.Err(); return nil },
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, v.request(t).WithContext(ctx))
	assert.Equal(t, 200, w.Code)
	require.NoError(t, state)
}

func TestEventHandlerConfigNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{{}, yunzhijia.AppEvents("null", "a:b", "k")}, Timeout: time.Minute, DateWindow: -1,
	})
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	require.EqualError(t, err, `Access[0].eid is required
Access[0].key is required
Access[1].eid is "null", which stands for a missing one
Access[1].appID contains a colon, which separates it from the signature
Take is required
Timeout is above 1.5 seconds
DateWindow is negative`)
	_, err = yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{Timeout: -1})
	require.ErrorContains(t, err, "Access is required")
	require.ErrorContains(t, err, "Timeout is negative")
}

// Phones, keys, signatures and queries are in no log record and no printed value.
func TestEventsAreSilent(t *testing.T) {
	t.Parallel()
	access := yunzhijia.AppEvents("10000001", "500000123", optest.Secret)
	optest.Silent(t, "access", access)
	assert.Equal(t, "yunzhijia.EventAccess{eid=10000001 appID=500000123}", fmt.Sprintf("%+v", access))
	assert.Equal(t, "yunzhijia.EventAccess{eid=1}", fmt.Sprint(yunzhijia.TeamEvents("1", "k")))

	var log bytes.Buffer
	var taken []yunzhijia.Event
	config := yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents("10000001", optest.Secret)},
		Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Take: func(_ context.Context, e yunzhijia.Event) error {
			taken = append(taken, e)
			return errors.New(optest.Name)
		},
	}
	optest.Silent(t, "config", config)
	h, err := yunzhijia.NewEventHandler(config)
	require.NoError(t, err)
	optest.Silent(t, "handler", h)
	r := signedEvent{query: eventValues("createTime", "1", "eid", "10000001", "eventId", "o1", "eventType", "user_phone_update",
		"newPhone", optest.Mobile, "oldPhone", optest.Mobile), date: time.Now().UTC().Format(http.TimeFormat)}.request(t)
	sign(r, optest.Secret, "createTime=1&eid=10000001&eventId=o1&eventType=user_phone_update&newPhone="+optest.Mobile+"&oldPhone="+optest.Mobile)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, 503, w.Code)
	require.Len(t, taken, 1)
	optest.Silent(t, "event", taken[0])
	r.Header.Set("Authorization", optest.Token)
	h.ServeHTTP(w, r)
	assert.Contains(t, log.String(), `"reason":"signature"`)
	assert.Contains(t, log.String(), `"reason":"Take failed"`)
	optest.NoCanary(t, "log", log.String())
	assert.NotContains(t, log.String(), r.Header.Get("Content-MD5"))
}
