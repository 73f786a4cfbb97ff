package orgsync_test

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// recordedStore is a store whose writes are noted.
type recordedStore struct {
	orgsync.Store

	rec   *recorder
	lease func() *endingLease // nil: leases that do not end
}

// endingLease is a lease that is lost at a write, as every store would say from then on.
type endingLease struct {
	after int // so many writes pass
	until time.Time
}

func (s recordedStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	l := &recordedLease{Lease: lease, rec: s.rec}
	if s.lease != nil {
		l.ending = s.lease()
	}
	return l, nil
}

type recordedLease struct {
	orgsync.Lease

	rec    *recorder
	mu     sync.Mutex
	ending *endingLease
	lost   bool
}

func (l *recordedLease) Until() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lost:
		return time.Now().Add(-time.Hour)
	case l.ending != nil:
		return l.ending.until
	}
	return l.Lease.Until()
}

func (l *recordedLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending != nil && !l.lost {
		if l.lost = l.ending.after == 0; l.lost {
			l.rec.note(event{Kind: kindLost})
		}
		l.ending.after--
	}
	if l.lost {
		return orgsync.ErrLeaseLost
	}
	if err := l.Lease.Write(ctx, entries...); err != nil {
		return err
	}
	l.rec.write(entries)
	return nil
}

func (r *recorder) write(entries []orgsync.Entry) {
	e := event{Kind: kindWrite}
	for _, entry := range entries {
		s := stored{Bucket: entry.Bucket, Key: entry.Key, Deleted: entry.Value == nil}
		value, err := orgsync.ReadStored(entry)
		if err != nil {
			s.Bucket += ": " + err.Error()
		}
		switch v := value.(type) {
		case orgsync.StoredMeta:
			s.Meta = &v
		case orgsync.StoredTarget:
			s.Settled = &v
			r.mu.Lock()
			r.names[v.Code] = entry.Key
			r.mu.Unlock()
		}
		e.Stored = append(e.Stored, s)
	}
	for i, entry := range entries { // when all targets are known
		if value, _ := orgsync.ReadStored(entry); value != nil {
			if v, ok := value.(orgsync.StoredRecord); ok {
				s := &e.Stored[i]
				r.mu.Lock()
				s.Target, s.Entity = cmp.Or(r.names[v.Code], fmt.Sprint("#", v.Code)), string(v.Entity)
				r.mu.Unlock()
				if !v.Deleted {
					s.Known, s.Again = &v.Known, v.Again
				}
			}
		}
	}
	r.note(e)
}
