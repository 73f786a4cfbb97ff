package aiguanhuai_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/optest"
)

func benchPeople(n int) []aiguanhuai.Person {
	people := make([]aiguanhuai.Person, n)
	for i := range people {
		people[i] = aiguanhuai.Person{
			UserID: fmt.Sprintf("%032x", i), Account: fmt.Sprintf("zhangsan%d", i), RealName: "张三",
			Gender: aiguanhuai.Set(aiguanhuai.GenderMale), Email: aiguanhuai.Set("zhangsan@example.com"),
			Mobile: aiguanhuai.Set("13800000001"), Status: aiguanhuai.StatusActive,
			DepartmentID: aiguanhuai.Set([]string{"143a04cf9442271505711864597826f7", "14acf08686cba213270baa94cb7acdce"}),
			Birthday:     aiguanhuai.Set(aiguanhuai.Date{Year: 1987, Month: time.December, Day: 19}),
			JoinDate:     aiguanhuai.Set(aiguanhuai.Date{Year: 2009, Month: time.November, Day: 3}),
			Position:     aiguanhuai.Set("测试"),
		}
	}
	return people
}

// plainPerson holds what a Person does in fields that encoding/json writes by
// itself: what one would write without a client.
type plainPerson struct {
	UserID       string   `json:"userId"`
	Account      string   `json:"account"`
	RealName     string   `json:"realName"`
	Gender       int      `json:"gender"`
	Email        string   `json:"email,omitempty"`
	Mobile       string   `json:"mobile,omitempty"`
	Status       int      `json:"status"`
	DepartmentID []string `json:"departmentId,omitempty"`
	Birthday     string   `json:"birthday,omitempty"`
	JoinDate     string   `json:"joinDate,omitempty"`
	Position     string   `json:"position,omitempty"`
	OrgSource    int      `json:"orgSource"`
}

func plainPeople(people []aiguanhuai.Person) []plainPerson {
	plain := make([]plainPerson, len(people))
	for i, p := range people {
		plain[i] = plainPerson{
			UserID: p.UserID, Account: p.Account, RealName: p.RealName, Gender: int(p.Gender.Or(0)), Email: p.Email.Or(""),
			Mobile: p.Mobile.Or(""), Status: int(p.Status), DepartmentID: p.DepartmentID.Or(nil),
			Birthday: p.Birthday.Or(aiguanhuai.Date{}).Compact(), JoinDate: p.JoinDate.Or(aiguanhuai.Date{}).Compact(),
			Position: p.Position.Or(""), OrgSource: aiguanhuai.DefaultOrgSource,
		}
	}
	return plain
}

func discardingClient(tb testing.TB) *aiguanhuai.Client {
	tb.Helper()
	c, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: "https://vendor.example", CorpID: "corp-1"},
		aiguanhuai.WithHTTPClient(optest.Discarding(okAnswer)))
	require.NoError(tb, err)
	return c
}

func BenchmarkUpdatePeople2000(b *testing.B) {
	people := benchPeople(2000)
	c := discardingClient(b)
	b.Run("client", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := c.UpdatePeople(b.Context(), people)
			require.NoError(b, err)
		}
	})
	optest.BenchmarkMarshal(b, people, plainPeople(people))
}

// One client against a server that only reads, over a socket.
func BenchmarkLoopback100000(b *testing.B) {
	address := optest.DiscardingServer(b, okAnswer)
	c, err := aiguanhuai.New(aiguanhuai.Config{BaseURL: address, CorpID: "corp-1"})
	require.NoError(b, err)
	people := benchPeople(100_000)
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.UpdatePeople(b.Context(), people)
		require.NoError(b, err)
	}
}
