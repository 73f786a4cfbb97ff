package yunzhijiatest

import (
	"strconv"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// oOrg is OOrg.
type oOrg struct {
	InChargers []oPerson `json:"inChargers"`
	Name       string    `json:"name"`
	OrgID      string    `json:"orgId"`
	ParentID   string    `json:"parentId"`
	Status     string    `json:"status,omitempty"` // with getorg only
}

func (t *Team) oOrg(org yunzhijia.Org) oOrg {
	return oOrg{InChargers: t.heads(org), Name: org.Name, OrgID: org.OrgID, ParentID: org.ParentID}
}

func (t *Team) oOrgs(orgs []yunzhijia.Org) []oOrg {
	out := make([]oOrg, 0, len(orgs))
	for _, org := range orgs {
		out = append(out, t.oOrg(org))
	}
	return out
}

func (t *Team) heads(org yunzhijia.Org) []oPerson {
	ids := make([]string, 0, len(org.Heads()))
	for _, p := range org.Heads() {
		ids = append(ids, p.OpenID)
	}
	return t.oPersons(t.byID(ids))
}

// ancestors returns the department and those above it, nearest first. It ends
// at a parent that does not exist or has been there before.
func (t *Team) ancestors(orgID string) []yunzhijia.Org {
	var chain []yunzhijia.Org
	seen := map[string]bool{}
	for i := t.findOrg(orgID); i >= 0 && !seen[t.orgs[i].OrgID]; i = t.findOrg(t.orgs[i].ParentID) {
		seen[t.orgs[i].OrgID] = true
		chain = append(chain, t.orgs[i])
	}
	return chain
}

func (t *Team) children(orgID string) []yunzhijia.Org {
	var children []yunzhijia.Org
	for _, org := range t.orgs {
		if org.ParentID == orgID {
			children = append(children, org)
		}
	}
	return children
}

// below returns all departments below one.
func (t *Team) below(orgID string) []yunzhijia.Org {
	var found []yunzhijia.Org
	seen := map[string]bool{orgID: true}
	for queue := []string{orgID}; len(queue) > 0; queue = queue[1:] {
		for _, org := range t.children(queue[0]) {
			if !seen[org.OrgID] {
				seen[org.OrgID] = true
				found = append(found, org)
				queue = append(queue, org.OrgID)
			}
		}
	}
	return found
}

func (t *Team) getOrg(in values) (any, *refusal) {
	i := t.findOrg(in.text("orgId"))
	if i < 0 {
		return nil, nil
	}
	out := t.oOrg(t.orgs[i])
	out.Status = "1"
	return out, nil
}

func (t *Team) getAncestorOrgs(in values) (any, *refusal) {
	return t.oOrgs(t.ancestors(in.text("orgId"))), nil
}

func (t *Team) getSubOrgs(in values) (any, *refusal) { return t.oOrgs(t.below(in.text("orgId"))), nil }

func (t *Team) getSubLevelOrgs(in values) (any, *refusal) {
	return t.oOrgs(t.children(in.text("orgId"))), nil
}

func (t *Team) getAllOrgs(in values) (any, *refusal) {
	from, to := in.window(maxCount)
	return t.oOrgs(cut(t.orgs, from, to)), nil
}

func (t *Team) getCompany(values) (any, *refusal) {
	users := 0
	for _, p := range t.people {
		if p.Status != yunzhijia.StatusLeft {
			users++
		}
	}
	return struct {
		EID       string `json:"eid"`
		UserCount string `json:"userCount"`
		Name      string `json:"name"`
	}{t.eid, strconv.Itoa(users), t.name}, nil
}
