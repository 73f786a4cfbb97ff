package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/page"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Org is OOrg of the vendor's page, a department. Printing or logging it shows
// ids; marshalling it as JSON keeps the data.
type Org struct {
	OrgID    string `json:"orgId"`
	ParentID string `json:"parentId"` // "" for the root
	Name     string `json:"name"`
	// Status comes with [Client.GetOrg] alone, "1" in the vendor's sample.
	Status string `json:"status"`
	// InChargers are the heads (负责人). They may belong to another department.
	InChargers []Person `json:"inChargers"`
}

// LogValue shows ids and the number of heads.
func (o Org) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("orgId", o.OrgID), slog.String("parentId", o.ParentID), slog.Int("inChargers", len(o.InChargers)))
}

// Format prints [Org.LogValue] whatever the verb.
func (o Org) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Org", o.LogValue()) }

type wireOrg struct {
	OrgID      wire.Text    `json:"orgId"`
	ParentID   wire.Text    `json:"parentId"`
	Name       wire.Text    `json:"name"`
	Status     wire.Text    `json:"status"`
	InChargers []wirePerson `json:"inChargers"`
}

// empty reports whether an answer's object describes no department at all.
func (w *wireOrg) empty() bool { return w.OrgID == "" && w.ParentID == "" && w.Name == "" }

func (w wireOrg) org() Org {
	return Org{
		OrgID:      string(w.OrgID),
		ParentID:   string(w.ParentID),
		Name:       string(w.Name),
		Status:     string(w.Status),
		InChargers: persons(w.InChargers),
	}
}

var (
	opGetOrg           = dataOp("getorg")
	opListAncestorOrgs = dataOp("getancestororgs")
	opListSubOrgs      = dataOp("getsuborgs")
	opListSubLevelOrgs = dataOp("getsublevelorgs")
	opListOrgs         = dataOp("getallorgs")
)

// GetOrg reads one department with its heads (getorg). It fails with
// [ErrNotFound] if the answer holds none, or is a refusal whose text says that the
// department does not exist, and with [ErrMalformed] if it holds another one.
func (c *Client) GetOrg(ctx context.Context, orgID string) (Org, error) {
	r := newRequest(opGetOrg)
	r.text("orgId", "orgID", orgID)
	org, err := call(ctx, c, r, func(data *wireOrg) (Org, error) {
		if data == nil || data.empty() {
			return Org{}, nil
		}
		if string(data.OrgID) != orgID {
			return Org{}, &wire.DecodeError{Field: "data.orgId", Problem: problemOther}
		}
		return data.org(), nil
	})
	if err == nil && org.OrgID == "" {
		return Org{}, r.notFound()
	}
	return org, absentOr(err, departmentNouns)
}

// ListAncestorOrgs reads the chain from a department up to the root
// (getancestororgs). It starts with that department itself, although the page
// calls the first one 上一级: the vendor's sample shows so.
func (c *Client) ListAncestorOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListAncestorOrgs, orgID)
}

// ListSubOrgs reads all departments below one, on every level (getsuborgs).
func (c *Client) ListSubOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListSubOrgs, orgID)
}

// ListSubLevelOrgs reads the departments directly below one (getsublevelorgs).
func (c *Client) ListSubLevelOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListSubLevelOrgs, orgID)
}

func (c *Client) relatives(ctx context.Context, op kernel.Op, orgID string) ([]Org, error) {
	r := newRequest(op)
	r.text("orgId", "orgID", orgID)
	return call(ctx, c, r, list(wireOrg.org))
}

// ListOrgs reads one page of all departments (getallorgs).
func (c *Client) ListOrgs(ctx context.Context, p PageRequest) ([]Org, error) {
	r := newRequest(opListOrgs)
	r.page(p, maxCount)
	return call(ctx, c, r, list(wireOrg.org))
}

// AllOrgs ranges over all departments, up to an empty page.
func (c *Client) AllOrgs(ctx context.Context, options PageOptions) iter.Seq2[Org, error] {
	return listing[Org]{
		op: opListOrgs, most: maxCount, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[Org], error) {
			return flat(c.ListOrgs(ctx, p))
		},
	}.all(ctx, options)
}
