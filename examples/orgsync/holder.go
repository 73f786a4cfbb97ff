package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// holderSuffix is appended to the path of the state to get that of the note which says who
// holds it. The lock itself is the state file's own, and ends with its process.
const holderSuffix = ".run"

// holder is a run that holds the state.
type holder struct {
	Process int       `json:"process"`
	Host    string    `json:"host,omitempty"`
	Since   time.Time `json:"since"`
}

// namedStore is a store that says who holds it.
type namedStore struct {
	orgsync.Store

	path string // of the note
}

func (s namedStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	switch {
	case errors.Is(err, orgsync.ErrLocked):
		return nil, s.locked()
	case err != nil || strings.HasPrefix(tenant, "\x00"): // held besides, and for a moment
		return lease, err
	}
	host, _ := os.Hostname()
	// Without a note, another run cannot say who holds the state, and that is all.
	note, _ := json.Marshal(holder{Process: os.Getpid(), Host: host, Since: time.Now().Round(time.Second)})
	_ = os.WriteFile(s.path, note, 0o600)
	return namedLease{lease, s.path}, nil
}

func (s namedStore) locked() error {
	locked := &orgsync.LockedError{}
	var by holder
	if text, err := os.ReadFile(s.path); err == nil && json.Unmarshal(text, &by) == nil && by.Process > 0 {
		locked.Holder, locked.Since = fmt.Sprintf("process %d", by.Process), by.Since
		if by.Host != "" {
			locked.Holder += " on " + by.Host
		}
	}
	return locked
}

// namedLease takes the note away when it ends.
type namedLease struct {
	orgsync.Lease

	path string
}

// Verify makes it an [orgsync.Verifier], as the lease of the state file is one.
func (l namedLease) Verify(ctx context.Context) error {
	if v, ok := l.Lease.(orgsync.Verifier); ok {
		return v.Verify(ctx)
	}
	return nil
}

func (l namedLease) Unlock(ctx context.Context) error {
	_ = os.Remove(l.path)
	return l.Lease.Unlock(ctx)
}
