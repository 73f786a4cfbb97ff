package storetest

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// faultyStore keeps the contract, except for the one fault it is made with.
type faultyStore struct {
	mu      *sync.Mutex
	fault   string
	tenants map[string]*faultyTenant
}

type faultyTenant struct {
	holder  *faultyLease
	entries []orgsync.Entry // in order
}

type faultyLease struct {
	*faultyStore
	tenant *faultyTenant

	until  time.Time
	writes int
}

func newFaulty(fault string) *faultyStore {
	return &faultyStore{mu: new(sync.Mutex), fault: fault, tenants: map[string]*faultyTenant{}}
}

func (s *faultyStore) reopen(testing.TB, orgsync.Store) orgsync.Store {
	if s.fault == "forgets" {
		return newFaulty("")
	}
	return s
}

func (s *faultyStore) takeover(_ testing.TB, _ orgsync.Store, tenant string) orgsync.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants[tenant].holder = nil
	return s
}

func (s *faultyStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	if s.fault != "locks after the end" && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.fault == "one tenant" {
		tenant = strings.TrimRight(tenant, "a")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tenants[tenant] == nil {
		s.tenants[tenant] = &faultyTenant{}
	}
	t := s.tenants[tenant]
	if t.holder != nil && s.fault != "many holders" {
		return nil, orgsync.ErrLocked
	}
	t.holder = &faultyLease{faultyStore: s, tenant: t, until: time.Now().Add(time.Minute)}
	return t.holder, nil
}

func (l *faultyLease) Get(ctx context.Context, bucket string, keys ...string) ([][]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx, "gets"); err != nil {
		return nil, err
	}
	if l.fault == "gets some" && len(keys) > 4096 {
		keys = keys[:4096]
	}
	held := map[[2]string][]byte{}
	for _, e := range l.tenant.entries {
		held[[2]string{e.Bucket, e.Key}] = e.Value
	}
	sorted := slices.Sorted(slices.Values(keys))
	values := make([][]byte, len(keys))
	for i, key := range keys {
		if l.fault == "gets in order" {
			key = sorted[i]
		}
		if l.fault == "gets once" && slices.Contains(keys[:i], key) {
			continue
		}
		if l.fault == "gets text" {
			key = strings.TrimRight(key, "\x00")
		}
		value, ok := held[[2]string{bucket, key}]
		switch {
		case ok && l.fault == "gets nil" && len(value) == 0, !ok && l.fault != "gets empty":
		case l.fault == "shares gets":
			values[i] = value
		default:
			values[i] = append([]byte{}, value...)
		}
	}
	if l.fault == "gets what there is" {
		values = slices.DeleteFunc(values, func(v []byte) bool { return v == nil })
	}
	return values, nil
}

// Until is zero, as in memory, unless there is a fault; then leases last a minute.
func (l *faultyLease) Until() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fault == "", l.fault == "passes on" && l.writes == 0:
		return time.Time{}
	case l.fault == "is over", l.tenant.holder != l && l.fault != "holds on":
		return time.Unix(1, 0)
	case l.fault == "goes back":
		return l.until.Add(-time.Second * time.Duration(l.writes))
	}
	return l.until
}

func (l *faultyLease) All(ctx context.Context, bucket string) iter.Seq2[orgsync.Entry, error] {
	return func(yield func(orgsync.Entry, error) bool) {
		l.mu.Lock()
		err := l.usable(ctx, "reads")
		entries := slices.Clone(l.tenant.entries)
		l.mu.Unlock()
		if err != nil {
			yield(orgsync.Entry{}, err)
			return
		}
		for _, e := range entries {
			if e.Bucket != bucket && (l.fault != "prefix" || !strings.HasPrefix(e.Bucket, bucket)) {
				continue
			}
			if l.fault != "shares out" {
				e.Value = append([]byte{}, e.Value...)
			}
			if l.fault == "empty is nil" && len(e.Value) == 0 {
				e.Value = nil
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (l *faultyLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx, "writes"); err != nil {
		if l.fault == "half" && len(entries) > 0 {
			l.apply(entries[0])
		}
		return err
	}
	l.writes++
	if l.fault == "first counts" {
		entries = slices.Clone(entries)
		slices.Reverse(entries)
	}
	if l.fault == "cuts" && len(entries) > 5000 {
		entries = entries[:5000]
	}
	for i, e := range entries {
		if _, limited := ctx.Deadline(); limited && l.fault == "stops half way" && i > len(entries)/2 {
			return context.DeadlineExceeded
		}
		l.apply(e)
	}
	return nil
}

func (l *faultyLease) apply(e orgsync.Entry) {
	if l.fault == "text" {
		e.Key = strings.ToValidUTF8(e.Key, "?")
	}
	i, found := slices.BinarySearchFunc(l.tenant.entries, e, func(a, b orgsync.Entry) int {
		if l.fault == "folds" {
			return strings.Compare(strings.ToLower(a.Bucket+"/"+a.Key), strings.ToLower(b.Bucket+"/"+b.Key))
		}
		return bytes.Compare([]byte(a.Bucket+"\x00\xff"+a.Key), []byte(b.Bucket+"\x00\xff"+b.Key))
	})
	remove := e.Value == nil && l.fault != "keeps nil" || l.fault == "drops empty" && len(e.Value) == 0
	if l.fault != "shares in" && !remove {
		e.Value = append([]byte{}, e.Value...)
	}
	switch {
	case remove && found:
		l.tenant.entries = slices.Delete(l.tenant.entries, i, i+1)
	case remove:
	case found:
		l.tenant.entries[i] = e
	case l.fault == "unordered":
		l.tenant.entries = slices.Insert(l.tenant.entries, 0, e)
	default:
		l.tenant.entries = slices.Insert(l.tenant.entries, i, e)
	}
}

func (l *faultyLease) Unlock(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fault == "keeps after the end" && ctx.Err() != nil:
		return ctx.Err()
	case l.fault == "unlocks once" && l.tenant.holder != l:
		return errors.New("not held")
	case l.tenant.holder == l, l.fault == "unlocks others":
		l.tenant.holder = nil
	}
	return nil
}

func (l *faultyLease) usable(ctx context.Context, what string) error {
	switch {
	case ctx.Err() != nil && l.fault != what+" after the end":
		return ctx.Err()
	case l.tenant.holder != l && l.fault != what+" when lost" && l.fault != "many holders":
		return orgsync.ErrLeaseLost
	}
	return nil
}
