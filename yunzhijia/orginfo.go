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

// OrgInfosQuery names departments.
type OrgInfosQuery struct {
	// OrgIDs travel joined with "_", so an id that contains "_" is refused.
	OrgIDs []string
	// HasChild asks for sub-departments, too (是否查询子部门信息).
	HasChild bool
}

// OrgInfo is a department with sub-departments and members, or some of them:
// the same department may come again on a later page.
type OrgInfo struct {
	Org     Org      `json:"org"`     // without InChargers
	SubOrgs []Org    `json:"subOrgs"` // without InChargers
	Members []Member `json:"members"`
}

// LogValue shows the id and the numbers of sub-departments and members.
func (o OrgInfo) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("orgId", o.Org.OrgID), slog.Int("subOrgs", len(o.SubOrgs)), slog.Int("members", len(o.Members)))
}

// Format prints [OrgInfo.LogValue] whatever the verb.
func (o OrgInfo) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.OrgInfo", o.LogValue()) }

func readOrgInfo(s *wire.Scanner, o *OrgInfo) (id string) {
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

var opListOrgInfos = dataOp("getorginfos")

// ListOrgInfos reads one page of departments with their sub-departments and
// members (getorginfos). What Begin counts is not documented;
// [Client.AllOrgInfos] is safe either way.
func (c *Client) ListOrgInfos(ctx context.Context, query OrgInfosQuery, p PageRequest) ([]OrgInfo, error) {
	return result(c.orgInfos(ctx, query, p))
}

func (c *Client) orgInfos(ctx context.Context, query OrgInfosQuery, p PageRequest) (rows[OrgInfo], error) {
	r := newRequest(opListOrgInfos)
	r.ids("orgIds", "OrgIDs", query.OrgIDs, "_")
	r.flag("hasChild", query.HasChild)
	r.page(p, maxCount)
	return call(ctx, c, r, listed(opListOrgInfos.Name, readOrgInfo))
}

// AllOrgInfos ranges over departments with their sub-departments and members.
// The same department may come more than once: take its members together, and
// its sub-departments by id. There must be fewer ids than options.Count (by
// default 1,000).
func (c *Client) AllOrgInfos(ctx context.Context, query OrgInfosQuery, options PageOptions) iter.Seq2[OrgInfo, error] {
	query.OrgIDs = slices.Clone(query.OrgIDs)
	return listing[OrgInfo]{
		op: opListOrgInfos, most: maxCount, end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[OrgInfo]], error) {
			if err := roomFor(opListOrgInfos, "OrgIDs", query.OrgIDs, p); err != nil {
				return page.Page[record[OrgInfo]]{}, err
			}
			rows, err := c.orgInfos(ctx, query, p)
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
