package yunjian_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunjian"
)

func benchUsers(n int) []yunjian.User {
	users := make([]yunjian.User, n)
	for i := range users {
		users[i] = yunjian.User{
			UserNo: strconv.Itoa(100_000 + i), FullName: "张三", Mobile: "13800000001",
			DepartmentName: yunjian.Set("研发部"), DepartmentCode: yunjian.Set("D0001"), Gender: yunjian.Set("M"),
			EmailAddress: yunjian.Set("zhangsan@example.com"), Level: yunjian.Set("P5"),
			Birthday: yunjian.Set(yunjian.Date{Year: 1997, Month: 11, Day: 10}), Nationality: yunjian.Set("CHN"),
		}
	}
	return users
}

// plainUser holds what a User does in fields that encoding/json writes by itself:
// what one would write without a client.
type plainUser struct {
	UserNo         string `json:"userNo"`
	FullName       string `json:"fullName"`
	Mobile         string `json:"mobile"`
	IsLeave        bool   `json:"isLeave"`
	DepartmentName string `json:"departmentName,omitempty"`
	DepartmentCode string `json:"departmentCode,omitempty"`
	Gender         string `json:"gender,omitempty"`
	EmailAddress   string `json:"emailAddress,omitempty"`
	Level          string `json:"level,omitempty"`
	Birthday       string `json:"birthday,omitempty"`
	Nationality    string `json:"nationality,omitempty"`
}

func plainUsers(users []yunjian.User) []plainUser {
	plain := make([]plainUser, len(users))
	for i, u := range users {
		plain[i] = plainUser{
			UserNo: u.UserNo, FullName: u.FullName, Mobile: u.Mobile, IsLeave: u.IsLeave,
			DepartmentName: u.DepartmentName.Or(""), DepartmentCode: u.DepartmentCode.Or(""), Gender: u.Gender.Or(""),
			EmailAddress: u.EmailAddress.Or(""), Level: u.Level.Or(""), Birthday: u.Birthday.Or(yunjian.Date{}).String(),
			Nationality: u.Nationality.Or(""),
		}
	}
	return plain
}

const allDone = `{"resCode":10000,"resMsg":"同步成功","data":[]}`

// listing is the answer of an endpoint that lists the successes too.
func listing(users []yunjian.User) string {
	rows := make([]string, len(users))
	for i, u := range users {
		rows[i] = `{"userNo":"` + u.UserNo + `","userId":null,"bindId":"b-` + u.UserNo + `","companyId":38,"status":1}`
	}
	return `{"resCode":10000,"resMsg":"同步成功","data":[` + strings.Join(rows, ",") + `]}`
}

func discardingClient(tb testing.TB, answer string) *yunjian.Client {
	tb.Helper()
	config := yunjian.Config{URL: syncURL, Account: account, UserNo: "U001", Session: yunjian.SessionID("121312")}
	c, err := yunjian.New(config, yunjian.WithHTTPClient(optest.Discarding(answer)))
	require.NoError(tb, err)
	return c
}

func BenchmarkSyncUsers200(b *testing.B) {
	users := benchUsers(200)
	for name, answer := range map[string]string{"client": allDone, "client-listed": listing(users)} {
		c := discardingClient(b, answer)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := c.SyncUsers(b.Context(), users)
				require.NoError(b, err)
			}
		})
	}
	optest.BenchmarkMarshal(b, users, plainUsers(users))
}

// One client against a server that only reads, over a socket.
func BenchmarkLoopback100000(b *testing.B) {
	address := optest.DiscardingServer(b, allDone)
	config := yunjian.Config{URL: address, Account: account, UserNo: "U001", Session: yunjian.SessionID("121312")}
	c, err := yunjian.New(config)
	require.NoError(b, err)
	users := benchUsers(100_000)
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.SyncUsers(b.Context(), users)
		require.NoError(b, err)
	}
}
