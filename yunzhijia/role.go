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

type wireRole struct {
	EID      wire.Text    `json:"eid"`
	RoleID   wire.Text    `json:"roleId"`
	RoleName wire.Text    `json:"roleName"`
	Members  []wireMember `json:"members"`
}

func (w wireRole) role() RoleMembers {
	return RoleMembers{
		EID:      string(w.EID),
		RoleID:   string(w.RoleID),
		RoleName: string(w.RoleName),
		Members:  mapped(w.Members, wireMember.member),
	}
}

var opListRoleMembers = dataOp("getpersonByRoleIds")

// ListRoleMembers reads one page of the people who have roles
// (getpersonByRoleIds). The ids travel joined with "_", so one that contains
// "_" is refused. What Begin counts is not documented; [Client.AllRoleMembers]
// is safe either way.
func (c *Client) ListRoleMembers(ctx context.Context, roleIDs []string, p PageRequest) ([]RoleMembers, error) {
	r := newRequest(opListRoleMembers)
	r.ids("roleIds", "roleIDs", roleIDs, "_")
	r.page(p, maxCount)
	return call(ctx, c, r, list(wireRole.role))
}

// AllRoleMembers ranges over the people who have roles, in groups. The same
// role may come more than once: take its members together. There must be fewer
// ids than options.Count (by default 1,000).
func (c *Client) AllRoleMembers(ctx context.Context, roleIDs []string, options PageOptions) iter.Seq2[RoleMembers, error] {
	roleIDs = slices.Clone(roleIDs)
	return listing[RoleMembers]{
		op: opListRoleMembers, most: maxCount, end: atShortPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[RoleMembers], error) {
			if err := roomFor(opListRoleMembers, "roleIDs", roleIDs, p); err != nil {
				return page.Page[RoleMembers]{}, err
			}
			rows, err := c.ListRoleMembers(ctx, roleIDs, p)
			var members filling
			for _, row := range rows {
				members.add(len(row.Members), p.Count)
			}
			return grouped(rows, p.Count, members), err
		},
	}.all(ctx, options)
}
