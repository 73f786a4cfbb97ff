package orgsync

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Store keeps the state of syncs, separately for each tenant: small values under a bucket and a
// key. The engine stores ids, names of departments and keyed hashes in it and, sealed with a key of
// the caller's, what [WithSealing] names. [NewMemoryStore] loses everything with the process;
// boltstore and sqlstore, below this package, are persistent.
type Store interface {
	// Lock takes the tenant for one run. It fails with ErrLocked while another
	// run, of this process or another, holds it; a store that knows who does, or until
	// when, says so with a *LockedError.
	Lock(ctx context.Context, tenant string) (Lease, error)
}

// Lease is a tenant's state while it is held. Write and Until may be called
// concurrently, because targets are pushed to concurrently; nothing else needs to
// be safe for concurrent use.
type Lease interface {
	// Get returns the values of keys of a bucket, in the order of keys; nil where
	// there is none. The values are the caller's to keep.
	Get(ctx context.Context, bucket string, keys ...string) ([][]byte, error)
	// All yields every entry of a bucket, ordered by key. The values are the
	// caller's to keep. An error is yielded last, with a zero Entry.
	All(ctx context.Context, bucket string) iter.Seq2[Entry, error]
	// Write applies all entries or none; an entry with a nil Value is deleted.
	// It fails with ErrLeaseLost, and writes nothing, if the tenant has passed to
	// another run meanwhile.
	Write(ctx context.Context, entries ...Entry) error
	// Until returns the instant up to which the lease is known to be held: the last
	// confirmed renewal, counted from when it was asked for, plus the lease time.
	// The zero Time says that the lease cannot pass to another run while this process
	// lives (a file lock, memory). It is safe for concurrent use and does no I/O.
	Until() time.Time
	// Unlock gives the tenant back. It can be called again.
	Unlock(ctx context.Context) error
}

// Verifier is a Lease that can check everything it holds. The engine calls it before
// a full reading and after a run that did not end cleanly.
type Verifier interface {
	// Verify fails with ErrCorrupt if anything is damaged.
	Verify(ctx context.Context) error
}

// Entry is one stored value. A nil Value means that there is none; an empty one
// is a value like any other.
type Entry struct {
	Bucket, Key string
	Value       []byte
}

// Errors of stores, for errors.Is.
var (
	// ErrLocked says that another run holds the tenant. Try again later.
	ErrLocked = errors.New("orgsync: the tenant is locked by another run")
	// ErrLeaseLost says that the tenant has passed to another run, so that this
	// one must not go on: nothing was written.
	ErrLeaseLost = errors.New("orgsync: the lease on the tenant is lost")
	// ErrCorrupt says that what a store holds cannot be read as state: a damaged or
	// foreign file, or a format of a newer version. Nothing was changed in it.
	// Without its state a target must be adopted anew; restore a backup if there is one.
	ErrCorrupt = errors.New("orgsync: the stored state cannot be read")
)
