package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/redact"
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
func (c *Client) ListOrgPersons(ctx context.Context, orgID string, p PageRequest) (OrgPersons, error) {
	r := newRequest(opListOrgPersons)
	r.text("orgId", "orgID", orgID)
	r.page(p, maxCount)

	type wirePage struct {
		InChargers []wirePerson `json:"inChargers"`
		Members    []wirePerson `json:"members"`
	}
	return call(ctx, c, r, required(func(data *wirePage) (OrgPersons, error) {
		return OrgPersons{InChargers: persons(data.InChargers), Members: persons(data.Members)}, nil
	}))
}

// AllOrgPersons ranges over the members of a department, up to an empty page.
// Heads who are no members are not among them; see [Client.GetOrg].
func (c *Client) AllOrgPersons(ctx context.Context, orgID string, options PageOptions) iter.Seq2[Person, error] {
	return listing[Person]{
		op: opListOrgPersons, most: maxCount, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[Person], error) {
			answer, err := c.ListOrgPersons(ctx, orgID, p)
			return flat(answer.Members, err)
		},
	}.all(ctx, options)
}
