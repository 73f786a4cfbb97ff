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

// OrgPersons is one page of the people of a department.
type OrgPersons struct {
	// InChargers are the heads, on the page with Begin 0 only. They may belong
	// to another department, and may be among Members as well.
	InChargers []Person `json:"inChargers"`
	// Members are what Begin and Count page over.
	Members []Person `json:"members"`
}

// LogValue shows the numbers of people.
func (o OrgPersons) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("inChargers", len(o.InChargers)), slog.Int("members", len(o.Members)))
}

// Format prints [OrgPersons.LogValue] whatever the verb.
func (o OrgPersons) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.OrgPersons", o.LogValue())
}

var opListOrgPersons = dataOp("getorgpersons")

// ListOrgPersons reads one page of the people of a department (getorgpersons).
// The error names members that cannot be read, see [RowError].
func (c *Client) ListOrgPersons(ctx context.Context, orgID string, p PageRequest) (OrgPersons, error) {
	answer, err := c.orgPersons(ctx, orgID, p)
	if err != nil {
		return OrgPersons{}, err
	}
	members, err := result(answer.members, nil)
	return OrgPersons{InChargers: answer.inChargers, Members: members}, err
}

type orgPersons struct {
	inChargers []Person
	members    rows[Person]
}

func (c *Client) orgPersons(ctx context.Context, orgID string, p PageRequest) (orgPersons, error) {
	r := newRequest(opListOrgPersons)
	r.text("orgId", "orgID", orgID)
	r.page(p, maxCount)
	return call(ctx, c, r, func(s *wire.Scanner) (o orgPersons) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "inChargers":
				seen.Once(s, 0, "data.inChargers")
				o.inChargers = readPersons(s, "data.inChargers")
			case "members":
				seen.Once(s, 1, "data.members")
				o.members = readRows(s, opListOrgPersons.Name, "data.members", readPerson)
			default:
				s.Skip()
			}
		}
		seen.Need(s, 1, "data.members")
		return o
	})
}

// AllOrgPersons ranges over the members of a department, up to an empty page.
// Heads who are no members are not among them; see [Client.GetOrg].
func (c *Client) AllOrgPersons(ctx context.Context, orgID string, options PageOptions) iter.Seq2[Person, error] {
	return listing[Person]{
		op: opListOrgPersons, most: maxCount, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Person]], error) {
			answer, err := c.orgPersons(ctx, orgID, p)
			return flat(answer.members, err)
		},
	}.all(ctx, options)
}
