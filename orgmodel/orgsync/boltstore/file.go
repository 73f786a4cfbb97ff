package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// lockWait is how long a process waits for another one that has the file; long
// enough for one that only opens and checks it.
const lockWait = 250 * time.Millisecond

// growBy is by how much the file grows at a time. bbolt's own 16 MiB would be most of
// the file of a small company.
const growBy = 1 << 20

// file is the open database. This process has it alone.
type file struct {
	path   string
	db     *bolt.DB
	handle *os.File // bbolt's own
	broken atomic.Bool

	using sync.RWMutex // held for writing while bbolt writes

	mu   sync.Mutex
	last *snapshot
}

// openFile locks, checks and, when it is new, fills the file. One of format 1, which has
// no sums of entries, is read as a whole if it is to be used.
func openFile(ctx context.Context, path string, used bool) (*file, error) {
	info, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
	switch {
	case err != nil && !isNew:
		return nil, fmt.Errorf("boltstore: %w", err)
	case err == nil && !info.Mode().IsRegular():
		return nil, &FieldError{Field: "path", Reason: "is not a regular file"}
	case !isNew:
		// A file is opened for writing, whereupon bbolt believes it, only after
		// it was read as one that cannot be written to.
		if err := inspect(ctx, path); err != nil {
			return nil, err
		}
	}
	f, err := openBolt(path, false)
	if err != nil {
		return nil, err
	}
	if err := f.ready(ctx, used); err != nil {
		_ = f.close()
		return nil, err
	}
	if isNew {
		syncDir(filepath.Dir(path))
	}
	return f, nil
}

// ready makes an empty file one of this package.
func (f *file) ready(ctx context.Context, used bool) error {
	empty := false
	err := f.view(func(s *snapshot) error {
		empty = s.format == 0
		if s.format == oldFormat && used {
			return s.verify(ctx)
		}
		return nil
	})
	if err != nil || !empty {
		return err
	}
	return f.update(ctx, func(tx *bolt.Tx, _ *snapshot) error { return prepare(tx) })
}

// inspect reads a file without changing it: what bbolt reads when it opens the file for
// writing, and all of it if the last transaction was cut off or no sum of the list of
// free pages is kept. One of format 1, which keeps none, is read before it is used.
func inspect(ctx context.Context, path string) error {
	f, err := openBolt(path, true)
	if err != nil {
		return err
	}
	err = f.view(func(s *snapshot) error {
		if s.whole && (s.listed || s.format == oldFormat && s.freelist != noFreelist) {
			return nil
		}
		return s.verify(ctx)
	})
	return errors.Join(err, f.close())
}

func openBolt(path string, readOnly bool) (*file, error) {
	f := &file{path: path}
	_, err := guard(func() (err error) {
		f.db, err = bolt.Open(path, 0o600, &bolt.Options{
			ReadOnly: readOnly,
			Timeout:  lockWait,
			OpenFile: func(name string, flag int, mode os.FileMode) (handle *os.File, err error) {
				handle, err = os.OpenFile(name, flag, mode) // #nosec G304 -- the caller's own path
				f.handle = handle
				return handle, err
			},
		})
		if err == nil {
			f.db.AllocSize = growBy
		}
		return err
	})
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, orgsync.ErrLocked
	case f.handle == nil:
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	_ = f.handle.Close()
	return nil, headerError(path, err)
}

// headerError tells a foreign file from a damaged one, and both from one that
// could not be read.
func headerError(path string, err error) error {
	if _, ok := errors.AsType[syscall.Errno](err); ok {
		return fmt.Errorf("boltstore: %w", err)
	}
	if errors.Is(err, orgsync.ErrCorrupt) {
		return err
	}
	head := make([]byte, 64<<10)
	handle, openErr := os.Open(path) // #nosec G304 -- the caller's own path
	if openErr != nil {
		return fmt.Errorf("boltstore: %w", openErr)
	}
	defer handle.Close()
	n, readErr := io.ReadFull(handle, head)
	if readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF) && !errors.Is(readErr, io.EOF) {
		return fmt.Errorf("boltstore: %w", readErr)
	}
	if !bytes.Contains(head[:n], binary.NativeEndian.AppendUint32(nil, boltMagic)) {
		return ErrForeign
	}
	return damaged("%w", err)
}

// view reads the file. bbolt does not write meanwhile.
func (f *file) view(fn func(s *snapshot) error) error {
	f.using.RLock()
	defer f.using.RUnlock()
	return f.run(f.db.View, func(tx *bolt.Tx) error {
		s, err := f.snapshot(tx.ID())
		if err != nil {
			return err
		}
		return fn(s)
	})
}

// update writes the file. fn must check the pages that bbolt will read.
func (f *file) update(ctx context.Context, fn func(tx *bolt.Tx, s *snapshot) error) error {
	f.using.Lock()
	defer f.using.Unlock()
	var txid int
	err := f.run(f.db.Update, func(tx *bolt.Tx) error {
		txid = tx.ID()
		s, err := f.snapshot(txid - 1)
		if err == nil {
			err = s.trust(ctx)
		}
		if err != nil {
			return err
		}
		return fn(tx, s)
	})
	if err != nil {
		f.forget() // bbolt may have read the list of free pages anew
		return err
	}
	f.keepSum(txid)
	return nil
}

// snapshot returns the state of the file as of a transaction.
func (f *file) snapshot(txid int) (*snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := uint64(txid) // #nosec G115 -- it is one
	if f.last != nil && f.last.txid == id {
		return f.last, nil
	}
	s, err := takeSnapshot(f.handle, f.db.Info().PageSize, id)
	if err != nil {
		return nil, err
	}
	f.last = s
	return s, nil
}

func (f *file) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = nil
}

func (f *file) run(do func(func(*bolt.Tx) error) error, fn func(*bolt.Tx) error) error {
	if f.broken.Load() {
		return damaged("bbolt gave up before")
	}
	panicked, err := guard(func() error { return do(fn) })
	if panicked {
		f.broken.Store(true)
	}
	return err
}

// current reports whether the path still names this file.
func (f *file) current() bool {
	now, err := os.Stat(f.path)
	if err != nil {
		return false
	}
	own, err := f.handle.Stat()
	return err == nil && os.SameFile(now, own)
}

func (f *file) close() error {
	closed := make(chan error, 1)
	go func() {
		_, err := guard(f.db.Close)
		closed <- err
	}()
	var givenUp <-chan time.Time
	if f.broken.Load() {
		// bbolt may have gone down with a mutex held that its Close waits for.
		givenUp = time.After(lockWait)
	}
	select {
	case err := <-closed:
		if err != nil {
			return fmt.Errorf("boltstore: %w", err)
		}
		return nil
	case <-givenUp:
		return damaged("bbolt does not let it go; it stays locked until the process ends")
	}
}

// syncDir makes a new file's name last. Not every system can do that for a
// directory, and those that cannot do not need it.
func syncDir(path string) {
	if dir, err := os.Open(path); err == nil { // #nosec G304 -- the caller's own path
		_ = dir.Sync()
		_ = dir.Close()
	}
}
