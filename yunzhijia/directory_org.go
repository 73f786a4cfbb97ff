package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// DirectoryOrg is a department as openimport has one (部门组织API列表). Printing or logging
// it shows ids; marshalling it as JSON keeps the data.
type DirectoryOrg struct {
	ID       string `json:"id"`
	ParentID string `json:"parentId"` // "" for the root, if the root is listed at all
	Name     string `json:"name"`
	// Department is the long name, unique in the team: names from below the root, joined
	// by "\". The root's own is "\".
	Department   string `json:"department"`
	Weights      int64  `json:"weights"` // for sorting, small first
	BusinessUnit bool   `json:"businessUnit"`
	// ChangeType comes with [Client.ListChangedOrgs] alone.
	ChangeType ChangeType `json:"changeType"`
}

// ChangeType is what became of a department, in the vendor's own text.
type ChangeType string

// The changes of a department.
const (
	OrgAdded   ChangeType = "1"
	OrgChanged ChangeType = "2" // renamed or moved
	OrgDeleted ChangeType = "3"
)

// RootOrg is the long name of the root, for [Client.GetDirectoryOrgsByName].
const RootOrg = `\`

// LogValue shows ids.
func (o DirectoryOrg) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", o.ID), slog.String("parentId", o.ParentID), slog.String("changeType", string(o.ChangeType)))
}

// Format prints [DirectoryOrg.LogValue] whatever the verb.
func (o DirectoryOrg) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.DirectoryOrg", o.LogValue())
}

func readDirectoryOrg(s *wire.Scanner, o *DirectoryOrg) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "id":
			seen.Once(s, 0, "id")
			o.ID = s.Text("id", wire.Strict)
		case "parentId":
			seen.Once(s, 1, "parentId")
			o.ParentID = s.Text("parentId", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			o.Name = s.Text("name", wire.Strict)
		case "department":
			seen.Once(s, 3, "department")
			o.Department = s.Text("department", wire.Lenient)
		case "weights":
			seen.Once(s, 4, "weights")
			o.Weights, _ = s.Int("weights")
		case "businessUnit":
			seen.Once(s, 5, "businessUnit")
			o.BusinessUnit, _ = s.Flag("businessUnit")
		case "changeType":
			seen.Once(s, 6, "changeType")
			o.ChangeType = ChangeType(s.Text("changeType", wire.Strict))
		default:
			s.Skip()
		}
	}
	return o.ID
}

var (
	opListDirectoryOrgs = syncOp("dept/getall")
	opListChangedOrgs   = syncOp("dept/getAtTime")
	opGetDirectoryOrgs  = syncOp("dept/get")
)

// ListDirectoryOrgs reads all departments at once (openimport, dept/getall): the answer
// has no pages. Children may come before their parents. Whether the root is among them
// is not documented; [Client.GetDirectoryOrgsByName] with [RootOrg] asks for it.
func (c *Client) ListDirectoryOrgs(ctx context.Context) ([]DirectoryOrg, error) {
	return result(c.directoryOrgs(ctx))
}

func (c *Client) directoryOrgs(ctx context.Context) (rows[DirectoryOrg], error) {
	r := newRequest(opListDirectoryOrgs)
	r.data(struct{}{})
	return call(ctx, c, r, syncRows(opListDirectoryOrgs, readDirectoryOrg))
}

// AllDirectoryOrgs ranges over what [Client.ListDirectoryOrgs] reads (dept/getall). A department
// that cannot be read yields a [*RowError], and the others follow.
func (c *Client) AllDirectoryOrgs(ctx context.Context) iter.Seq2[DirectoryOrg, error] {
	return ranged(func() (rows[DirectoryOrg], error) { return c.directoryOrgs(ctx) })
}

// ListChangedOrgs reads the departments that changed after since (openimport,
// dept/getAtTime), in one answer. ChangeType says how; a deleted one still has its name
// and parent. If one comes twice, the last row holds.
func (c *Client) ListChangedOrgs(ctx context.Context, since Cursor) ([]DirectoryOrg, error) {
	r := newRequest(opListChangedOrgs)
	r.data(struct {
		Time Cursor `json:"time"`
	}{r.since(since)})
	return result(call(ctx, c, r, syncRows(opListChangedOrgs, readDirectoryOrg)))
}

// The types of dept/get.
const (
	byOrgID    = 0
	byLongName = 1
)

// GetDirectoryOrgs reads at most 100 departments by their ids (openimport, dept/get). One
// that does not exist is not in the answer. An answer about others is [ErrMalformed].
func (c *Client) GetDirectoryOrgs(ctx context.Context, orgIDs []string) ([]DirectoryOrg, error) {
	return result(c.getDirectoryOrgs(ctx, orgIDs))
}

func (c *Client) getDirectoryOrgs(ctx context.Context, orgIDs []string) (rows[DirectoryOrg], error) {
	r := newRequest(opGetDirectoryOrgs)
	r.checkIDs("orgIDs", orgIDs, maxIDs)
	r.data(recordsData{byOrgID, orgIDs})
	return call(ctx, c, r, askedFor(opGetDirectoryOrgs, orgIDs, "id", readDirectoryOrg))
}

// GetDirectoryOrgsByName reads at most 100 departments by their long names (openimport,
// dept/get), such as `研发中心\平台部`; [RootOrg] is the root's.
func (c *Client) GetDirectoryOrgsByName(ctx context.Context, longNames []string) ([]DirectoryOrg, error) {
	r := newRequest(opGetDirectoryOrgs)
	r.checkIDs("longNames", longNames, maxIDs)
	r.data(recordsData{byLongName, longNames})
	return result(call(ctx, c, r, syncRows(opGetDirectoryOrgs, readDirectoryOrg)))
}

// AllDirectoryOrgsByID ranges over any number of departments by their ids (dept/get), 100 a call.
func (c *Client) AllDirectoryOrgsByID(ctx context.Context, orgIDs []string) iter.Seq2[DirectoryOrg, error] {
	return byIDs(orgIDs, maxIDs, func(ids []string) (rows[DirectoryOrg], error) { return c.getDirectoryOrgs(ctx, ids) })
}
