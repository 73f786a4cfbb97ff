package yunzhijiatest

import (
	"slices"
	"strconv"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// syncOrg is a department of openimport.
type syncOrg struct {
	ID           string               `json:"id"`
	ParentID     string               `json:"parentId"`
	Name         string               `json:"name"`
	Department   string               `json:"department"`
	Weights      int                  `json:"weights"`
	ChangeType   yunzhijia.ChangeType `json:"changeType,omitempty"`
	BusinessUnit int                  `json:"businessUnit"`
}

// tree finds departments by their ids, for answers with many people.
type tree struct {
	orgs  map[string]yunzhijia.Org
	names map[string]string
	heads map[[2]string]bool // department and person
}

func (t *Team) tree() *tree {
	out := &tree{orgs: make(map[string]yunzhijia.Org, len(t.orgs)), names: map[string]string{}, heads: map[[2]string]bool{}}
	for _, o := range t.orgs {
		out.orgs[o.OrgID] = o
		for _, head := range o.Heads() {
			out.heads[[2]string{o.OrgID, head.OpenID}] = true
		}
	}
	return out
}

const rootName = `\`

// longName joins the names from below the root. It ends at a parent that does not exist
// or has been there before.
func (t *tree) longName(id string) string {
	if name, known := t.names[id]; known {
		return name
	}
	org, there := t.orgs[id]
	switch {
	case !there:
		return ""
	case org.ParentID == "":
		return rootName
	}
	t.names[id] = org.Name // in a circle, the name ends here
	name := org.Name
	if above := t.longName(org.ParentID); above != rootName && above != "" {
		name = above + `\` + org.Name
	}
	t.names[id] = name
	return name
}

func (t *tree) record(org yunzhijia.Org, change yunzhijia.ChangeType) syncOrg {
	return syncOrg{
		ID: org.OrgID, ParentID: org.ParentID, Name: org.Name, Department: t.longName(org.OrgID), ChangeType: change,
	}
}

// syncAllOrgs leaves the root out, as the vendor's sample does, unless told otherwise.
func (t *Team) syncAllOrgs(data []byte) (any, *refusal) {
	var in struct {
		EID *string `json:"eid"`
	}
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	tree, out := t.tree(), []syncOrg{}
	for _, org := range slices.Backward(t.orgs) { // children before parents
		if org.ParentID != "" || t.server.rooted {
			out = append(out, tree.record(org, ""))
		}
	}
	return out, nil
}

func (t *Team) syncChangedOrgs(data []byte) (any, *refusal) {
	var in struct {
		Time *string `json:"time"`
		EID  *string `json:"eid"`
	}
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	happened, refused := syncSince{Time: in.Time}.after()
	if refused != nil {
		return nil, refused
	}
	tree, out := t.tree(), []syncOrg{}
	for _, e := range t.directory.orgs {
		if happened(e.at) {
			row := tree.record(e.org, e.change)
			if row.Department == "" {
				row.Department = e.org.Name
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func (t *Team) syncGetOrgs(data []byte) (any, *refusal) {
	in, refused := readIDs(data)
	if refused != nil {
		return nil, refused
	}
	tree, out := t.tree(), []syncOrg{}
	for _, org := range t.orgs {
		key := org.OrgID
		if *in.Type == 1 {
			key = tree.longName(org.OrgID)
		}
		if slices.Contains(in.Array, key) {
			out = append(out, tree.record(org, ""))
		}
	}
	return out, nil
}

// syncHeads has heads in service alone. A count that is too large is cut without a word,
// as the vendor's docs say of this call.
func (t *Team) syncHeads(data []byte) (any, *refusal) {
	var in syncPage
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	if in.Count != nil {
		*in.Count = min(*in.Count, maxCount)
	}
	tree, rows := t.tree(), []yunzhijia.OrgHead{}
	for _, org := range t.orgs {
		for _, head := range org.Heads() {
			if i, ok := t.index[head.OpenID]; ok && t.people[i].Status == yunzhijia.StatusActive {
				rows = append(rows, yunzhijia.OrgHead{
					OpenID: head.OpenID, DepartmentID: org.OrgID, Department: tree.longName(org.OrgID),
				})
			}
		}
	}
	return pageOf(in, rows)
}

func (t *Team) syncSideJobs(data []byte) (any, *refusal) {
	var rows []yunzhijia.SideJob
	for _, p := range t.people {
		rows = append(rows, t.directory.sides[p.OpenID]...)
	}
	return paged(data, rows)
}

// syncRelations is the one call whose begin and count are texts. No one is listed as
// REPORT: what such a row means is unclear.
func (t *Team) syncRelations(data []byte) (any, *refusal) {
	var in struct {
		RelationType string  `json:"relationType"`
		Begin        string  `json:"begin"`
		Count        string  `json:"count"`
		EID          *string `json:"eid"`
	}
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	begin, err1 := strconv.Atoi(in.Begin)
	count, err2 := strconv.Atoi(in.Count)
	switch {
	case in.RelationType != string(yunzhijia.SuperiorSelected) && in.RelationType != string(yunzhijia.SuperiorReporting):
		return nil, badParameter("参数错误: relationType is neither LEADER nor REPORT")
	case err1 != nil || err2 != nil:
		return nil, badParameter("参数错误: begin and count must be numbers, as texts")
	}
	var rows []yunzhijia.ReportingLine
	for _, p := range t.people {
		for _, leader := range t.selected[p.OpenID] {
			if in.RelationType == string(yunzhijia.SuperiorSelected) {
				rows = append(rows, yunzhijia.ReportingLine{Type: yunzhijia.SuperiorSelected, OpenID: p.OpenID, LeaderOpenID: leader})
			}
		}
	}
	return pageOf(syncPage{Begin: &begin, Count: &count}, rows)
}
