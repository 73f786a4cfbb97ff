package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Heartbeat tells a dead-man's switch (healthchecks.io, Uptime Kuma, …) that all is well:
// when it stays out, that service raises the alarm. It is what works if the machine is
// off. Make it with [NewHeartbeat]. It is safe for concurrent use.
type Heartbeat struct {
	kernel *kernel.Client
	path   string
	hidden func() []string
}

// NewHeartbeat returns a heartbeat for an address, which is a credential of the weak kind:
// anyone who has it can fake health. The options of messages have no effect. NewHeartbeat
// does no I/O; the error joins a *[FieldError] for everything that is wrong.
func NewHeartbeat(address string, options ...Option) (*Heartbeat, error) {
	set, err := settle(options)
	u, parseErr := kernel.ParseBase("URL", address)
	if err := errors.Join(err, parseErr); err != nil {
		return nil, err
	}
	k, path, err := set.open("heartbeat", address)
	if err != nil {
		return nil, err
	}
	return &Heartbeat{kernel: k, path: path, hidden: hidden(u, "")}, nil
}

// Ping is one GET, tried again if there is no answer, or HTTP 5xx or 429. The error, an
// *[Error], is no reason to end a run.
func (h *Heartbeat) Ping(ctx context.Context) error {
	return h.kernel.Do(ctx, kernel.Call{
		Op: op(http.MethodGet, h.path, kernel.Read, "ping"), Sensitive: h.hidden, Read: readPing,
	})
}

// readPing finds the refusals that come with a status of success: healthchecks.io answers
// "OK (not found)" and "OK (rate limited)", and a JSON object may say "ok": false.
func readPing(body []byte) error {
	text := strings.TrimSpace(string(body))
	if reason, ignored := strings.CutPrefix(text, "OK ("); ignored {
		return &kernel.Rejection{Code: "ignored", Message: strings.TrimSuffix(reason, ")")}
	}
	ok, known, reason := false, false, ""
	err := readFields(body, func(s *wire.Scanner, field string) {
		switch field {
		case "ok":
			ok, known = s.Flag(field)
		case "msg":
			reason = s.Remark()
		default:
			s.Skip()
		}
	})
	if err == nil && known && !ok {
		return &kernel.Rejection{Code: "ignored", Message: reason}
	}
	return nil
}

// String returns "notify.Heartbeat".
func (h *Heartbeat) String() string { return "notify.Heartbeat" }

// Format prints String whatever the verb.
func (h *Heartbeat) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// LogValue returns String.
func (h *Heartbeat) LogValue() slog.Value { return slog.StringValue(h.String()) }
