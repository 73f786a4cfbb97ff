package tuzhan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/tuzhan"
)

const goodToken = `{"code":"200","errorCode":"0","msg":"操作成功","data":{"expire":7200,"orgAccessToken":"` + optest.Token + `"}}`

func canaryDepartment() tuzhan.Department {
	return tuzhan.Department{
		DeptType: tuzhan.DeptTypeExternal, DeptName: optest.Name, ThirdDeptID: "D1",
		CreateUser: tuzhan.Set(optest.Email), UpdateUser: tuzhan.Set(optest.Card),
	}
}

func canaryEmployee() tuzhan.Employee {
	return tuzhan.Employee{
		ThirdUserID: "U1", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: optest.Name, Phone: optest.Mobile, ThirdDeptID: "D1",
		OpenID: optest.Card, UnionID: optest.Email, Job: tuzhan.Set(optest.Name), RoleKeys: []tuzhan.RoleKey{tuzhan.RoleAdmin},
	}
}

func canaryConfig() tuzhan.Config {
	return tuzhan.Config{Credentials: tuzhan.AppCredentials("app", optest.Secret)}
}

type method[T any] func(*tuzhan.Client, context.Context, []T) (tuzhan.Result[T], error)

func swept[T any](name string, class kernel.Class, good string, do method[T], record T) optest.Op {
	row := func(message string) string {
		return answer("2", `[{"thirdUserId":"U1","thirdDeptId":"D1"}]`, `["`+message+`","`+message+`"]`)
	}
	return optest.Op{Name: name, Class: class, Good: good, Row: row, Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
		client, err := tuzhan.New(canaryConfig(), options...)
		if err != nil {
			return nil, err
		}
		return do(client, ctx, []T{record})
	}}
}

func suite() optest.Suite {
	return optest.Suite{
		Vendor: "tuzhan",
		Failure: func(err error) (*kernel.Failure, bool) {
			e, ok := errors.AsType[*tuzhan.Error](err)
			return (*kernel.Failure)(e), ok
		},
		Refuse: func(message string) string {
			return `{"code":"100300","errorCode":"AUTHCODE_ERROR","msg":"` + message + `","data":null}`
		},
		Behind: []string{optest.Secret},
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	s := suite()
	s.Token = func(r *http.Request) (string, bool) {
		return goodToken, strings.HasSuffix(r.URL.Path, "/getOrgAccessToken")
	}
	const dept, staff = "dept/batchAdd ", "channel/employee/batchAdd "
	s.Ops = []optest.Op{
		swept(dept+"add", kernel.Once, done, (*tuzhan.Client).AddDepartments, canaryDepartment()),
		swept(dept+"update", kernel.Idempotent, done, (*tuzhan.Client).UpdateDepartments, canaryDepartment()),
		swept(dept+"delete", kernel.Idempotent, done, (*tuzhan.Client).DeleteDepartments, canaryDepartment()),
		swept(dept+"delete", kernel.Idempotent, done, (*tuzhan.Client).DeleteDepartmentTrees, canaryDepartment()),
		swept(staff+"add", kernel.Once, done, (*tuzhan.Client).AddEmployees, canaryEmployee()),
		swept(staff+"update", kernel.Idempotent, done, (*tuzhan.Client).UpdateEmployees, canaryEmployee()),
		swept(staff+"delete", kernel.Idempotent, done, (*tuzhan.Client).DeleteEmployees, canaryEmployee()),
	}
	s.Run(t)
}

// The token call on its own: here the batch call is the one that always works.
func TestSweepToken(t *testing.T) {
	t.Parallel()
	s := suite()
	s.Token = func(r *http.Request) (string, bool) { return done, strings.HasSuffix(r.URL.Path, "/batchAdd") }
	s.Behind = nil // its secret is in the request
	s.Ops = []optest.Op{
		swept("app/getOrgAccessToken", kernel.Read, goodToken, (*tuzhan.Client).AddEmployees, canaryEmployee()),
	}
	s.Run(t)
}

// A vendor that quotes in errorMsg whatever it was sent.
func TestRecordMessagesStaySilent(t *testing.T) {
	t.Parallel()
	quote := strings.Join([]string{optest.Name, optest.Mobile, optest.Card, optest.Email, "已存在"}, " ")
	client, _ := answering(t, answer("2", `[{"thirdUserId":"U1"}]`, fmt.Sprintf("[%q,%q]", quote, quote)))
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{canaryEmployee()})
	require.Error(t, err)
	optest.SilentError(t, "error", err)
	optest.Silent(t, "result", result)
	optest.Silent(t, "item", result.Failed[0])
	optest.NoCanary(t, "message", result.Failed[0].Message)
	require.Len(t, result.Messages, 1)
	optest.NoCanary(t, "messages", result.Messages[0])
}

func TestNothingPrintsSecretsOrPeople(t *testing.T) {
	t.Parallel()
	optest.Silent(t, "department", canaryDepartment())
	optest.Silent(t, "employee", canaryEmployee())
	for name, credentials := range map[string]tuzhan.Credentials{
		"app":   tuzhan.AppCredentials("app", optest.Secret),
		"token": tuzhan.AccessToken(optest.Token),
		"func":  tuzhan.TokenFunc(func(context.Context) (string, error) { return optest.Token, nil }),
	} {
		config := tuzhan.Config{Credentials: credentials}
		client, err := tuzhan.New(config, tuzhan.WithHeader(http.Header{"X-Gateway": {optest.Secret}}))
		require.NoError(t, err)
		optest.Silent(t, name+" config", config)
		optest.Silent(t, name+" client", client)
		optest.Silent(t, name+" credentials", credentials)
		assert.Equal(t, "[redacted][redacted]", credentials.String()+credentials.GoString())
		js, err := json.Marshal(config)
		require.NoError(t, err)
		optest.NoCanary(t, name+" config as JSON", string(js))
	}
	assert.Equal(t, "tuzhan.Employee{channelId=0 thirdUserId=U1 wxUserid= userType=1}", fmt.Sprintf("%+v", canaryEmployee()))
	assert.Equal(t, "tuzhan.Department{deptType=outchannel deptId=0 thirdDeptId=D1 wxDeptId=0 deptStatus=0}", fmt.Sprint(canaryDepartment()))
}

func TestJSONKeepsTheData(t *testing.T) {
	t.Parallel()
	for _, want := range []tuzhan.Employee{canaryEmployee(), {ThirdUserID: "U2", DeputyDeptIDs: tuzhan.Set([]string{"D2"}), ChannelID: 900719925474099301}} {
		js, err := json.Marshal(want)
		require.NoError(t, err)
		var got tuzhan.Employee
		require.NoError(t, json.Unmarshal(js, &got))
		assert.Equal(t, want, got)
	}
	want := canaryDepartment()
	js, err := json.Marshal(want)
	require.NoError(t, err)
	var got tuzhan.Department
	require.NoError(t, json.Unmarshal(js, &got))
	assert.Equal(t, want, got)
}

// A message is searched for all that the call sent, in the forms that vendors
// write it in.
func TestMessagesAreScrubbedWhateverTheirSpacing(t *testing.T) {
	t.Parallel()
	named := employee("U1")
	named.ChannelName = "诸葛金丝雀"
	client, _ := answering(t, answer("2", `[{"thirdUserId":"U2"}]`, `["用户 诸葛 金丝雀 与 U2 冲突"]`))
	result, err := client.AddEmployees(t.Context(), []tuzhan.Employee{named, employee("U2")})
	require.Error(t, err)
	require.Len(t, result.Failed, 1)
	assert.Equal(t, "用户 *** 与 U2 冲突", result.Failed[0].Message)
}
