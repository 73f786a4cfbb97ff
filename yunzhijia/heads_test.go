package yunzhijia_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// An unreadable value of a head does not set the department aside.
func TestI14_unreadableHead(t *testing.T) {
	t.Parallel()
	_, client := answering(t, `{"success":true,"errorCode":100,"data":[
		{"orgId":"o1","name":"研发部","parentId":"","inChargers":[
			{"openId":"p1","name":"赵\u0000甲"},{"openId":"p2","jobNo":"E\t2"},{"openId":"p\u00003"},{"openId":"p4","name":"\ud842"},{"openId":"p5","name":"钱"}]},
		{"orgId":"o\u00002","name":"市场部","parentId":"o1","inChargers":[{"openId":"p6"}]}]}`)
	orgs, err := client.ListOrgs(t.Context(), yunzhijia.PageRequest{})
	var row *yunzhijia.RowError
	require.ErrorAs(t, err, &row)
	assert.Equal(t, 1, row.Index, "a department's own value still counts")
	require.Len(t, orgs, 1)
	assert.Equal(t, []yunzhijia.Person{{OpenID: "p1"}, {OpenID: "p2"}, {}, {OpenID: "p4"}, {OpenID: "p5", Name: "钱"}}, orgs[0].Heads())
}
