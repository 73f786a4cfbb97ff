package sqlstore

import (
	"strconv"
	"strings"
)

// format is the version of the tables.
const format = 1

// Statements of CreateSchema. They run in one transaction and under a lock, because
// programs may start together. The check in front spares a program that may not
// create tables.
const (
	lockSchema   = `SELECT pg_advisory_xact_lock(7161087305923164213)`
	schemaExists = `SELECT to_regclass('orgsync_schema') IS NOT NULL`
)

var schema = []string{
	`CREATE TABLE orgsync_schema (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	version integer NOT NULL
)`,
	`CREATE TABLE orgsync_leases (
	tenant bytea PRIMARY KEY,
	owner text NOT NULL,
	fence bigint NOT NULL,
	expires_at timestamptz NOT NULL
)`,
	`CREATE TABLE orgsync_entries (
	tenant bytea NOT NULL,
	bucket bytea NOT NULL,
	key bytea NOT NULL,
	value bytea NOT NULL,
	PRIMARY KEY (tenant, bucket, key)
)`,
	`INSERT INTO orgsync_schema (version) VALUES (` + strconv.Itoa(format) + `)`,
}

const selectVersion = `SELECT version FROM orgsync_schema`

// limitTransaction makes the server give up waiting for a row, and end a
// transaction whose client has stopped: $1 and $2, in milliseconds.
const limitTransaction = `SELECT set_config('lock_timeout', $1::text, true), set_config('idle_in_transaction_session_timeout', $2::text, true)`

// now() is the beginning of a transaction, so that one which waited for a row
// thinks that leases last longer than they do, and takes none too early.
const (
	takeLease = `INSERT INTO orgsync_leases AS l (tenant, owner, fence, expires_at)
VALUES ($1, $2, 1, now() + $3::bigint * interval '1 millisecond')
ON CONFLICT (tenant) DO UPDATE SET owner = excluded.owner, fence = l.fence + 1, expires_at = excluded.expires_at
WHERE l.expires_at <= now()
RETURNING fence`

	renewLease = `UPDATE orgsync_leases SET expires_at = now() + $4::bigint * interval '1 millisecond'
WHERE tenant = $1 AND owner = $2 AND fence = $3 AND expires_at > now()`

	// The row stays, for its number.
	endLease = `UPDATE orgsync_leases SET expires_at = '-infinity' WHERE tenant = $1 AND owner = $2 AND fence = $3`

	// One statement sees the lease and the entries at one moment: no row means that
	// the lease is lost, and a row without a key that there is no entry.
	selectPage = `SELECT e.key IS NOT NULL, e.key, e.value
FROM orgsync_leases l LEFT JOIN LATERAL (
	SELECT key, value FROM orgsync_entries
	WHERE tenant = l.tenant AND bucket = $4 AND key >= $5
	ORDER BY key LIMIT $6
) e ON true
WHERE l.tenant = $1 AND l.owner = $2 AND l.fence = $3 AND l.expires_at > now()
ORDER BY e.key`

	putEntries = `INSERT INTO orgsync_entries (tenant, bucket, key, value) VALUES `
	onConflict = ` ON CONFLICT (tenant, bucket, key) DO UPDATE SET value = excluded.value`

	deleteEntries = `DELETE FROM orgsync_entries WHERE tenant = $1 AND (bucket, key) IN (`
)

// putStatement puts n entries; its parameters are the tenant, and bucket, key and value
// of each.
func putStatement(n int) string {
	var b strings.Builder
	b.WriteString(putEntries)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("($1")
		parameters(&b, 2+3*i, 3)
	}
	return b.String() + onConflict
}

// deleteStatement deletes n entries; its parameters are the tenant, and bucket and
// key of each.
func deleteStatement(n int) string {
	var b strings.Builder
	b.WriteString(deleteEntries)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("($" + strconv.Itoa(2+2*i) + "::bytea")
		parameters(&b, 3+2*i, 1)
	}
	return b.String() + ")"
}

// parameters goes on with n parameters and closes the parenthesis.
func parameters(b *strings.Builder, from, n int) {
	for i := range n {
		b.WriteString(",$" + strconv.Itoa(from+i) + "::bytea")
	}
	b.WriteByte(')')
}
