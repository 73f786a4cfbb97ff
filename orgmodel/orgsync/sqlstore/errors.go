package sqlstore

import (
	"errors"
	"fmt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Errors for errors.Is.
var (
	// ErrNoSchema says that the tables are missing: call [Store.CreateSchema].
	ErrNoSchema = errors.New("sqlstore: the tables are missing")
	// ErrNewerFormat says that a newer version of this package created the tables. It
	// matches [orgsync.ErrCorrupt] too.
	ErrNewerFormat = fmt.Errorf("sqlstore: the tables are of a newer version: %w", orgsync.ErrCorrupt)
)

// FieldError says which argument is wrong. Nothing was sent to the database.
type FieldError struct {
	Field  string // "db", "lease time", "tenant", or "Entry.Bucket" and "Entry.Key"
	Reason string
}

// Error names the field and the reason.
func (e *FieldError) Error() string { return "sqlstore: " + e.Field + " " + e.Reason }

// Codes of PostgreSQL, https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	undefinedTable   = "42P01"
	lockNotAvailable = "55P03"

	serializationFailure = "40001"
)

// hasState reports whether the database answered with that code. The errors of the
// drivers in use, pgx and lib/pq, both have the method.
func hasState(err error, code string) bool {
	var coded interface{ SQLState() string }
	return errors.As(err, &coded) && coded.SQLState() == code
}
