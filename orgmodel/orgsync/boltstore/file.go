package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// file is the open database. This process has it alone.
type file struct {
	path   string
	db     *bolt.DB
	handle *os.File // bbolt's own
	broken atomic.Bool
}

// openFile locks, checks and, when it is new, fills the file.
func openFile(path string) (*file, error) {
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
		if err := inspect(path); err != nil {
			return nil, err
		}
	}
	f, err := openBolt(path, false)
	if err != nil {
		return nil, err
	}
	err = f.view(checkFormat)
	if errors.Is(err, errUnprepared) {
		err = f.update(prepare)
	}
	if err != nil {
		_ = f.close()
		return nil, err
	}
	if isNew {
		syncDir(filepath.Dir(path))
	}
	return f, nil
}

// inspect reads a file without changing it.
func inspect(path string) error {
	f, err := openBolt(path, true)
	if err != nil {
		return err
	}
	err = f.view(func(tx *bolt.Tx) error {
		if err := verifyPages(f.handle, f.db.Info().PageSize, tx.ID()); err != nil {
			return err
		}
		if err := checkFormat(tx); err != nil && !errors.Is(err, errUnprepared) {
			return err
		}
		return nil
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

// verify checks a tenant's entries against their sum and returns the fencing number.
func (f *file) verify(tenant string) (fence uint64, err error) {
	err = f.view(func(tx *bolt.Tx) error {
		rec, err := readTenant(tx, tenant)
		if err != nil {
			return err
		}
		var sum uint64
		prefix := tenantKey(tenant)
		if len(prefix) > bolt.MaxKeySize {
			return tooLong("tenant", berrors.ErrKeyTooLarge)
		}
		c := tx.Bucket(entriesBucket).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			sum += entrySum(k, v)
		}
		if sum != rec.sum {
			return damaged("the entries of a tenant differ from their sum")
		}
		fence = rec.fence
		return nil
	})
	return fence, err
}

func (f *file) view(fn func(*bolt.Tx) error) error   { return f.run(f.db.View, fn) }
func (f *file) update(fn func(*bolt.Tx) error) error { return f.run(f.db.Update, fn) }

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
