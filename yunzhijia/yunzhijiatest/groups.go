package yunzhijiatest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// member is a person of getpersonByRoleIds and getorginfos.
type member struct {
	UID      string `json:"uid"`
	PhotoURL string `json:"photoUrl"`
	OpenID   string `json:"openId"`
	Name     string `json:"name"`
	OrgID    string `json:"orgId,omitempty"` // with getorginfos only
}

func (t *Team) member(p yunzhijia.Person, orgID string) member {
	return member{
		UID: strconv.Itoa(100_000_000 + t.index[p.OpenID]), PhotoURL: p.PhotoURL, OpenID: p.OpenID,
		Name: p.Name, OrgID: orgID,
	}
}

// spread pages over the members of all groups in turn. It returns what gives
// the members of the i-th group on the page, and whether the group belongs
// there; one without members does on the first page.
func spread(groups [][]member, in values) func(i int) ([]member, bool) {
	from, to := in.window(maxCount)
	starts := make([]int, len(groups))
	for i := 1; i < len(groups); i++ {
		starts[i] = starts[i-1] + len(groups[i-1])
	}
	return func(i int) ([]member, bool) {
		part := cut(groups[i], max(from-starts[i], 0), max(to-starts[i], 0))
		return part, len(part) > 0 || len(groups[i]) == 0 && from == 0
	}
}

func (t *Team) getPersonByRoleIDs(in values) (any, *refusal) {
	type roleMembers struct {
		EID      string   `json:"eid"`
		RoleID   string   `json:"roleId"`
		Members  []member `json:"members"`
		RoleName string   `json:"roleName"`
	}
	ids := strings.Split(in.text("roleIds"), "_")
	var roles []role
	var groups [][]member
	for _, r := range t.roles {
		if slices.Contains(ids, r.id) {
			group := []member{}
			for _, p := range t.byID(r.openIDs) {
				group = append(group, t.member(p, ""))
			}
			roles, groups = append(roles, r), append(groups, group)
		}
	}
	part := spread(groups, in)
	out := []roleMembers{}
	for i, r := range roles {
		if members, ok := part(i); ok {
			out = append(out, roleMembers{EID: t.eid, RoleID: r.id, Members: members, RoleName: r.name})
		}
	}
	return out, nil
}

func (t *Team) getOrgInfos(in values) (any, *refusal) {
	type oSubOrg struct {
		Name     string `json:"name"`
		OrgID    string `json:"orgId"`
		ParentID string `json:"parentId"`
	}
	type orgInfo struct {
		SubOrgs []oSubOrg `json:"subOrgs"`
		Org     oSubOrg   `json:"org"`
		Members []member  `json:"members"`
	}
	brief := func(o yunzhijia.Org) oSubOrg { return oSubOrg{o.Name, o.OrgID, o.ParentID} }
	var orgs []yunzhijia.Org
	var groups [][]member
	for id := range strings.SplitSeq(in.text("orgIds"), "_") {
		if i := t.findOrg(id); i >= 0 {
			group := []member{}
			for _, p := range t.within([]string{id}) {
				group = append(group, t.member(p, id))
			}
			orgs, groups = append(orgs, t.orgs[i]), append(groups, group)
		}
	}
	part := spread(groups, in)
	out := []orgInfo{}
	for i, org := range orgs {
		members, ok := part(i)
		if !ok {
			continue
		}
		info := orgInfo{SubOrgs: []oSubOrg{}, Org: brief(org), Members: members}
		if in.flag("hasChild") {
			for _, child := range t.children(org.OrgID) {
				info.SubOrgs = append(info.SubOrgs, brief(child))
			}
		}
		out = append(out, info)
	}
	return out, nil
}
