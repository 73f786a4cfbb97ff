package yunzhijia

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Member is the little that [Client.ListRoleMembers] and [Client.ListOrgInfos]
// tell of a person.
type Member struct {
	UID      string `json:"uid"`
	OpenID   string `json:"openId"`
	Name     string `json:"name"`
	PhotoURL string `json:"photoUrl"`
	OrgID    string `json:"orgId"` // with ListOrgInfos only
}

// LogValue shows ids.
func (m Member) LogValue() slog.Value {
	return slog.GroupValue(slog.String("openId", m.OpenID), slog.String("orgId", m.OrgID))
}

// Format prints [Member.LogValue] whatever the verb.
func (m Member) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Member", m.LogValue()) }

type wireMember struct {
	UID       wire.Text `json:"uid"`
	OpenID    wire.Text `json:"openId"`
	OpenIDLow wire.Text `json:"openid"` // how the page spells it for roles; its sample has openId
	Name      wire.Text `json:"name"`
	PhotoURL  wire.Text `json:"photoUrl"`
	OrgID     wire.Text `json:"orgId"`
}

func (w wireMember) member() Member {
	return Member{
		UID:      string(w.UID),
		OpenID:   string(cmp.Or(w.OpenID, w.OpenIDLow)),
		Name:     string(w.Name),
		PhotoURL: string(w.PhotoURL),
		OrgID:    string(w.OrgID),
	}
}
