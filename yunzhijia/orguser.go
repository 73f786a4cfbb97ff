package yunzhijia

import (
	"context"
	"iter"
	"slices"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
)

// OrgUsersQuery names departments.
type OrgUsersQuery struct {
	// OrgIDs travel joined with ",", so an id that contains "," is refused.
	OrgIDs []string
	// IncludeDescendants asks for the people of all departments below, too (isIncludeSub).
	IncludeDescendants bool
	// IncludeSub does the same as IncludeDescendants.
	//
	// Deprecated: use IncludeDescendants.
	IncludeSub bool
}

var opListOrgUsers = newOp(dataPath+"org/", "getUserInfoRelyOrgIds", kernel.Read)

// ListOrgUsers reads one page of the people of departments
// (getUserInfoRelyOrgIds), at most 500. It is the only call that gives Phone,
// which may be masked, and Email.
func (c *Client) ListOrgUsers(ctx context.Context, query OrgUsersQuery, p PageRequest) ([]Person, error) {
	return result(c.orgUsers(ctx, query, p))
}

func (c *Client) orgUsers(ctx context.Context, query OrgUsersQuery, p PageRequest) (rows[Person], error) {
	r := newRequest(opListOrgUsers)
	r.ids("orgIds", "OrgIDs", query.OrgIDs, ",")
	r.flag("isIncludeSub", query.IncludeDescendants || query.IncludeSub)
	r.page(p, maxCountOrgUsers)
	return call(ctx, c, r, listed(opListOrgUsers.Name, readPerson))
}

// AllOrgUsers ranges over the people of departments (getUserInfoRelyOrgIds), up to an empty
// page.
func (c *Client) AllOrgUsers(ctx context.Context, query OrgUsersQuery, options PageOptions) iter.Seq2[Person, error] {
	query.OrgIDs = slices.Clone(query.OrgIDs)
	return listing[Person]{
		op: opListOrgUsers, most: maxCountOrgUsers, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Person]], error) {
			return flat(c.orgUsers(ctx, query, p))
		},
	}.all(ctx, options)
}
