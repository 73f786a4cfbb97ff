package orgsync

import (
	"strings"
	"time"
)

// LockedError is an [ErrLocked] of a store that knows more.
type LockedError struct {
	Holder string    // "" if it is not known
	Since  time.Time // zero if it is not known
	// Until is when the hold ends unless it is renewed. It is zero for a file lock, which
	// ends with its process.
	Until time.Time
}

// Error says who holds the tenant, since when and until when, as far as that is known.
func (e *LockedError) Error() string {
	var parts []string
	if e.Holder != "" {
		parts = append(parts, "held by "+printable(e.Holder))
	}
	if !e.Since.IsZero() {
		parts = append(parts, "since "+e.Since.Format(time.RFC3339))
	}
	if !e.Until.IsZero() {
		parts = append(parts, "until "+e.Until.Format(time.RFC3339)+" unless it is renewed")
	} else {
		parts = append(parts, "until that run ends")
	}
	return ErrLocked.Error() + ": " + strings.Join(parts, ", ")
}

// Is makes it an [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }
