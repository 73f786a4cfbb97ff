package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// Names that repeated the vendor's wording, for programs that have them.

// ListSubOrgs is the former name of [Client.ListDescendantOrgs].
//
// Deprecated: use [Client.ListDescendantOrgs].
func (c *Client) ListSubOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.ListDescendantOrgs(ctx, orgID)
}

// ListSubLevelOrgs is the former name of [Client.ListChildOrgs].
//
// Deprecated: use [Client.ListChildOrgs].
func (c *Client) ListSubLevelOrgs(ctx context.Context, orgID string) ([]Org, error) {
	return c.ListChildOrgs(ctx, orgID)
}

// ParentPersons is the former name of [Superiors].
//
// Deprecated: use [Superiors].
type ParentPersons = Superiors

// GetParentPersons is the former name of [Client.GetSuperiors].
//
// Deprecated: use [Client.GetSuperiors].
func (c *Client) GetParentPersons(ctx context.Context, openID string) (Superiors, error) {
	return c.GetSuperiors(ctx, openID)
}

// OrgPersons is [OrgMembers] with another name for the heads.
//
// Deprecated: use [OrgMembers].
type OrgPersons struct {
	InChargers []Person `json:"inChargers"`
	Members    []Person `json:"members"`
}

// LogValue shows the numbers of people.
func (o OrgPersons) LogValue() slog.Value {
	return OrgMembers{Heads: o.InChargers, Members: o.Members}.LogValue()
}

// Format prints [OrgPersons.LogValue] whatever the verb.
func (o OrgPersons) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.OrgPersons", o.LogValue())
}

// ListOrgPersons is [Client.ListOrgMembers] with another name for the heads.
//
// Deprecated: use [Client.ListOrgMembers].
func (c *Client) ListOrgPersons(ctx context.Context, orgID string, p PageRequest) (OrgPersons, error) {
	o, err := c.ListOrgMembers(ctx, orgID, p)
	return OrgPersons{InChargers: o.Heads, Members: o.Members}, err
}

// AllOrgPersons is the former name of [Client.AllOrgMembers].
//
// Deprecated: use [Client.AllOrgMembers].
func (c *Client) AllOrgPersons(ctx context.Context, orgID string, options PageOptions) iter.Seq2[Person, error] {
	return c.AllOrgMembers(ctx, orgID, options)
}

// OrgInfosQuery is the former name of [OrgDetailsQuery].
//
// Deprecated: use [OrgDetailsQuery].
type OrgInfosQuery = OrgDetailsQuery

// OrgInfo is the former name of [OrgDetails].
//
// Deprecated: use [OrgDetails].
type OrgInfo = OrgDetails

// ListOrgInfos is the former name of [Client.ListOrgDetails].
//
// Deprecated: use [Client.ListOrgDetails].
func (c *Client) ListOrgInfos(ctx context.Context, query OrgDetailsQuery, p PageRequest) ([]OrgDetails, error) {
	return c.ListOrgDetails(ctx, query, p)
}

// AllOrgInfos is the former name of [Client.AllOrgDetails].
//
// Deprecated: use [Client.AllOrgDetails].
func (c *Client) AllOrgInfos(ctx context.Context, query OrgDetailsQuery, options PageOptions) iter.Seq2[OrgDetails, error] {
	return c.AllOrgDetails(ctx, query, options)
}

// SearchNetworksRequest is the former name of [SearchTeamsRequest].
//
// Deprecated: use [SearchTeamsRequest].
type SearchNetworksRequest = SearchTeamsRequest

// Network is the former name of [FoundTeam].
//
// Deprecated: use [FoundTeam].
type Network = FoundTeam

// SearchNetworks is the former name of [Client.SearchTeams].
//
// Deprecated: use [Client.SearchTeams].
func (c *Client) SearchNetworks(ctx context.Context, request SearchTeamsRequest) ([]FoundTeam, error) {
	return c.SearchTeams(ctx, request)
}

// RelationType is the former name of [SuperiorKind].
//
// Deprecated: use [SuperiorKind].
type RelationType = SuperiorKind

// Former names of the kinds of superiors.
//
// Deprecated: use [SuperiorSelected] and [SuperiorReporting].
const (
	RelationLeader = SuperiorSelected
	RelationReport = SuperiorReporting
)

// Relation is the former name of [ReportingLine].
//
// Deprecated: use [ReportingLine].
type Relation = ReportingLine

// ListRelations is the former name of [Client.ListReportingLines].
//
// Deprecated: use [Client.ListReportingLines].
func (c *Client) ListRelations(ctx context.Context, relation SuperiorKind, p PageRequest) ([]ReportingLine, error) {
	return c.ListReportingLines(ctx, relation, p)
}

// AllRelations is the former name of [Client.AllReportingLines].
//
// Deprecated: use [Client.AllReportingLines].
func (c *Client) AllRelations(ctx context.Context, relation SuperiorKind, options PageOptions) iter.Seq2[ReportingLine, error] {
	return c.AllReportingLines(ctx, relation, options)
}
