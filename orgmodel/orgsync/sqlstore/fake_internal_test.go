package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
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

	rates fakeRates
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
	if c.db.rates.way != nil {
		c.db.rates.way()
	}
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
	if r.db.hook != nil && len(dest) > 1 {
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
	if rows, ok := f.rate(query, args); ok {
		return rows, nil
	}
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
	case query == selectHolder && live:
		return [][]driver.Value{{lease.owner, time.Until(lease.expires).Microseconds()}}, nil
	case query == renewLease && mine && live:
		lease.expires = later(lease.expires, after(args[3]))
		s.leases[tenant] = lease
		return one, nil
	case query == endLease && mine:
		lease.expires = time.Time{}
		s.leases[tenant] = lease
		return one, nil
	case query == selectPage && mine && live:
		return s.page(tenant, string(args[3].([]byte)), string(args[4].([]byte)), int(args[5].(int64))), nil
	case query == selectKeys && mine && live:
		return s.find(tenant, string(args[3].([]byte)), elements(args[4])), nil
	case query == putEntries:
		return one, s.each(args, func(k fakeKey, v []string) { s.entries[k] = []byte(v[2]) })
	case query == deleteEntries:
		return one, s.each(args, func(k fakeKey, _ []string) { delete(s.entries, k) })
	}
	return nil, nil
}

// elements reads the text of an array of bytea.
func elements(array any) []string {
	text := strings.TrimSuffix(strings.TrimPrefix(array.(string), "{"), "}")
	values := []string{}
	for quoted := range strings.SplitSeq(text, ",") {
		if text == "" {
			break
		}
		value, err := hex.DecodeString(strings.TrimSuffix(strings.TrimPrefix(quoted, `"\\x`), `"`))
		if err != nil {
			panic(err)
		}
		values = append(values, string(value))
	}
	return values
}

func (s *fakeState) find(tenant, bucket string, keys []string) [][]driver.Value {
	var rows [][]driver.Value
	for i, key := range keys {
		if value, ok := s.entries[fakeKey{tenant, bucket, key}]; ok {
			rows = append(rows, []driver.Value{int64(i + 1), value})
		}
	}
	if rows == nil {
		return [][]driver.Value{{int64(0), nil}}
	}
	return rows
}

func after(milliseconds any) time.Time {
	return time.Now().Add(time.Duration(milliseconds.(int64)) * time.Millisecond)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *fakeState) each(args []any, do func(k fakeKey, v []string)) error {
	met := map[fakeKey]bool{}
	columns := [][]string{}
	for _, array := range args[1:] {
		columns = append(columns, elements(array))
	}
	for i := range columns[0] {
		var v []string
		for _, column := range columns {
			v = append(v, column[i])
		}
		k := fakeKey{string(args[0].([]byte)), v[0], v[1]}
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
