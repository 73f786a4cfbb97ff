package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// PhoneChange says that a person's phone changed. Printing or logging it shows ids and
// time; marshalling it as JSON keeps the data.
type PhoneChange struct {
	EID      string `json:"eid"`
	OpenID   string `json:"openId"`
	OldPhone string `json:"oldPhone"`
	NewPhone string `json:"newPhone"`
	// CreateTime is when, on the vendor's wall clock: "yyyy-MM-dd HH:mm:ss".
	CreateTime string `json:"createTime"`
}

// LogValue shows ids and time.
func (p PhoneChange) LogValue() slog.Value {
	return slog.GroupValue(slog.String("openId", p.OpenID), slog.String("createTime", p.CreateTime))
}

// Format prints [PhoneChange.LogValue] whatever the verb.
func (p PhoneChange) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.PhoneChange", p.LogValue())
}

func readPhoneChange(s *wire.Scanner, p *PhoneChange) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "eid":
			seen.Once(s, 0, "eid")
			p.EID = s.Text("eid", wire.Strict)
		case "openId":
			seen.Once(s, 1, "openId")
			p.OpenID = s.Text("openId", wire.Strict)
		case "oldPhone":
			seen.Once(s, 2, "oldPhone")
			p.OldPhone = s.Text("oldPhone", wire.Strict)
		case "newPhone":
			seen.Once(s, 3, "newPhone")
			p.NewPhone = s.Text("newPhone", wire.Strict)
		case "createTime":
			seen.Once(s, 4, "createTime")
			p.CreateTime = s.Text("createTime", wire.Strict)
		default:
			s.Skip()
		}
	}
	return p.OpenID
}

var opListPhoneChanges = syncOp("person/getPersonChangePhone")

// ListPhoneChanges reads one page of the phones that changed after a moment (openimport,
// person/getPersonChangePhone). A directory is kept in step without it: ask for it only
// if the history itself is needed.
func (c *Client) ListPhoneChanges(ctx context.Context, request ListPersonsRequest) ([]PhoneChange, error) {
	return result(c.phoneChanges(ctx, request))
}

func (c *Client) phoneChanges(ctx context.Context, request ListPersonsRequest) (rows[PhoneChange], error) {
	r := newRequest(opListPhoneChanges)
	r.changes(request)
	return call(ctx, c, r, syncRows(opListPhoneChanges, readPhoneChange))
}

// AllPhoneChanges ranges over all phones that changed after since (person/getPersonChangePhone).
func (c *Client) AllPhoneChanges(ctx context.Context, since Cursor, options PageOptions) iter.Seq2[PhoneChange, error] {
	return whole(ctx, opListPhoneChanges, options, func(ctx context.Context, p PageRequest) (rows[PhoneChange], error) {
		return c.phoneChanges(ctx, ListPersonsRequest{Since: since, Begin: p.Begin, Count: p.Count})
	})
}
