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

// RoleMembers are people who have a role, or some of them: the same role may
// come again on a later page.
type RoleMembers struct {
	EID      string   `json:"eid"`
	RoleID   string   `json:"roleId"`
	RoleName string   `json:"roleName"`
	Members  []Member `json:"members"`
}

// LogValue shows ids and the number of members.
func (r RoleMembers) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("eid", r.EID), slog.String("roleId", r.RoleID), slog.Int("members", len(r.Members)))
}

// Format prints [RoleMembers.LogValue] whatever the verb.
func (r RoleMembers) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.RoleMembers", r.LogValue())
}

func readRole(s *wire.Scanner, r *RoleMembers) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "eid":
			seen.Once(s, 0, "eid")
			r.EID = s.Text("eid", wire.Strict)
		case "roleId":
			seen.Once(s, 1, "roleId")
			r.RoleID = s.Text("roleId", wire.Strict)
		case "roleName":
			seen.Once(s, 2, "roleName")
			r.RoleName = s.Text("roleName", wire.Lenient)
		case "members":
			seen.Once(s, 3, "members")
			r.Members = readList(s, "members", readMember)
		default:
			s.Skip()
		}
	}
	return r.RoleID
}

var opListRoleMembers = dataOp("getpersonByRoleIds")

// ListRoleMembers reads one page of the people who have roles
// (getpersonByRoleIds). The ids travel joined with "_", so one that contains
// "_" is refused. What Begin counts is not documented; [Client.AllRoleMembers]
// is safe either way.
func (c *Client) ListRoleMembers(ctx context.Context, roleIDs []string, p PageRequest) ([]RoleMembers, error) {
	return result(c.roleMembers(ctx, roleIDs, p))
}

func (c *Client) roleMembers(ctx context.Context, roleIDs []string, p PageRequest) (rows[RoleMembers], error) {
	r := newRequest(opListRoleMembers)
	r.ids("roleIds", "roleIDs", roleIDs, "_")
	r.page(p, maxCount)
	return call(ctx, c, r, listed(opListRoleMembers.Name, readRole))
}

// AllRoleMembers ranges over the people who have roles, in groups (getpersonByRoleIds). The same
// role may come more than once: take its members together. There must be fewer ids than
// options.Count (by default 1,000).
func (c *Client) AllRoleMembers(ctx context.Context, roleIDs []string, options PageOptions) iter.Seq2[RoleMembers, error] {
	roleIDs = slices.Clone(roleIDs)
	return listing[RoleMembers]{
		op: opListRoleMembers, most: maxCount, end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[RoleMembers]], error) {
			if err := roomFor(opListRoleMembers, "roleIDs", roleIDs, p); err != nil {
				return page.Page[record[RoleMembers]]{}, err
			}
			rows, err := c.roleMembers(ctx, roleIDs, p)
			var members filling
			for _, row := range rows.good {
				members.add(len(row.Members), p.Count)
			}
			return grouped(rows, p.Count, members), err
		},
	}.all(ctx, options)
}
