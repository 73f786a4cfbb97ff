package targettest_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/targettest"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// servers remembers which simulator a target pushes to.
type servers[S any] struct{ sync.Map }

func (s *servers[S]) of(t testing.TB, target orgsync.Target) S {
	t.Helper()
	found, ok := s.Load(target)
	require.True(t, ok)
	return found.(S)
}

func TestAiguanhuaiTarget(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]orgmodel.Key{"number or id": orgmodel.KeyEmployeeNoOrID, "id": orgmodel.KeyID, "number": orgmodel.KeyEmployeeNo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all servers[*aiguanhuaitest.Server]
			targettest.Target(t, func(t testing.TB) orgsync.Target {
				server := aiguanhuaitest.NewInMemory()
				t.Cleanup(server.Close)
				c := server.Client(aiguanhuai.WithRetry(2, time.Millisecond))
				target := &orgsync.AiguanhuaiTarget{Client: c, Adapter: orgmodel.Aiguanhuai{Account: key}}
				all.Store(orgsync.Target(target), server)
				return target
			}, targettest.Options{
				InService: func(t testing.TB, target orgsync.Target) (ids []string) {
					for _, p := range all.of(t, target).People() {
						if p.Status == aiguanhuai.StatusActive {
							ids = append(ids, p.UserID)
						}
					}
					return ids
				},
			})
		})
	}
}

func TestTuzhanTarget(t *testing.T) {
	t.Parallel()
	var all servers[*tuzhantest.Server]
	targettest.Target(t, func(t testing.TB) orgsync.Target {
		server := tuzhantest.NewInMemory()
		t.Cleanup(server.Close)
		c := server.Client(tuzhan.WithRetry(2, time.Millisecond))
		target := &orgsync.TuzhanTarget{Client: c}
		all.Store(orgsync.Target(target), server)
		return target
	}, targettest.Options{
		InService: func(t testing.TB, target orgsync.Target) (ids []string) {
			for _, p := range all.of(t, target).Employees() {
				ids = append(ids, p.ThirdUserID)
			}
			return ids
		},
		Refuse: func(t testing.TB, target orgsync.Target, id, _ string) {
			all.of(t, target).RefuseRecord(id, "手机号格式不正确")
		},
	})
}

func TestYunjianTarget(t *testing.T) {
	t.Parallel()
	var all servers[*yunjiantest.Server]
	targettest.Target(t, func(t testing.TB) orgsync.Target {
		server := yunjiantest.NewInMemory()
		t.Cleanup(server.Close)
		c := server.Client(yunjian.WithRetry(2, time.Millisecond))
		target := &orgsync.YunjianTarget{Client: c}
		all.Store(orgsync.Target(target), server)
		return target
	}, targettest.Options{
		InService: func(t testing.TB, target orgsync.Target) (ids []string) {
			for _, u := range all.of(t, target).Users() {
				if !u.IsLeave {
					ids = append(ids, "targettest-"+strings.TrimPrefix(u.UserNo, "TT"))
				}
			}
			return ids
		},
		Refuse: func(t testing.TB, target orgsync.Target, _, key string) {
			all.of(t, target).RefuseRecord(key, "手机号格式不正确")
		},
	})
}

func TestYunzhijiaDirectorySource(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]yunzhijia.PageOptions{"usual": {}, "small pages": {Count: 7, Prefetch: 3}, "one by one": {Count: 7, Prefetch: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			targettest.Source(t, func(t testing.TB) orgsync.Source {
				server := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(4, 40))
				t.Cleanup(server.Close)
				server.Leave("person-00003")
				server.SetSideJobs("person-00004", yunzhijia.SideJob{OrgID: "org-0002"})
				c, err := yunzhijia.New(server.SyncConfig(), yunzhijia.WithHTTPClient(server.HTTPClient()),
					yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
				require.NoError(t, err)
				return &orgsync.YunzhijiaDirectorySource{Client: c, Pages: pages}
			}, targettest.SourceOptions{})
		})
	}
}

func TestYunzhijiaSource(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]yunzhijia.PageOptions{"usual": {}, "small pages": {Count: 7, Prefetch: 3}, "one by one": {Count: 7, Prefetch: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			targettest.Source(t, func(t testing.TB) orgsync.Source {
				server := yunzhijiatest.NewInMemory(yunzhijiatest.WithContacts(), yunzhijiatest.Seed(4, 40))
				t.Cleanup(server.Close)
				server.Leave("person-00003")
				c, err := yunzhijia.New(server.Config(), yunzhijia.WithHTTPClient(server.HTTPClient()),
					yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 1)), yunzhijia.WithRetry(2, time.Millisecond))
				require.NoError(t, err)
				return &orgsync.YunzhijiaSource{Client: c, Pages: pages}
			}, targettest.SourceOptions{})
		})
	}
}
