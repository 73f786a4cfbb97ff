//go:build unix

package pgtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// life is one way to live through a history: with a store of its own, and targets of its
// own.
type life struct {
	tb     testing.TB
	store  orgsync.Store
	source *orgsync.YunzhijiaSource
	a      *aiguanhuaitest.Server
	t      *tuzhantest.Server
	y      *yunjiantest.Server
}

func newLife(tb testing.TB, store orgsync.Store, source *yunzhijiatest.Server, prefetch int) *life {
	l := &life{tb: tb, store: store, a: aiguanhuaitest.NewInMemory(), t: tuzhantest.NewInMemory(), y: yunjiantest.NewInMemory()}
	tb.Cleanup(func() { l.a.Close(); l.t.Close(); l.y.Close() })
	client := source.Client()
	l.source = &orgsync.YunzhijiaSource{Client: client, Pages: yunzhijia.PageOptions{Count: 6, Prefetch: prefetch}}
	return l
}

// run syncs once, as a new process would. One that is to die does so at a write of the
// state, which takes place first if late.
func (l *life) run(options orgsync.RunOptions, dying *dyingStore) error {
	cares := l.a.Client()
	rabbits := l.t.Client()
	clouds := l.y.Client()
	store := l.store
	if dying != nil {
		dying.Store, store = l.store, dying
	}
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: l.source, Store: store,
		Targets: []orgsync.Target{
			&orgsync.AiguanhuaiTarget{Client: cares},
			&orgsync.TuzhanTarget{Client: rabbits},
			&orgsync.YunjianTarget{Client: clouds, Adapter: orgmodel.Yunjian{UserNo: orgmodel.KeyEmployeeNo}},
		},
	}, orgsync.WithSealing([]byte("a key of thirty-two bytes, sealed")[:32]))
	require.NoError(l.tb, err)
	options.Force = true
	_, err = engine.Run(l.tb.Context(), options)
	return err
}

// everything returns all that is at the targets, less what differs by time alone.
func (l *life) everything() map[string]string {
	all := map[string]string{}
	put := func(kind, id string, record any) {
		text, err := json.Marshal(record)
		require.NoError(l.tb, err)
		all[kind+" "+id] = string(text)
	}
	for _, d := range l.a.Departments() {
		put("爱关怀 department", d.DepartmentID, d)
	}
	for _, p := range l.a.People() {
		put("爱关怀 person", p.UserID, p)
	}
	for _, d := range l.t.Departments() {
		d.UpdateTime, d.DeptID, d.ParentID = tuzhan.Department{}.UpdateTime, 0, 0
		put("兔展 department", d.ThirdDeptID, d)
	}
	for _, e := range l.t.Employees() {
		e.UpdateTime, e.ChannelID, e.DeptID = tuzhan.Employee{}.UpdateTime, 0, 0
		put("兔展 person", e.ThirdUserID, e)
	}
	for _, u := range l.y.Users() {
		put("云简 user", u.UserNo, u)
	}
	return all
}

// dyingStore fails every write from the n-th on.
type dyingStore struct {
	orgsync.Store

	mu   sync.Mutex
	left int
	late bool
}

type dyingLease struct {
	orgsync.Lease

	store *dyingStore
}

var errKilled = errors.New("killed")

func (s *dyingStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	return &dyingLease{lease, s}, err
}

func (l *dyingLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	switch l.store.left--; {
	case l.store.left > 0:
		return l.Lease.Write(ctx, entries...)
	case l.store.left == 0 && l.store.late:
		_ = l.Lease.Write(ctx, entries...)
	}
	return errKilled
}

// change lets something happen in the company.
func change(r *rapid.T, source *yunzhijiatest.Server, n int) {
	people, orgs := source.People(), source.Orgs()
	person := people[rapid.IntRange(0, len(people)-1).Draw(r, "person")].OpenID
	org := orgs[rapid.IntRange(1, len(orgs)-1).Draw(r, "org")].OrgID
	switch rapid.SampledFrom([]string{"hire", "leave", "return", "move", "rename", "number", "vanish", "department", "typo"}).Draw(r, "change") {
	case "hire":
		source.AddPerson(yunzhijia.Person{
			OpenID: fmt.Sprintf("hired-%03d", n), Name: fmt.Sprintf("新人%03d", n), Phone: fmt.Sprintf("139%08d", n),
			OrgID: org, JobNo: fmt.Sprintf("N%03d", n),
		})
	case "leave":
		source.Leave(person)
	case "return":
		source.UpdatePerson(person, func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	case "move":
		source.UpdatePerson(person, func(p *yunzhijia.Person) { p.OrgID = org })
	case "rename":
		source.UpdatePerson(person, func(p *yunzhijia.Person) { p.Name = fmt.Sprintf("改名%03d", n) })
	case "number":
		source.UpdatePerson(person, func(p *yunzhijia.Person) { p.JobNo = fmt.Sprintf("R%03d", n) })
	case "vanish":
		source.RemovePerson(person)
	case "department":
		source.UpdateOrg(org, func(o *yunzhijia.Org) { o.Name = fmt.Sprintf("部门%03d", n) })
	case "typo": // a colleague's number, which is theirs and stays so
		number := people[0].JobNo
		source.UpdatePerson(person, func(p *yunzhijia.Person) { p.JobNo = number })
	}
}

// A history ends with the same records at the targets whether the state is in memory or in
// PostgreSQL, pages are read ahead or not, readings are full or not, and although runs die
// at a write of the state and are repeated.
func TestHistoriesEndTheSame(t *testing.T) {
	t.Parallel()
	checks := 0
	rapid.Check(t, func(r *rapid.T) {
		if checks++; checks > 25 {
			return // each makes some hundred calls and a schema
		}
		source := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(5, 12), yunzhijiatest.WithContacts())
		defer source.Close()
		_, dsn := newSchema(t)
		memory := newLife(t, orgsync.NewMemoryStore(), source, 1)
		sql := newLife(t, newStore(t, dsn), source, rapid.IntRange(1, 4).Draw(r, "prefetch"))
		n := 0
		for range rapid.IntRange(1, 4).Draw(r, "runs") {
			for range rapid.IntRange(0, 5).Draw(r, "changes") {
				n++
				change(r, source, n)
			}
			// The feed does not tell who vanished: both have to read in full at the same time.
			_ = memory.run(orgsync.RunOptions{Full: true}, nil)
			if write := rapid.IntRange(0, 12).Draw(r, "write"); write > 0 {
				_ = sql.run(orgsync.RunOptions{Full: true}, &dyingStore{left: write, late: rapid.Bool().Draw(r, "late")})
			}
			_ = sql.run(orgsync.RunOptions{Full: true}, nil)
		}
		for range 2 { // what was uncertain is sent again
			_, _ = memory.run(orgsync.RunOptions{}, nil), sql.run(orgsync.RunOptions{}, nil)
		}
		require.Equal(r, memory.everything(), sql.everything())
	})
}
