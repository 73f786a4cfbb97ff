package yunzhijia

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Member is the little that [Client.ListRoleMembers] and [Client.ListOrgDetails]
// tell of a person.
type Member struct {
	UID      string `json:"uid"`
	OpenID   string `json:"openId"`
	Name     string `json:"name"`
	PhotoURL string `json:"photoUrl"`
	OrgID    string `json:"orgId"` // with ListOrgDetails only
}

// LogValue shows ids.
func (m Member) LogValue() slog.Value {
	return slog.GroupValue(slog.String("openId", m.OpenID), slog.String("orgId", m.OrgID))
}

// Format prints [Member.LogValue] whatever the verb.
func (m Member) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Member", m.LogValue()) }

func readMember(s *wire.Scanner, m *Member) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "uid":
			seen.Once(s, 0, "uid")
			m.UID = s.Text("uid", wire.Strict)
		case "openId":
			seen.Once(s, 1, "openId")
			m.OpenID = cmp.Or(s.Text("openId", wire.Strict), m.OpenID)
		case "openid": // how the docs spell it for roles; their sample has openId
			seen.Once(s, 2, "openid")
			m.OpenID = cmp.Or(m.OpenID, s.Text("openid", wire.Strict))
		case "name":
			seen.Once(s, 3, "name")
			m.Name = s.Text("name", wire.Strict)
		case "photoUrl":
			seen.Once(s, 4, "photoUrl")
			m.PhotoURL = s.Text("photoUrl", wire.Lenient)
		case "orgId":
			seen.Once(s, 5, "orgId")
			m.OrgID = s.Text("orgId", wire.Strict)
		default:
			s.Skip()
		}
	}
	return m.OpenID
}
