package yunzhijia_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// What is printed in place of the data is of use, too.
func TestFormats(t *testing.T) {
	t.Parallel()
	people := []yunzhijia.Person{{OpenID: "a", OrgID: "o", Status: yunzhijia.StatusActive}}
	config := yunzhijia.Config{EID: eid, Credentials: yunzhijia.AccessToken("x")}
	client := newClient(t, config)
	for want, v := range map[string]any{
		"yunzhijia.Client{eid=17951708}":                               client,
		"[redacted]":                                                   config.Credentials,
		"yunzhijia.Person{openId=a orgId=o status=1}":                  people[0],
		"yunzhijia.PersonPage{time=t persons=1}":                       yunzhijia.PersonPage{Time: "t", Persons: people},
		"yunzhijia.Org{orgId=o parentId=r inChargers=1}":               yunzhijia.Org{OrgID: "o", ParentID: "r", InChargers: people},
		"yunzhijia.OrgMembers{inChargers=0 members=1}":                 yunzhijia.OrgMembers{Members: people},
		"yunzhijia.Superiors{default=1 defaultSecondary=0 selected=0}": yunzhijia.Superiors{Default: people},
		"yunzhijia.Partner{partnerId=p eid=e}":                         yunzhijia.Partner{PartnerID: "p", EID: "e"},
		"yunzhijia.PartnerContact{contactId=c openId=o}":               yunzhijia.PartnerContact{ContactID: "c", OpenID: "o"},
		"yunzhijia.Member{openId=a orgId=o}":                           yunzhijia.Member{OpenID: "a", OrgID: "o"},
		"yunzhijia.RoleMembers{eid=e roleId=r members=2}":              yunzhijia.RoleMembers{EID: "e", RoleID: "r", Members: make([]yunzhijia.Member, 2)},
		"yunzhijia.OrgDetails{orgId=o subOrgs=3 members=0}":            yunzhijia.OrgDetails{Org: yunzhijia.Org{OrgID: "o"}, SubOrgs: make([]yunzhijia.Org, 3)},
		"yunzhijia.SearchTeamsRequest{}":                               yunzhijia.SearchTeamsRequest{Phone: "13800000001"},
		"yunzhijia.CreatePartnerRequest{myOid=a partnerEid=e}":         yunzhijia.CreatePartnerRequest{MyOpenID: "a", PartnerEID: "e"},
	} {
		assert.Equal(t, want, fmt.Sprintf("%+v", v))
	}
	assert.Equal(t, "[redacted]", config.Credentials.String())
	assert.Equal(t, "[redacted]", config.Credentials.GoString())
	b, err := json.Marshal(config)
	require.NoError(t, err)
	assert.JSONEq(t, `{"eid":"17951708"}`, string(b))
}

// JSON is for programs: it keeps the data, under the vendor's names.
func TestJSONKeepsData(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(lisi)
	require.NoError(t, err)
	assert.JSONEq(t, `{"openId":"oid-lisi","globalId":"g-lisi","name":"李四","photoUrl":"`+photo+`oid-lisi",
		"phone":"","email":"","department":"A产品事业部","orgId":"org-a","jobTitle":"开发工程师","gender":"2",
		"isAdmin":false,"status":"1","jobNo":"J0001"}`, string(b))
	var back yunzhijia.Person
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, lisi, back)
}
