package tuzhantest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

func TestTokensEndByTheClock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	srv := tuzhantest.NewInMemory(tuzhantest.WithClock(func() time.Time { return now }), tuzhantest.WithTokenLife(time.Hour))
	defer srv.Close()
	client, err := tuzhan.New(
		tuzhan.Config{BaseURL: srv.URL(), Credentials: tuzhan.AccessToken(srv.IssueToken())}, tuzhan.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	root := []tuzhan.Department{{DeptType: tuzhan.DeptTypeExternal, ThirdDeptID: "D1", DeptName: "总公司"}}

	now = now.Add(time.Hour - time.Second)
	_, err = client.AddDepartments(t.Context(), root)
	require.NoError(t, err)
	now = now.Add(time.Second)
	_, err = client.UpdateDepartments(t.Context(), root)
	require.ErrorIs(t, err, tuzhan.ErrToken)
	assert.Len(t, srv.Departments(), 1)
}
