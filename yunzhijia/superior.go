package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Superiors are the superiors of a person. Each list may be empty.
type Superiors struct {
	Default          []Person `json:"defaultParentPersons"`    // 默认上级
	DefaultSecondary []Person `json:"defaultParentSecPersons"` // 默认汇报上级
	Selected         []Person `json:"selectParentPersons"`     // 指定上级
}

// LogValue shows the numbers of people.
func (p Superiors) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("default", len(p.Default)),
		slog.Int("defaultSecondary", len(p.DefaultSecondary)),
		slog.Int("selected", len(p.Selected)))
}

// Format prints [Superiors.LogValue] whatever the verb.
func (p Superiors) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.Superiors", p.LogValue())
}

var opGetSuperiors = dataOp("getparentperson")

// GetSuperiors reads the superiors of a person (getparentperson).
func (c *Client) GetSuperiors(ctx context.Context, openID string) (Superiors, error) {
	r := newRequest(opGetSuperiors)
	r.text("openId", "openID", openID)
	return call(ctx, c, r, func(s *wire.Scanner) (p Superiors) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "defaultParentPersons":
				seen.Once(s, 0, "data.defaultParentPersons")
				p.Default = readPersons(s, "data.defaultParentPersons")
			case "defaultParentSecPersons":
				seen.Once(s, 1, "data.defaultParentSecPersons")
				p.DefaultSecondary = readPersons(s, "data.defaultParentSecPersons")
			case "selectParentPersons":
				seen.Once(s, 2, "data.selectParentPersons")
				p.Selected = readPersons(s, "data.selectParentPersons")
			default:
				s.Skip()
			}
		}
		return p
	})
}
