package tuzhan_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/tuzhan"
)

func benchEmployees(n int) []tuzhan.Employee {
	records := make([]tuzhan.Employee, n)
	for i := range records {
		records[i] = employee("U" + strconv.Itoa(i))
		records[i].Job = tuzhan.Set("经理")
		records[i].DeputyDeptIDs = tuzhan.Set([]string{"D2", "D3"})
		records[i].UpdateTime = time.Unix(1_800_000_000, 0)
	}
	return records
}

// plainEmployee holds what an Employee does in fields that encoding/json writes
// by itself: what one would write without a client.
type plainEmployee struct {
	ThirdUserID   string   `json:"thirdUserId"`
	UserType      int      `json:"userType"`
	ChannelName   string   `json:"channelName"`
	Phone         string   `json:"phone"`
	Job           string   `json:"job"`
	ThirdDeptID   string   `json:"thirdDeptId"`
	RoleKeys      []string `json:"roleKeys"`
	UpdateTime    string   `json:"updateTime"`
	DeputyDeptIDs string   `json:"deputyDeptIds"`
}

func plainEmployees(employees []tuzhan.Employee) []plainEmployee {
	plain := make([]plainEmployee, len(employees))
	for i, e := range employees {
		plain[i] = plainEmployee{
			ThirdUserID: e.ThirdUserID, UserType: int(e.UserType), ChannelName: e.ChannelName, Phone: e.Phone, Job: e.Job.Or(""),
			ThirdDeptID: e.ThirdDeptID, RoleKeys: []string{string(e.RoleKeys[0])}, UpdateTime: beijing(e.UpdateTime),
			DeputyDeptIDs: strings.Join(e.DeputyDeptIDs.Or(nil), ","),
		}
	}
	return plain
}

func discardingClient(tb testing.TB) *tuzhan.Client {
	tb.Helper()
	c, err := tuzhan.New(static(), tuzhan.WithHTTPClient(optest.Discarding(done)))
	require.NoError(tb, err)
	return c
}

func BenchmarkUpdateEmployees500(b *testing.B) {
	records := benchEmployees(500)
	c := discardingClient(b)
	b.Run("client", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := c.UpdateEmployees(b.Context(), records)
			require.NoError(b, err)
		}
	})
	optest.BenchmarkMarshal(b, records, plainEmployees(records))
}

// One client against a server that only reads, over a socket.
func BenchmarkLoopback100000(b *testing.B) {
	address := optest.DiscardingServer(b, done)
	config := static()
	config.BaseURL = address
	c, err := tuzhan.New(config)
	require.NoError(b, err)
	records := benchEmployees(100_000)
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.UpdateEmployees(b.Context(), records)
		require.NoError(b, err)
	}
}
