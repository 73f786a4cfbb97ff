package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// OrgHead says that a person heads a department (负责人). It prints with ids alone.
type OrgHead struct {
	OpenID       string `json:"openId"`
	DepartmentID string `json:"departmentId"`
	Department   string `json:"department"` // its long name
}

// LogValue shows ids.
func (h OrgHead) LogValue() slog.Value {
	return slog.GroupValue(slog.String("openId", h.OpenID), slog.String("departmentId", h.DepartmentID))
}

// Format prints [OrgHead.LogValue] whatever the verb.
func (h OrgHead) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.OrgHead", h.LogValue()) }

func readOrgHead(s *wire.Scanner, h *OrgHead) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "openId":
			seen.Once(s, 0, "openId")
			h.OpenID = s.Text("openId", wire.Strict)
		case "departmentId":
			seen.Once(s, 1, "departmentId")
			h.DepartmentID = s.Text("departmentId", wire.Strict)
		case "department":
			seen.Once(s, 2, "department")
			h.Department = s.Text("department", wire.Lenient)
		default:
			s.Skip()
		}
	}
	return h.OpenID
}

// SuperiorKind is a kind of superior (relationType).
type SuperiorKind string

// The kinds of superiors. What a row of SuperiorReporting means is unclear: the docs say
// both that heads are report superiors by default, and that only unselected ones are
// listed. SuperiorSelected is the one to use.
const (
	SuperiorSelected  SuperiorKind = "LEADER" // 指定上级
	SuperiorReporting SuperiorKind = "REPORT" // 汇报
)

// ReportingLine says that a person has a superior. It prints with ids alone.
type ReportingLine struct {
	Type         SuperiorKind `json:"relationType"`
	OpenID       string       `json:"openId"`
	LeaderOpenID string       `json:"leaderOpenId"`
}

// LogValue shows ids.
func (r ReportingLine) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("relationType", string(r.Type)), slog.String("openId", r.OpenID),
		slog.String("leaderOpenId", r.LeaderOpenID))
}

// Format prints [ReportingLine.LogValue] whatever the verb.
func (r ReportingLine) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.ReportingLine", r.LogValue())
}

func readReportingLine(s *wire.Scanner, r *ReportingLine) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "relationType":
			seen.Once(s, 0, "relationType")
			r.Type = SuperiorKind(s.Text("relationType", wire.Strict))
		case "openId":
			seen.Once(s, 1, "openId")
			r.OpenID = s.Text("openId", wire.Strict)
		case "leaderOpenId":
			seen.Once(s, 2, "leaderOpenId")
			r.LeaderOpenID = s.Text("leaderOpenId", wire.Strict)
		default:
			s.Skip()
		}
	}
	return r.OpenID
}

var (
	opListOrgHeads       = syncOp("company/queryOrgAdmins")
	opListReportingLines = syncOp("company/queryRelations")
)

// ListOrgHeads reads one page of the heads of all departments (openimport,
// company/queryOrgAdmins), at most 1,000. Only those in service are listed.
func (c *Client) ListOrgHeads(ctx context.Context, p PageRequest) ([]OrgHead, error) {
	return result(c.orgHeads(ctx, p))
}

func (c *Client) orgHeads(ctx context.Context, p PageRequest) (rows[OrgHead], error) {
	r := newRequest(opListOrgHeads)
	r.data(pageData(r.checked(p, maxCount)))
	return call(ctx, c, r, syncRows(opListOrgHeads, readOrgHead))
}

// AllOrgHeads ranges over the heads of all departments (company/queryOrgAdmins). The sequence ends
// with [ErrSlid] if rows may be missing. Rows may come twice.
func (c *Client) AllOrgHeads(ctx context.Context, options PageOptions) iter.Seq2[OrgHead, error] {
	return whole(ctx, opListOrgHeads, options, c.orgHeads)
}

// ListReportingLines reads one page of the superiors of everyone (openimport,
// company/queryRelations), at most 1,000.
func (c *Client) ListReportingLines(ctx context.Context, relation SuperiorKind, p PageRequest) ([]ReportingLine, error) {
	return result(c.reportingLines(ctx, relation, p))
}

func (c *Client) reportingLines(ctx context.Context, relation SuperiorKind, p PageRequest) (rows[ReportingLine], error) {
	r := newRequest(opListReportingLines)
	if relation != SuperiorSelected && relation != SuperiorReporting {
		r.refuse("relation", "is neither LEADER nor REPORT")
	}
	p = r.checked(p, maxCount)
	r.data(struct { // the one call that has begin and count as texts
		RelationType SuperiorKind `json:"relationType"`
		Begin        string       `json:"begin"`
		Count        string       `json:"count"`
	}{relation, strconv.Itoa(p.Begin), strconv.Itoa(p.Count)})
	return call(ctx, c, r, syncRows(opListReportingLines, readReportingLine))
}

// AllReportingLines ranges over the superiors of everyone (company/queryRelations). The
// sequence ends with [ErrSlid] if rows may be missing. Rows may come twice.
func (c *Client) AllReportingLines(ctx context.Context, relation SuperiorKind, options PageOptions) iter.Seq2[ReportingLine, error] {
	return whole(ctx, opListReportingLines, options, func(ctx context.Context, p PageRequest) (rows[ReportingLine], error) {
		return c.reportingLines(ctx, relation, p)
	})
}
