package yunzhijia

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// EventHandlerConfig says how an [EventHandler] works. Access and Take are required.
type EventHandlerConfig struct {
	// Access lists the teams whose events are taken. A team may be there twice, with an
	// old key and a new one.
	Access []EventAccess

	// Take puts an event into the caller's queue and returns; the work is done elsewhere,
	// because the vendor waits for 2 seconds only. It may be called concurrently. ctx ends
	// after Timeout, not with the request. If it returns an error, panics or takes longer
	// than Timeout, the vendor is answered 503 and may never send that event again: keep a
	// regular reading, which finds what it was about.
	//
	// It is not called for a check, nor for an event that it has taken before.
	Take func(ctx context.Context, e Event) error

	// Timeout is how long Take may take, default and at most 1.5 seconds.
	Timeout time.Duration
	// DateWindow is how far off, either way, the signed Date of an event may be, default
	// 10 minutes. Events that were taken are remembered for as long, up to 10,000 of them.
	DateWindow time.Duration

	Logger *slog.Logger     // default: silence
	Now    func() time.Time // default: time.Now
}

const (
	defaultDateWindow = 10 * time.Minute
	maxTake           = 1500 * time.Millisecond
	// maxTaking bounds the calls of Take that take too long.
	maxTaking = 64
	// maxQuery bounds the query, in bytes. A documented one has some 150.
	maxQuery = 4 << 10
)

// EventHandler receives 云之家's signed change events (通讯录事件回调). It is safe for
// concurrent use, and the same at every path.
//
// It answers "ok" to a verified event that Take took, and to a check of a team in Access.
// The vendor may send checks unsigned, so nothing else is done for them. What does not
// verify is answered 403, another method than GET 405, a query above 4 KB 414, and an
// event that Take did not take 503.
//
// The signature covers no nonce, so an event can be sent again by anyone who has seen it. That
// wins a "read again" at most, once within DateWindow.
type EventHandler struct {
	config EventHandlerConfig
	access map[string][]EventAccess // by team
	taking chan struct{}
	seen   *seenEvents
}

// NewEventHandler checks config as a whole and returns its EventHandler.
func NewEventHandler(config EventHandlerConfig) (*EventHandler, error) {
	c := config
	c.Timeout = cmp.Or(c.Timeout, maxTake)
	c.DateWindow = cmp.Or(c.DateWindow, defaultDateWindow)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	h := &EventHandler{
		config: c, access: map[string][]EventAccess{}, taking: make(chan struct{}, maxTaking), seen: newSeenEvents(),
	}
	for _, a := range c.Access {
		h.access[a.eid] = append(h.access[a.eid], a)
	}
	return h, nil
}

func (c EventHandlerConfig) check() error {
	var errs []error
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, &FieldError{Field: field, Reason: reason})
		}
	}
	bad(len(c.Access) == 0, "Access", "is required")
	for i, a := range c.Access {
		errs = append(errs, a.check(fmt.Sprintf("Access[%d]", i))...)
	}
	bad(c.Take == nil, "Take", "is required")
	bad(kernel.IsNil(c.Logger.Handler()), "Logger", "has no handler: make it with slog.New")
	bad(c.Timeout < 0, "Timeout", "is negative")
	bad(c.Timeout > maxTake, "Timeout", "is above 1.5 seconds")
	bad(c.DateWindow < 0, "DateWindow", "is negative")
	return errors.Join(errs...)
}

// ServeHTTP answers one event.
func (h *EventHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, why := h.serve(r)
	level := slog.LevelDebug
	if status != http.StatusOK {
		level = slog.LevelWarn
	}
	// Nothing of the request: its query may hold phone numbers.
	h.config.Logger.LogAttrs(r.Context(), level, "event", slog.String("vendor", vendor), slog.String("op", "event"),
		slog.Int("status", status), slog.String("reason", why))

	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusMethodNotAllowed {
		header.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	body := "ok"
	if status != http.StatusOK {
		body = "refused" // which does not so much as contain the word that the vendor looks for
	}
	_, _ = io.WriteString(w, body)
}

// serve returns the status and, for the log, the reason.
func (h *EventHandler) serve(r *http.Request) (status int, why string) {
	switch {
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "method"
	case len(r.URL.RawQuery) > maxQuery:
		return http.StatusRequestURITooLong, "query too long"
	}
	q, ok := readEventQuery(r.URL.RawQuery)
	if !ok {
		return http.StatusForbidden, "query"
	}
	if _, known := h.access[q.eid()]; known && q.event.Type == EventCheck {
		return http.StatusOK, "check"
	}
	if !h.verified(q, r.Header) {
		return http.StatusForbidden, "signature"
	}
	if q.event.Type == EventCheck {
		return http.StatusOK, "check"
	}
	now := h.config.Now()
	date, ok := eventDate(r.Header.Get("Date"))
	if !ok || now.Sub(date).Abs() > h.config.DateWindow {
		return http.StatusForbidden, "date"
	}
	name := seenName(r.Header)
	if h.seen.has(name, now) {
		return http.StatusOK, "repeated"
	}
	if why := h.take(r.Context(), q.event); why != "" {
		return http.StatusServiceUnavailable, why
	}
	h.seen.add(name, now, date.Add(h.config.DateWindow))
	return http.StatusOK, "taken"
}

// take returns why the event was not taken, "" if it was. It returns in time even if Take
// does not.
func (h *EventHandler) take(ctx context.Context, e Event) (why string) {
	select {
	case h.taking <- struct{}{}:
	default:
		return "too many events are being taken"
	}
	// The vendor hangs up after 2 seconds, and the event still counts.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.config.Timeout)
	taken := make(chan string, 1)
	go func() {
		defer cancel()
		defer func() {
			if recover() != nil {
				taken <- "Take panicked"
			}
			<-h.taking
		}()
		if h.config.Take(ctx, e) != nil {
			taken <- "Take failed"
			return
		}
		taken <- ""
	}()
	select {
	case why := <-taken:
		return why
	case <-ctx.Done():
	}
	select {
	case why := <-taken: // at the last moment, or ctx ended because Take did
		return why
	default:
		return "Take timed out"
	}
}
