package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// OrgMembers is one page of the people of a department.
type OrgMembers struct {
	// Heads (负责人) are on the page with Begin 0 only. They may belong to another
	// department, and may be among Members as well.
	Heads []Person `json:"inChargers"`
	// Members are what Begin and Count page over.
	Members []Person `json:"members"`
}

// LogValue shows the numbers of people.
func (o OrgMembers) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("inChargers", len(o.Heads)), slog.Int("members", len(o.Members)))
}

// Format prints [OrgMembers.LogValue] whatever the verb.
func (o OrgMembers) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.OrgMembers", o.LogValue())
}

var opListOrgMembers = dataOp("getorgpersons")

// ListOrgMembers reads one page of the people of a department (getorgpersons).
// The error names members that cannot be read, see [RowError].
func (c *Client) ListOrgMembers(ctx context.Context, orgID string, p PageRequest) (OrgMembers, error) {
	answer, err := c.orgMembers(ctx, orgID, p)
	if err != nil {
		return OrgMembers{}, err
	}
	members, err := result(answer.members, nil)
	return OrgMembers{Heads: answer.heads, Members: members}, err
}

type orgMembers struct {
	heads   []Person
	members rows[Person]
}

func (c *Client) orgMembers(ctx context.Context, orgID string, p PageRequest) (orgMembers, error) {
	r := newRequest(opListOrgMembers)
	r.text("orgId", "orgID", orgID)
	r.page(p, maxCount)
	return call(ctx, c, r, func(s *wire.Scanner) (o orgMembers) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "inChargers":
				seen.Once(s, 0, "data.inChargers")
				o.heads = readPersons(s, "data.inChargers")
			case "members":
				seen.Once(s, 1, "data.members")
				o.members = readRows(s, opListOrgMembers.Name, "data.members", readPerson)
			default:
				s.Skip()
			}
		}
		seen.Need(s, 1, "data.members")
		return o
	})
}

// AllOrgMembers ranges over the members of a department (getorgpersons), up to an empty page.
// Heads who are no members are not among them; see [Client.GetOrg].
func (c *Client) AllOrgMembers(ctx context.Context, orgID string, options PageOptions) iter.Seq2[Person, error] {
	return listing[Person]{
		op: opListOrgMembers, most: maxCount, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Person]], error) {
			answer, err := c.orgMembers(ctx, orgID, p)
			return flat(answer.members, err)
		},
	}.all(ctx, options)
}
