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
	// InChargers are the heads (负责人), see [Org.Heads].
	InChargers []Person `json:"inChargers"`
}

// Heads returns the heads of the department (负责人, inChargers). They may belong to another
// department. What calls tell of them differs; their OpenID is always there.
func (o Org) Heads() []Person { return o.InChargers }

// LogValue shows ids and the number of heads.
func (o Org) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("orgId", o.OrgID), slog.String("parentId", o.ParentID), slog.Int("inChargers", len(o.Heads())))
}

// Format prints [Org.LogValue] whatever the verb.
func (o Org) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Org", o.LogValue()) }

func readOrg(s *wire.Scanner, o *Org) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "orgId":
			seen.Once(s, 0, "orgId")
			o.OrgID = s.Text("orgId", wire.Strict)
		case "parentId":
			seen.Once(s, 1, "parentId")
			o.ParentID = s.Text("parentId", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			o.Name = s.Text("name", wire.Strict)
		case "status":
			seen.Once(s, 3, "status")
			o.Status = s.Text("status", wire.Strict)
		case "inChargers":
			seen.Once(s, 4, "inChargers")
			o.InChargers = readHeads(s)
		default:
			s.Skip()
		}
	}
	return o.OrgID
}

// blank reports whether an answer's object describes no department at all.
func (o Org) blank() bool { return o.OrgID == "" && o.ParentID == "" && o.Name == "" }

// readHeads reads the heads of a department. An unreadable value of a head does not
// spoil the department: of such a head, only the id is kept.
func readHeads(s *wire.Scanner) []Person {
	if s.Null() {
		return nil
	}
	field, problem := s.Problem()
	var heads []Person
	defer func() {
		if problem != "" {
			s.Bad(field, problem)
		}
	}()
	for more := s.Array(""); more; more = s.More(']') {
		var head Person
		readPerson(s, &head)
		switch bad, why := s.Problem(); {
		case why == "":
		case bad == "openId":
			head = Person{}
		default:
			head = Person{OpenID: head.OpenID}
		}
		heads = append(heads, head)
	}
	s.Within(true, "inChargers") // of the list itself
	return heads
}

var (
	opGetOrg             = dataOp("getorg")
	opListAncestorOrgs   = dataOp("getancestororgs")
	opListDescendantOrgs = dataOp("getsuborgs")
	opListChildOrgs      = dataOp("getsublevelorgs")
	opListOrgs           = dataOp("getallorgs")
)

// GetOrg reads one department with its heads (getorg). It fails with [ErrNoRecord]
// if the vendor answered without a department, and with [ErrMalformed] if the answer
// holds other departments only. See [Client.GetPerson] for what that says of
// absence.
func (c *Client) GetOrg(ctx context.Context, orgID string) (Org, error) {
	r := newRequest(opGetOrg)
	r.text("orgId", "orgID", orgID)
	return point(ctx, c, r, "orgId", orgID, readOrg, Org.blank)
}

// ListAncestorOrgs reads the chain from a department up to the root
// (getancestororgs). It starts with that department itself, although the page
// calls the first one 上一级: the vendor's sample shows so.
func (c *Client) ListAncestorOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListAncestorOrgs, orgID)
}

// ListDescendantOrgs reads all departments below one, on every level (getsuborgs).
func (c *Client) ListDescendantOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListDescendantOrgs, orgID)
}

// ListChildOrgs reads the departments directly below one (getsublevelorgs).
func (c *Client) ListChildOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.relatives(ctx, opListChildOrgs, orgID)
}

func (c *Client) relatives(ctx context.Context, op kernel.Op, orgID string) ([]Org, error) {
	r := newRequest(op)
	r.text("orgId", "orgID", orgID)
	return result(call(ctx, c, r, listed(op.Name, readOrg)))
}

// ListOrgs reads one page of all departments (getallorgs).
func (c *Client) ListOrgs(ctx context.Context, p PageRequest) ([]Org, error) {
	return result(c.orgs(ctx, p))
}

func (c *Client) orgs(ctx context.Context, p PageRequest) (rows[Org], error) {
	r := newRequest(opListOrgs)
	r.page(p, maxCount)
	return call(ctx, c, r, listed(opListOrgs.Name, readOrg))
}

// AllOrgs ranges over all departments (getallorgs), up to an empty page.
func (c *Client) AllOrgs(ctx context.Context, options PageOptions) iter.Seq2[Org, error] {
	return listing[Org]{
		op: opListOrgs, most: maxCount, end: atEmptyPage,
		read: func(ctx context.Context, p PageRequest) (page.Page[record[Org]], error) {
			return flat(c.orgs(ctx, p))
		},
	}.all(ctx, options)
}
