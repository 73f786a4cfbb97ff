package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"

	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// OrgDetailsQuery names departments.
type OrgDetailsQuery struct {
	// OrgIDs travel joined with "_", so an id that contains "_" is refused.
	OrgIDs []string
	// IncludeSubOrgs asks for sub-departments, too (hasChild, 是否查询子部门信息).
	IncludeSubOrgs bool
	// HasChild does the same as IncludeSubOrgs.
	//
	// Deprecated: use IncludeSubOrgs.
	HasChild bool
}

// OrgDetails is a department with sub-departments and members, or some of them:
// the same department may come again on a later page.
type OrgDetails struct {
	Org     Org      `json:"org"`     // without InChargers
	SubOrgs []Org    `json:"subOrgs"` // without InChargers
	Members []Member `json:"members"`
}

// LogValue shows the id and the numbers of sub-departments and members.
func (o OrgDetails) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("orgId", o.Org.OrgID), slog.Int("subOrgs", len(o.SubOrgs)), slog.Int("members", len(o.Members)))
}

// Format prints [OrgDetails.LogValue] whatever the verb.
func (o OrgDetails) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.OrgDetails", o.LogValue())
}

func readOrgDetails(s *wire.Scanner, o *OrgDetails) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "org":
			seen.Once(s, 0, "org")
			sound := s.Sound()
			if !s.Null() {
				readOrg(s, &o.Org)
			}
			s.Within(sound, "org")
		case "subOrgs":
			seen.Once(s, 1, "subOrgs")
			o.SubOrgs = readList(s, "subOrgs", readOrg)
		case "members":
			seen.Once(s, 2, "members")
			o.Members = readList(s, "members", readMember)
		default:
			s.Skip()
		}
	}
	return o.Org.OrgID
}

var opListOrgDetails = dataOp("getorginfos")

// ListOrgDetails reads one page of departments with their sub-departments and
// members (getorginfos). What Begin counts is not documented;
// [Client.AllOrgDetails] is safe either way.
func (c *Client) ListOrgDetails(ctx context.Context, query OrgDetailsQuery, p PageRequest) ([]OrgDetails, error) {
	return result(c.orgDetails(ctx, query, p))
}

func (c *Client) orgDetails(ctx context.Context, query OrgDetailsQuery, p PageRequest) (rows[OrgDetails], error) {
	r := newRequest(opListOrgDetails)
	r.ids("orgIds", "OrgIDs", query.OrgIDs, "_")
	r.flag("hasChild", query.IncludeSubOrgs || query.HasChild)
	r.page(p, maxCount)
	return call(ctx, c, r, listed(opListOrgDetails.Name, readOrgDetails))
}

// AllOrgDetails ranges over departments with their sub-departments and members (getorginfos).
// The same department may come more than once: take its members together, and
// its sub-departments by id. There must be fewer ids than options.Count (by
// default 1,000).
func (c *Client) AllOrgDetails(ctx context.Context, query OrgDetailsQuery, options PageOptions) iter.Seq2[OrgDetails, error] {
	query.OrgIDs = slices.Clone(query.OrgIDs)
	return listing[OrgDetails]{
		op: opListOrgDetails, most: maxCount, end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[OrgDetails]], error) {
			if err := roomFor(opListOrgDetails, "OrgIDs", query.OrgIDs, p); err != nil {
				return page.Page[record[OrgDetails]]{}, err
			}
			rows, err := c.orgDetails(ctx, query, p)
			var members, subOrgs, both filling
			for _, row := range rows.good {
				members.add(len(row.Members), p.Count)
				subOrgs.add(len(row.SubOrgs), p.Count)
				both.add(len(row.Members)+len(row.SubOrgs), p.Count)
			}
			return grouped(rows, p.Count, members, subOrgs, both), err
		},
	}.all(ctx, options)
}
