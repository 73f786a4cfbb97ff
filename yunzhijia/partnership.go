package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// SearchTeamsRequest names a team. All fields are required.
type SearchTeamsRequest struct {
	Phone string // mobile of someone in the team
	Name  string // of the team
}

// LogValue shows nothing: all it holds is personal.
func (SearchTeamsRequest) LogValue() slog.Value { return slog.GroupValue() }

// Format prints [SearchTeamsRequest.LogValue] whatever the verb.
func (s SearchTeamsRequest) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.SearchTeamsRequest", s.LogValue())
}

// FoundTeam is a team (工作圈) as a search finds it.
type FoundTeam struct {
	EID       string `json:"eid"`
	NetworkID string `json:"networkId"`
	Name      string `json:"name"`
}

// CreatePartnerRequest makes another team a partner. All fields are required.
type CreatePartnerRequest struct {
	MyOpenID     string // of the person here who makes the request (本人oid)
	PartnerEID   string // see [Client.SearchTeams]
	PartnerPhone string // mobile of a person at the partner
}

// LogValue shows ids.
func (c CreatePartnerRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.String("myOid", c.MyOpenID), slog.String("partnerEid", c.PartnerEID))
}

// Format prints [CreatePartnerRequest.LogValue] whatever the verb.
func (c CreatePartnerRequest) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.CreatePartnerRequest", c.LogValue())
}

// DeletePartnerContactRequest names a contact. All fields are required.
type DeletePartnerContactRequest struct {
	PartnerEID string
	ContactID  string
}

var (
	opSearchTeams          = partnerOp("searchNetwork", kernel.Read)
	opCreatePartner        = partnerOp("createPartners", kernel.Once)
	opDeletePartnerContact = partnerOp("delPartContacts", kernel.Once)
)

// SearchTeams finds teams by the phone of a member and the team's name
// (searchNetwork).
func (c *Client) SearchTeams(ctx context.Context, request SearchTeamsRequest) ([]FoundTeam, error) {
	r := newRequest(opSearchTeams)
	r.text("phone", "Phone", request.Phone)
	r.text("name", "Name", request.Name)
	return result(call(ctx, c, r, func(s *wire.Scanner) (list rows[FoundTeam]) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "newtorks": // the vendor's spelling
			case "networks": // should it ever be put right
			default:
				s.Skip()
				continue
			}
			seen.Once(s, 0, "data.newtorks")
			list = readRows(s, opSearchTeams.Name, "data.newtorks", readFoundTeam)
		}
		seen.Need(s, 0, "data.newtorks")
		return list
	}))
}

func readFoundTeam(s *wire.Scanner, f *FoundTeam) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "eid":
			seen.Once(s, 0, "eid")
			f.EID = s.Text("eid", wire.Strict)
		case "networkId":
			seen.Once(s, 1, "networkId")
			f.NetworkID = s.Text("networkId", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			f.Name = s.Text("name", wire.Strict)
		default:
			s.Skip()
		}
	}
	return f.EID
}

// CreatePartner makes another team a partner (createPartners). It is never
// repeated after an attempt whose outcome is unknown: see [ErrOutcomeUnknown],
// and look with [Client.ListPartners].
func (c *Client) CreatePartner(ctx context.Context, request CreatePartnerRequest) error {
	r := newRequest(opCreatePartner)
	r.text("myOid", "MyOpenID", request.MyOpenID)
	r.text("partnerEid", "PartnerEID", request.PartnerEID)
	r.text("partnerPhone", "PartnerPhone", request.PartnerPhone)
	return c.write(ctx, r)
}

// DeletePartnerContact removes a contact of a partner (delPartContacts). It is
// never repeated after an attempt whose outcome is unknown, see
// [ErrOutcomeUnknown].
func (c *Client) DeletePartnerContact(ctx context.Context, request DeletePartnerContactRequest) error {
	r := newRequest(opDeletePartnerContact)
	r.text("partnerEid", "PartnerEID", request.PartnerEID)
	r.text("contactId", "ContactID", request.ContactID)
	return c.write(ctx, r)
}

// write is a call whose answer holds nothing but success.
func (c *Client) write(ctx context.Context, r *request) error {
	r.mayLackData = true
	_, err := call(ctx, c, r, func(s *wire.Scanner) struct{} {
		s.Skip()
		return struct{}{}
	})
	return err
}
