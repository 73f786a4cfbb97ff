package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// ParentPersons are the superiors of a person. Each list may be empty.
type ParentPersons struct {
	Default          []Person `json:"defaultParentPersons"`    // 默认上级
	DefaultSecondary []Person `json:"defaultParentSecPersons"` // 默认汇报上级
	Selected         []Person `json:"selectParentPersons"`     // 指定上级
}

// LogValue shows the numbers of people.
func (p ParentPersons) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("default", len(p.Default)),
		slog.Int("defaultSecondary", len(p.DefaultSecondary)),
		slog.Int("selected", len(p.Selected)))
}

// Format prints [ParentPersons.LogValue] whatever the verb.
func (p ParentPersons) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.ParentPersons", p.LogValue())
}

var opGetParentPersons = dataOp("getparentperson")

// GetParentPersons reads the superiors of a person (getparentperson).
func (c *Client) GetParentPersons(ctx context.Context, openID string) (ParentPersons, error) {
	r := newRequest(opGetParentPersons)
	r.text("openId", "openID", openID)

	type wireParents struct {
		Default          []wirePerson `json:"defaultParentPersons"`
		DefaultSecondary []wirePerson `json:"defaultParentSecPersons"`
		Selected         []wirePerson `json:"selectParentPersons"`
	}
	return call(ctx, c, r, required(func(data *wireParents) (ParentPersons, error) {
		return ParentPersons{
			Default:          persons(data.Default),
			DefaultSecondary: persons(data.DefaultSecondary),
			Selected:         persons(data.Selected),
		}, nil
	}))
}
