package yunzhijia_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// Programs with the former names build, and are answered the same.
//
//nolint:staticcheck // on purpose
func TestFormerNames(t *testing.T) {
	t.Parallel()
	srv, client := simulate(t, yunzhijiatest.Seed(12, 24))
	srv.AddNetwork("13800000002", yunzhijia.Network{EID: "20002", NetworkID: "n", Name: "示例伙伴"})
	ctx, page := t.Context(), yunzhijia.PageRequest{}
	query := yunzhijia.OrgInfosQuery{OrgIDs: []string{"org-0001"}, HasChild: true}
	members, err := client.ListOrgMembers(ctx, "org-0001", page)
	require.NoError(t, err)

	for what, get := range map[string]func() (old, now any, err1, err2 error){
		"descendants": func() (any, any, error, error) {
			old, err1 := client.ListSubOrgs(ctx, "org-0001")
			now, err2 := client.ListDescendantOrgs(ctx, "org-0001")
			return old, now, err1, err2
		},
		"children": func() (any, any, error, error) {
			old, err1 := client.ListSubLevelOrgs(ctx, "org-0001")
			now, err2 := client.ListChildOrgs(ctx, "org-0001")
			return old, now, err1, err2
		},
		"superiors": func() (any, any, error, error) {
			old, err1 := client.GetParentPersons(ctx, "person-00013")
			now, err2 := client.GetSuperiors(ctx, "person-00013")
			return old, now, err1, err2
		},
		"members": func() (any, any, error, error) {
			old, err1 := client.ListOrgPersons(ctx, "org-0001", page)
			return old, yunzhijia.OrgPersons{InChargers: members.Heads, Members: members.Members}, err1, nil
		},
		"all members": func() (any, any, error, error) {
			old, err1 := collect(client.AllOrgPersons(ctx, "org-0001", yunzhijia.PageOptions{}))
			return old, members.Members, err1, nil
		},
		"details": func() (any, any, error, error) {
			old, err1 := client.ListOrgInfos(ctx, query, page)
			now, err2 := client.ListOrgDetails(ctx, yunzhijia.OrgDetailsQuery{OrgIDs: query.OrgIDs, IncludeSubOrgs: true}, page)
			return old, now, err1, err2
		},
		"all details": func() (any, any, error, error) {
			old, err1 := collect(client.AllOrgInfos(ctx, query, yunzhijia.PageOptions{}))
			now, err2 := client.ListOrgDetails(ctx, query, page)
			return old, now, err1, err2
		},
		"users": func() (any, any, error, error) {
			old, err1 := client.ListOrgUsers(ctx, yunzhijia.OrgUsersQuery{OrgIDs: query.OrgIDs, IncludeSub: true}, page)
			now, err2 := client.ListOrgUsers(ctx, yunzhijia.OrgUsersQuery{OrgIDs: query.OrgIDs, IncludeDescendants: true}, page)
			return old, now, err1, err2
		},
		"teams": func() (any, any, error, error) {
			old, err1 := client.SearchNetworks(ctx, yunzhijia.SearchNetworksRequest{Phone: "13800000002", Name: "示例伙伴"})
			now, err2 := client.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Phone: "13800000002", Name: "示例伙伴"})
			return old, now, err1, err2
		},
	} {
		old, now, err1, err2 := get()
		require.NoError(t, err1, what)
		require.NoError(t, err2, what)
		assert.NotEmpty(t, old, what)
		assert.Equal(t, now, old, what)
	}
	details, err := client.ListOrgDetails(ctx, query, page)
	require.NoError(t, err)
	assert.NotEmpty(t, details[0].SubOrgs)
	old := yunzhijia.OrgPersons{InChargers: members.Heads, Members: members.Members}
	assert.Equal(t, "yunzhijia.OrgPersons{inChargers=1 members=2}", fmt.Sprintf("%+v", old), "no names")
}

func TestFormerNamesOfReportingLines(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(2, 4), yunzhijiatest.WithClock(time.Now))
	defer srv.Close()
	srv.SetSuperiors("person-00002", "person-00001")
	client := srv.SyncClient()
	want := []yunzhijia.Relation{
		{Type: yunzhijia.RelationLeader, OpenID: "person-00002", LeaderOpenID: "person-00001"},
	}
	lines, err := client.ListRelations(t.Context(), yunzhijia.RelationLeader, yunzhijia.PageRequest{})
	require.NoError(t, err)
	assert.Equal(t, want, lines)
	lines, err = collect(client.AllRelations(t.Context(), yunzhijia.RelationLeader, yunzhijia.PageOptions{}))
	require.NoError(t, err)
	assert.Equal(t, want, lines)
	lines, err = client.ListReportingLines(t.Context(), yunzhijia.RelationReport, yunzhijia.PageRequest{})
	require.NoError(t, err)
	assert.Empty(t, lines)
}

func TestDirectoryPersonInWords(t *testing.T) {
	t.Parallel()
	var p yunzhijia.DirectoryPerson
	assert.False(t, p.HidesPhone() || p.IsHead())
	p.IsHidePhone = "1"
	assert.True(t, p.HidesPhone() && !p.IsHead())
	p.IsHidePhone, p.OrgUserType = "0", "1"
	assert.True(t, p.IsHead() && !p.HidesPhone())
}
