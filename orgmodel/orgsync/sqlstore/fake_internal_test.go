package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// fakeDB answers the statements of this package as PostgreSQL does, as far as the
// package's own logic goes: whether the statements are right the tests in
// pgtest say.
type fakeDB struct {
	mu    sync.Mutex // held by a transaction from begin to end
	state fakeState

	hook func(query string) error // fails a statement; set before use
	seen map[string]int           // how often a statement ran
}

type fakeState struct {
	version int // 0 while there are no tables
	noRow   bool
	leases  map[string]fakeLease
	entries map[fakeKey][]byte
}

type fakeLease struct {
	owner   string
	fence   int64
	expires time.Time
}

type fakeKey struct{ tenant, bucket, key string }

// codedError is an error of the database as drivers report it.
type codedError string

func (e codedError) Error() string    { return "database: code " + string(e) }
func (e codedError) SQLState() string { return string(e) }

func newFakeDB() *fakeDB {
	return &fakeDB{seen: map[string]int{}, state: fakeState{leases: map[string]fakeLease{}, entries: map[fakeKey][]byte{}}}
}

func (f *fakeDB) open(t testing.TB) *sql.DB {
	db := sql.OpenDB(fakeConnector{f})
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

type fakeConnector struct{ db *fakeDB }

func (c fakeConnector) Connect(context.Context) (driver.Conn, error) { return &fakeConn{db: c.db}, nil }
func (c fakeConnector) Driver() driver.Driver                        { return fakeDriver(c) }

type fakeDriver struct{ db *fakeDB }

func (fakeDriver) Open(string) (driver.Conn, error) { return nil, errors.New("opened by name") }

type fakeConn struct {
	db     *fakeDB
	inTx   bool
	before fakeState
}

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared") }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("not read committed") }
func (c *fakeConn) Close() error                        { return nil }

func (c *fakeConn) BeginTx(_ context.Context, options driver.TxOptions) (driver.Tx, error) {
	if sql.IsolationLevel(options.Isolation) != sql.LevelReadCommitted {
		return c.Begin()
	}
	c.db.mu.Lock()
	c.inTx, c.before = true, c.db.state
	c.before.leases, c.before.entries = maps.Clone(c.before.leases), maps.Clone(c.before.entries)
	return c, nil
}

func (c *fakeConn) Commit() error {
	if err := c.db.fails("COMMIT"); err != nil {
		return errors.Join(err, c.Rollback())
	}
	c.inTx = false
	c.db.mu.Unlock()
	return nil
}

func (c *fakeConn) Rollback() error {
	c.db.state, c.inTx = c.before, false
	c.db.mu.Unlock()
	return nil
}

func (f *fakeDB) fails(query string) error {
	f.seen[query]++
	if f.hook != nil {
		return f.hook(query)
	}
	return nil
}

// run runs a statement and returns its rows.
func (c *fakeConn) run(ctx context.Context, query string, named []driver.NamedValue) ([][]driver.Value, error) {
	if !c.inTx {
		c.db.mu.Lock()
		defer c.db.mu.Unlock()
	}
	if err := c.db.fails(query); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	args := make([]any, len(named))
	for i, v := range named {
		args[i] = v.Value
	}
	return c.db.answer(query, args)
}

func (c *fakeConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return &fakeRows{rows: rows, db: c.db}, nil
}

func (c *fakeConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	rows, err := c.run(ctx, query, args)
	return driver.RowsAffected(len(rows)), err
}

type fakeRows struct {
	db   *fakeDB
	rows [][]driver.Value
}

func (r *fakeRows) Columns() []string { return make([]string, len(r.row())) }
func (r *fakeRows) Close() error      { return nil }

func (r *fakeRows) row() []driver.Value {
	if len(r.rows) == 0 {
		return nil
	}
	return r.rows[0]
}

func (r *fakeRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	if r.db.hook != nil && len(dest) == 3 {
		if err := r.db.hook("ROW"); err != nil {
			return err
		}
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

var one = [][]driver.Value{{int64(1)}}

func (f *fakeDB) answer(query string, args []any) ([][]driver.Value, error) {
	s := &f.state
	switch {
	case query == schemaExists:
		return [][]driver.Value{{s.version > 0}}, nil
	case strings.HasPrefix(query, "INSERT INTO orgsync_schema"):
		s.version = format
		return one, nil
	case query == lockSchema, strings.HasPrefix(query, "CREATE TABLE"), query == limitTransaction:
		return nil, nil
	case s.version == 0:
		return nil, codedError(undefinedTable)
	case query == selectVersion:
		if s.noRow {
			return nil, nil
		}
		return [][]driver.Value{{int64(s.version)}}, nil
	}
	tenant := string(args[0].([]byte))
	lease := s.leases[tenant]
	mine := len(args) > 2 && lease.owner == args[1] && lease.fence == args[2]
	live := lease.expires.After(time.Now())
	switch {
	case query == takeLease:
		if live {
			return nil, nil
		}
		lease = fakeLease{owner: args[1].(string), fence: lease.fence + 1, expires: after(args[2])}
		s.leases[tenant] = lease
		return [][]driver.Value{{lease.fence}}, nil
	case query == renewLease && mine && live:
		lease.expires = after(args[3])
		s.leases[tenant] = lease
		return one, nil
	case query == endLease && mine:
		lease.expires = time.Time{}
		s.leases[tenant] = lease
		return one, nil
	case query == selectPage && mine && live:
		return s.page(tenant, string(args[3].([]byte)), string(args[4].([]byte)), int(args[5].(int64))), nil
	case strings.HasPrefix(query, putEntries):
		return one, s.each(args, 3, func(k fakeKey, v []any) { s.entries[k] = slices.Clone(v[2].([]byte)) })
	case strings.HasPrefix(query, deleteEntries):
		return one, s.each(args, 2, func(k fakeKey, _ []any) { delete(s.entries, k) })
	}
	return nil, nil
}

func after(milliseconds any) time.Time {
	return time.Now().Add(time.Duration(milliseconds.(int64)) * time.Millisecond)
}

func (s *fakeState) each(args []any, n int, do func(k fakeKey, v []any)) error {
	met := map[fakeKey]bool{}
	for v := range slices.Chunk(args[1:], n) {
		k := fakeKey{string(args[0].([]byte)), string(v[0].([]byte)), string(v[1].([]byte))}
		if met[k] {
			return codedError("21000") // "cannot affect row a second time"
		}
		met[k] = true
		do(k, v)
	}
	return nil
}

func (s *fakeState) page(tenant, bucket, from string, limit int) [][]driver.Value {
	var keys []string
	for k := range s.entries {
		if k.tenant == tenant && k.bucket == bucket && k.key >= from {
			keys = append(keys, k.key)
		}
	}
	if len(keys) == 0 {
		return [][]driver.Value{{false, nil, nil}}
	}
	slices.Sort(keys)
	var rows [][]driver.Value
	for _, key := range keys[:min(limit, len(keys))] {
		rows = append(rows, []driver.Value{true, []byte(key), s.entries[fakeKey{tenant, bucket, key}]})
	}
	return rows
}
