package yunzhijiatest

import (
	"cmp"
	"context"
	"crypto/md5"  //nolint:gosec // the vendor's signature
	"crypto/sha1" //nolint:gosec // the vendor's signature
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// EventSenderConfig says who sends events, and where. EID and Key are required. It prints
// without the key.
type EventSenderConfig struct {
	Handler    http.Handler // is called in memory; without one HTTPClient calls the address
	HTTPClient *http.Client // default: a client of its own

	// URL is the address or, with a Handler, the path; it may have a query of its own.
	// Default "/yunzhijia/events".
	URL string

	EID   string // the team
	AppID string // of an ISV's application; "" for the events of a team's address book
	Key   string

	Now func() time.Time // stamps events; default time.Now
}

// LogValue shows team and app.
func (c EventSenderConfig) LogValue() slog.Value {
	return slog.GroupValue(slog.String("eid", c.EID), slog.String("appID", c.AppID))
}

// Format prints what LogValue lists, whatever the verb.
func (c EventSenderConfig) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijiatest.EventSenderConfig", c.LogValue())
}

// EventSender plays the part of 云之家 that tells a URL what changed. It is safe for
// concurrent use.
type EventSender struct{ config EventSenderConfig }

// NewEventSender returns a sender.
func NewEventSender(config EventSenderConfig) *EventSender {
	config.URL = cmp.Or(config.URL, "/yunzhijia/events")
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{}
	}
	return &EventSender{config: config}
}

// LogValue shows team and app.
func (s *EventSender) LogValue() slog.Value { return s.config.LogValue() }

// Format prints what LogValue lists, whatever the verb.
func (s *EventSender) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijiatest.EventSender", s.LogValue())
}

// patience is how long the vendor waits for "ok".
const patience = 2 * time.Second

// EventAnswer is what a receiver answered.
type EventAnswer struct {
	Lost   bool // the event was not sent, see [EventDisorder]
	Status int
	Body   string
	Took   time.Duration
}

// OK reports whether the vendor takes it for a success: the two letters, within 2 seconds.
func (a EventAnswer) OK() bool {
	return a.Status == http.StatusOK && a.Body == "ok" && a.Took <= patience
}

// eventCall is a call before it is sent.
type eventCall struct {
	method string
	params [][2]string // as they are sent
	signed [][2]string // as they are signed, in the order of the signature
	header map[string]string
	key    string
	digest string // instead of the right one
	bare   bool   // neither digest nor signature
}

// Send sends one event, with what is to be wrong with it. EID and CreateTime may be empty:
// they are then the sender's team and the time. The error says that no answer came within
// 2 seconds; what the receiver answered is no error.
func (s *EventSender) Send(ctx context.Context, e yunzhijia.Event, faults ...EventFault) (EventAnswer, error) {
	now := s.config.Now()
	params := [][2]string{
		{"createTime", cmp.Or(e.CreateTime, milliseconds(now.UnixMilli()))}, {"eid", cmp.Or(e.EID, s.config.EID)},
		{"eventId", e.ID}, {"eventType", string(e.Type)},
	}
	c := &eventCall{
		method: http.MethodGet, params: params, signed: append([][2]string(nil), params...), key: s.config.Key,
		header: map[string]string{
			"Date": now.UTC().Format(http.TimeFormat), "Content-Type": "application/x-www-form-urlencoded",
			"User-Agent": "kingdee yunzhijia webhook client-1.0",
		},
	}
	for _, fault := range faults {
		fault(c)
	}
	s.sign(c)
	return s.call(ctx, c)
}

// Check sends what the vendor sends when an address is saved for the first time, and
// returns an error unless the answer is right.
func (s *EventSender) Check(ctx context.Context) error {
	answer, err := s.Send(ctx, yunzhijia.Event{Type: yunzhijia.EventCheck, ID: "null"})
	if err == nil && !answer.OK() {
		err = fmt.Errorf("the check was answered with HTTP %d, and not with ok", answer.Status)
	}
	return err
}

// sign follows the vendor's rule: the MD5 of the parameters, and the SHA-1 of the key and
// three headers.
func (s *EventSender) sign(c *eventCall) {
	if c.bare {
		return
	}
	parts := make([]string, len(c.signed))
	for i, p := range c.signed {
		parts[i] = p[0] + "=" + p[1]
	}
	sum := md5.Sum([]byte(strings.Join(parts, "&"))) //nolint:gosec // the vendor's signature
	digest := cmp.Or(c.digest, base64.StdEncoding.EncodeToString(sum[:]))
	contentType, there := c.header["Content-Type"]
	if !there {
		contentType = "null"
	}
	sha := sha1.Sum([]byte(c.key + digest + contentType + c.header["Date"])) //nolint:gosec // the vendor's signature
	c.header["Content-MD5"] = digest
	c.header["Authorization"] = hex.EncodeToString(sha[:])
	if s.config.AppID != "" {
		c.header["Authorization"] = s.config.AppID + ":" + c.header["Authorization"]
	}
}

func (s *EventSender) call(ctx context.Context, c *eventCall) (EventAnswer, error) {
	query := make([]string, len(c.params))
	for i, p := range c.params {
		query[i] = url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	separator := "?"
	if strings.Contains(s.config.URL, "?") {
		separator = "&"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, c.method, s.config.URL+separator+strings.Join(query, "&"), nil)
	if err != nil {
		return EventAnswer{}, errors.New("the address cannot be called")
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	begin := time.Now()
	if s.config.Handler != nil {
		w := httptest.NewRecorder()
		s.config.Handler.ServeHTTP(w, r)
		return EventAnswer{Status: w.Code, Body: w.Body.String(), Took: time.Since(begin)}, nil
	}
	resp, err := s.config.HTTPClient.Do(r)
	if err != nil {
		return EventAnswer{}, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return EventAnswer{Status: resp.StatusCode, Body: string(body), Took: time.Since(begin)}, err
}

// withoutURL drops the layer of an error that holds the query.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

func milliseconds(n int64) string { return strconv.FormatInt(n, 10) }
