package orgsync_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// leasePlay is a play over a store whose leases last for life at a time.
func leasePlay(tb testing.TB, people int) (*play, *stageTarget, *stageStore) {
	store, target := newStageStore(), newStageTarget("t")
	p := newPlay(tb, people, target)
	p.store = store
	return p, target, store
}

// expires makes the next lease end after a while, without a renewal.
func (s *stageStore) expires(after time.Duration) {
	until := time.Now().Add(after)
	s.until = func() time.Time { return until }
}

// renewed makes leases of a length that are renewed in good time.
func (s *stageStore) renewed(length time.Duration) {
	start := time.Now()
	s.until = func() time.Time {
		periods := time.Since(start) / (length / 2)
		return start.Add(periods*(length/2) + length)
	}
}

// Without the lease no call starts, in a full run and in an incremental one
// (keycloak #26183).
func TestI38_keycloak26183_leaseOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, target, store := leasePlay(t, 300)
		for _, past := range []time.Duration{0, -time.Second, -time.Hour} {
			store.expires(past)
			_, err := p.run(orgsync.RunOptions{})
			require.ErrorIs(t, err, orgsync.ErrLeaseLost)
			require.Zero(t, target.sent())
		}
		store.renewed(time.Minute)
		p.sync()
		require.Equal(t, 300, target.sent())
		p.src.put(player(301, "d1"))
		p.src.leave(playerID(1))
		store.expires(-time.Second)
		_, err := p.run(orgsync.RunOptions{})
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
		require.Zero(t, target.sent())
		store.renewed(time.Minute)
		p.sync()
		require.Equal(t, 300, target.active())
	})
}

// A call ends with the lease, a tenth of it before its end, and no other one starts
// (OpenProject PR 10203).
func TestI38_openProject10203_leaseEndsDuringACall(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"full": true, "incremental": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, target, store := leasePlay(t, 300)
				if !full {
					store.renewed(time.Minute)
					p.sync()
					for _, id := range players(1, 250) {
						p.src.change(id, func(q *orgmodel.Person) { q.SetPosition("主管") })
						p.src.change(id, func(q *orgmodel.Person) { q.SetDepartmentIDs("root") })
					}
					target.sent()
				}
				var ended []time.Duration
				begin := time.Now()
				target.push = func(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
					<-ctx.Done()
					ended = append(ended, time.Since(begin))
					require.ErrorIs(t, context.Cause(ctx), orgsync.ErrLeaseLost)
					return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: ctx.Err(), Down: true})
				}
				store.expires(10 * time.Second)
				_, err := p.run(orgsync.RunOptions{})
				require.Error(t, err)
				require.Equal(t, []time.Duration{9 * time.Second}, ended)
				target.push = nil
				store.renewed(time.Minute)
				_, err = p.run(orgsync.RunOptions{})
				require.NoError(t, err)
				require.Equal(t, 300, target.active())
			})
		})
	}
}

// A target that ignores its context is given no second call after the lease is over.
func TestI38_targetThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, target, store := leasePlay(t, 300)
		calls := 0
		target.push = func(_ context.Context, b orgsync.Batch) []orgsync.Outcome {
			calls++
			<-time.After(20 * time.Second)
			return target.take(b)
		}
		store.expires(10 * time.Second)
		_, err := p.run(orgsync.RunOptions{})
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
		require.Equal(t, 1, calls)
	})
}

// A lease that is renewed lets a call outlast it, and one of a second works.
func TestI38_renewedLease(t *testing.T) {
	t.Parallel()
	for _, length := range []time.Duration{time.Second, time.Minute} {
		t.Run(length.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, target, store := leasePlay(t, 250)
				target.push = func(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
					select {
					case <-ctx.Done():
						t.Errorf("the call was cut: %v", context.Cause(ctx))
					case <-time.After(5*length + length/7):
					}
					return target.take(b)
				}
				store.renewed(length)
				p.sync()
				require.Equal(t, 250, target.active())
			})
		})
	}
}

// Renewals that stop end the call with the last of them.
func TestI38_renewalsStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, target, store := leasePlay(t, 250)
		begin := time.Now()
		store.until = func() time.Time { // renewed each 5 s, for the last time at 20 s
			return begin.Add(min(time.Since(begin)/(5*time.Second)*5*time.Second, 20*time.Second) + 10*time.Second)
		}
		target.push = func(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
			<-ctx.Done()
			return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: ctx.Err(), Down: true})
		}
		_, err := p.run(orgsync.RunOptions{})
		require.Error(t, err)
		require.Equal(t, 29*time.Second, time.Since(begin))
	})
}

// dies makes the next run end as a kill would: what it sent is not noted.
func (s *stageStore) dies(bucket string) {
	s.write = func(e orgsync.Entry) error {
		if e.Bucket == bucket && e.Value == nil {
			return orgsync.ErrLeaseLost // the intent cannot be cleared
		}
		return nil
	}
}

func (s *stageStore) lives() { s.write = nil }

// What was uncertain at a takeover is sent by that run, and once more by the next.
func TestI38_takeover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		until bool
		again int
	}{"a lease": {true, 1}, "a file lock": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, target, store := leasePlay(t, 50)
				if c.until {
					store.renewed(time.Minute)
				}
				p.sync()
				p.src.put(player(51, "d1"))
				target.sent()
				store.dies("i.0")
				_, err := p.run(orgsync.RunOptions{})
				require.ErrorIs(t, err, orgsync.ErrLeaseLost)
				require.Equal(t, 1, target.sent())
				store.lives()
				p.sync()
				require.Equal(t, 1, target.sent())
				p.sync()
				require.Equal(t, c.again, target.sent())
				for range 3 {
					p.sync()
					require.Zero(t, target.sent())
				}
			})
		})
	}
}

// A process that was stopped between check and send gets its request out after the one
// that took over: a person who left meanwhile does not stay.
func TestI38_lateRequest(t *testing.T) {
	t.Parallel()
	for name, deletes := range map[string]bool{"deletes": true, "disables": false} {
		for what, meanwhile := range map[string]func(*stageSource){
			"left":    func(s *stageSource) { s.leave(playerID(7)) },
			"changed": func(s *stageSource) { s.change(playerID(7), func(q *orgmodel.Person) { q.SetName("钱改名") }) },
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, target, store := leasePlay(t, 50)
					target.traits.DeletesLeavers, target.traits.Upserts = deletes, !deletes
					store.renewed(time.Minute)
					p.sync()
					p.src.change(playerID(7), func(q *orgmodel.Person) { q.SetName("钱先") })
					var late orgsync.Batch
					target.push = func(_ context.Context, b orgsync.Batch) []orgsync.Outcome {
						late = b
						return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: errors.New("cut off")})
					}
					store.dies("i.0")
					_, err := p.run(orgsync.RunOptions{})
					require.Error(t, err)
					store.lives()
					target.push = nil
					meanwhile(p.src)
					p.sync()
					target.take(late)
					p.sync()
					p.sync()
					r, there := target.people[playerID(7)]
					switch {
					case what == "changed":
						require.Equal(t, "钱改名", r.Name)
					case deletes:
						require.False(t, there, "deleted, and made again by the late request")
					default:
						require.True(t, r.Left)
					}
				})
			})
		}
	}
}

// The same for departments.
func TestI38_lateRequestOfADepartment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, target, store := leasePlay(t, 50)
		target.traits.Departments = true
		store.renewed(time.Minute)
		p.sync()
		p.src.departments[3].SetName("先")
		var late orgsync.Batch
		target.push = func(_ context.Context, b orgsync.Batch) []orgsync.Outcome {
			late = b
			return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: errors.New("cut off")})
		}
		store.dies("i.0")
		_, err := p.run(orgsync.RunOptions{})
		require.Error(t, err)
		store.lives()
		target.push = nil
		p.src.departments[3].SetName("后")
		p.sync()
		target.take(late)
		p.sync()
		require.Equal(t, "后", target.departments["d3"])
		target.sent()
		p.sync()
		require.Zero(t, target.sent())
	})
}

// A state write is refused after the lease was lost, and nothing more is sent.
func TestI20_leaseLostByTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, target, store := leasePlay(t, 300)
		writes := 0
		store.write = func(orgsync.Entry) error {
			if writes++; writes > 5 {
				return orgsync.ErrLeaseLost
			}
			return nil
		}
		_, err := p.run(orgsync.RunOptions{})
		require.ErrorIs(t, err, orgsync.ErrLeaseLost)
		require.LessOrEqual(t, target.sent(), 100)
		store.lives()
		p.sync()
		require.Equal(t, 300, target.active())
	})
}

// Without the lease, a replacement does not start either.
func TestI38_replacementWithoutTheLease(t *testing.T) {
	t.Parallel()
	v, store := newVendors(t, 3, 20), newStageStore()
	v.store, v.targets = store, []orgsync.Target{v.ta}
	v.sync()
	v.agh.Reset()
	store.expires(-time.Second)
	_, err := v.run(orgsync.RunOptions{Replace: []string{"aiguanhuai"}, Force: true})
	require.ErrorIs(t, err, orgsync.ErrLeaseLost)
	require.Zero(t, v.agh.Count(""))
	store.until = nil
	r := v.sync(orgsync.RunOptions{Replace: []string{"aiguanhuai"}, Force: true})
	require.True(t, reportOf(r, "aiguanhuai").Replaced)
}
