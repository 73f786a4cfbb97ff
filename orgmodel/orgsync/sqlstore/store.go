package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	defaultLeaseTime = 30 * time.Second
	minLeaseTime     = time.Second
	maxLeaseTime     = time.Hour

	// lockWait is how long a statement waits for a row that another transaction
	// has: a Write of the holder, most likely.
	lockWait = 5 * time.Second
)

// Option sets what a [Store] does.
type Option func(*Store)

// WithLeaseTime sets how long a tenant stays locked after its holder was last
// heard of, 1 second to 1 hour. The default is 30 seconds, and fits unless the
// database is out of reach for longer: a lease is renewed three times within it.
func WithLeaseTime(d time.Duration) Option { return func(s *Store) { s.leaseTime = d } }

// Store is an [orgsync.Store] in PostgreSQL. It is safe for concurrent use.
type Store struct {
	db        *sql.DB
	leaseTime time.Duration
}

var _ orgsync.Store = (*Store)(nil)

// New returns the store in db. It does not touch the database yet; a wrong
// argument is a *[FieldError].
func New(db *sql.DB, options ...Option) (*Store, error) {
	s := &Store{db: db, leaseTime: defaultLeaseTime}
	for _, option := range options {
		option(s)
	}
	var errs []error
	if db == nil {
		errs = append(errs, &FieldError{Field: "db", Reason: "is required"})
	}
	if s.leaseTime < minLeaseTime || s.leaseTime > maxLeaseTime {
		errs = append(errs, &FieldError{Field: "lease time", Reason: "is not within 1 second to 1 hour"})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// CreateSchema creates the tables that do not exist yet. Several programs may call
// it at once, and again at every start. It fails with [ErrNewerFormat] if a newer
// version created them.
func (s *Store) CreateSchema(ctx context.Context) error {
	return s.transaction(ctx, "create tables", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, lockSchema); err != nil {
			return err
		}
		var exists bool
		if err := tx.QueryRowContext(ctx, schemaExists).Scan(&exists); err != nil {
			return err
		}
		if exists {
			if err := checkVersion(ctx, tx); err != nil {
				return err
			}
			return createRates(ctx, tx)
		}
		for _, statement := range schema {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return createRates(ctx, tx)
	})
}

// createRates adds the table of limiters to a schema that has none.
func createRates(ctx context.Context, tx *sql.Tx) error {
	var exists bool
	if err := tx.QueryRowContext(ctx, ratesExist).Scan(&exists); err != nil || exists {
		return err
	}
	_, err := tx.ExecContext(ctx, rates)
	return err
}

func checkVersion(ctx context.Context, tx *sql.Tx) error {
	var version int
	switch err := tx.QueryRowContext(ctx, selectVersion).Scan(&version); {
	case hasState(err, undefinedTable), errors.Is(err, sql.ErrNoRows):
		return ErrNoSchema
	case err != nil:
		return err
	case version > format:
		return ErrNewerFormat
	}
	return nil
}

// Lock takes the tenant. Its lease lasts, renewed in the background, until Unlock,
// whatever becomes of ctx. Another holder is [orgsync.ErrLocked], as an
// [*orgsync.LockedError] unless the tenant was given back meanwhile; missing tables are
// [ErrNoSchema].
func (s *Store) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	if len(tenant) > maxName {
		return nil, tooLong("tenant")
	}
	l := &lease{store: s, tenant: []byte(tenant), owner: rand.Text() + ownerSeparator + holder()}
	asked := time.Now()
	err := s.transaction(ctx, "lock", func(tx *sql.Tx) error {
		if err := checkVersion(ctx, tx); err != nil {
			return err
		}
		if err := s.limit(ctx, tx); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, takeLease, l.tenant, l.owner, s.leaseTime.Milliseconds()).Scan(&l.fence)
		if errors.Is(err, sql.ErrNoRows) || hasState(err, lockNotAvailable) {
			return orgsync.ErrLocked
		}
		return err
	})
	if errors.Is(err, orgsync.ErrLocked) {
		return nil, s.locked(ctx, l.tenant)
	}
	if err != nil {
		return nil, err
	}
	l.confirmed(asked)
	l.keep(context.WithoutCancel(ctx))
	return l, nil
}

// locked says who holds a tenant, and until when by the clock of this process: no earlier
// than by that of the database, so that who waits until then finds it free.
func (s *Store) locked(ctx context.Context, tenant []byte) error {
	var owner string
	var left int64
	if s.db.QueryRowContext(ctx, selectHolder, tenant).Scan(&owner, &left) != nil {
		return orgsync.ErrLocked // given back meanwhile, or no longer known
	}
	_, who, _ := strings.Cut(owner, ownerSeparator)
	return &orgsync.LockedError{Holder: who, Until: time.Now().Add(microseconds(left))}
}

// ownerSeparator stands between the random part of an owner and what a person can read.
const ownerSeparator = " "

// holder names this process.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return fmt.Sprintf("process %d on %s", os.Getpid(), host)
}

// limit bounds what a transaction may wait for, and be waited for.
func (s *Store) limit(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, limitTransaction, milliseconds(lockWait), milliseconds(s.leaseTime))
	return err
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// transaction runs f in a transaction. Everything here relies on a statement that
// waited for a row seeing it as it is then, which is what read committed means.
func (s *Store) transaction(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err == nil {
		if err = f(tx); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback() // what is wrong is known already
		}
	}
	return wrap(ctx, what, err)
}

// wrap names the step, and makes sure that the end of a context is found in the
// error: drivers report it in words of their own.
func wrap(ctx context.Context, what string, err error) error {
	if err == nil || errors.Is(err, orgsync.ErrLocked) || errors.Is(err, orgsync.ErrLeaseLost) {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = errors.Join(cause, err)
	}
	return fmt.Errorf("sqlstore: %s: %w", what, err)
}
