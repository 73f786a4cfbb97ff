package boltstore

import (
	"fmt"
	"runtime/debug"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Errors for errors.Is; both match [orgsync.ErrCorrupt] too. A damaged file
// matches [orgsync.ErrCorrupt] alone.
var (
	// ErrForeign says that the file is not a state file: a wrong path, most likely.
	ErrForeign = fmt.Errorf("boltstore: not a state file of orgsync: %w", orgsync.ErrCorrupt)
	// ErrNewerFormat says that a newer version of this package wrote the file.
	ErrNewerFormat = fmt.Errorf("boltstore: written by a newer version: %w", orgsync.ErrCorrupt)
)

// FieldError says which argument is wrong. Nothing was written.
type FieldError struct {
	Field  string // "path", or "Entry.Key" for bucket and key of an entry
	Reason string
}

// Error names the field and the reason.
func (e *FieldError) Error() string { return "boltstore: " + e.Field + " " + e.Reason }

// damaged is the error of a file that is not as this package left it.
func damaged(format string, args ...any) error {
	return fmt.Errorf("boltstore: %w: %w", orgsync.ErrCorrupt, fmt.Errorf(format, args...))
}

// guard runs f and turns its panics into errors. bbolt panics on pages it cannot
// make sense of. It reads them from a memory map, where a file that was cut or
// a disk that fails is a memory fault.
func guard(f func() error) (panicked bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			panicked, err = true, damaged("bbolt gave up: %v", r)
		}
	}()
	return false, f()
}
