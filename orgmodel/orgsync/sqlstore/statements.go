package sqlstore

import (
	"encoding/hex"
	"strconv"
)

// format is the version of the tables.
const format = 1

// Statements of CreateSchema. They run in one transaction and under a lock, because
// programs may start together. The check in front spares a program that may not
// create tables.
const (
	lockSchema   = `SELECT pg_advisory_xact_lock(7161087305923164213)`
	schemaExists = `SELECT to_regclass('orgsync_schema') IS NOT NULL`
	ratesExist   = `SELECT to_regclass('orgsync_rates') IS NOT NULL`
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

// rates is a table that format 1 did not have from its beginning. Earlier versions of
// this package do not look at it.
const rates = `CREATE TABLE orgsync_rates (
	vendor bytea NOT NULL,
	app bytea NOT NULL,
	next_at timestamptz NOT NULL DEFAULT to_timestamp(0),
	paused_until timestamptz NOT NULL DEFAULT to_timestamp(0),
	PRIMARY KEY (vendor, app)
)`

const selectVersion = `SELECT version FROM orgsync_schema`

// limitTransaction makes the server give up waiting for a row, and end a
// transaction whose client has stopped: $1 and $2, in milliseconds.
const limitTransaction = `SELECT set_config('lock_timeout', $1::text, true), set_config('idle_in_transaction_session_timeout', $2::text, true)`

// now() is the beginning of a transaction, so that one which waited for a row
// thinks that leases last longer than they do, and takes none too early.
const (
	//
	// ON CONFLICT locks the row whether or not it is then changed. A lease that is held is
	// looked at first, so that those who ask for it do not make its holder's writes wait.
	takeLease = `INSERT INTO orgsync_leases AS l (tenant, owner, fence, expires_at)
SELECT $1, $2, 1, now() + $3::bigint * interval '1 millisecond'
WHERE NOT EXISTS (SELECT 1 FROM orgsync_leases WHERE tenant = $1 AND expires_at > now())
ON CONFLICT (tenant) DO UPDATE SET owner = excluded.owner, fence = l.fence + 1, expires_at = excluded.expires_at
WHERE l.expires_at <= now()
RETURNING fence`

	// Who holds a lease, and for how many microseconds more.
	selectHolder = `SELECT owner, (extract(epoch FROM expires_at - clock_timestamp()) * 1000000)::bigint
FROM orgsync_leases WHERE tenant = $1 AND expires_at > clock_timestamp() AND expires_at < 'infinity'`

	// A transaction that began earlier must not take back what a later one was given.
	renewLease = `UPDATE orgsync_leases SET expires_at = greatest(expires_at, now() + $4::bigint * interval '1 millisecond')
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

	// The same for the keys of an array. A row without a number says that no key was found.
	selectKeys = `SELECT coalesce(f.n, 0), f.value
FROM orgsync_leases l LEFT JOIN LATERAL (
	SELECT k.n, e.value
	FROM unnest($5::text::bytea[]) WITH ORDINALITY AS k (key, n)
	JOIN orgsync_entries e ON e.tenant = l.tenant AND e.bucket = $4 AND e.key = k.key
) f ON true
WHERE l.tenant = $1 AND l.owner = $2 AND l.fence = $3 AND l.expires_at > now()`

	putEntries = `INSERT INTO orgsync_entries (tenant, bucket, key, value)
SELECT $1, n.bucket, n.key, n.value
FROM unnest($2::text::bytea[], $3::text::bytea[], $4::text::bytea[]) AS n (bucket, key, value)
ON CONFLICT (tenant, bucket, key) DO UPDATE SET value = excluded.value`

	deleteEntries = `DELETE FROM orgsync_entries e
USING unnest($2::text::bytea[], $3::text::bytea[]) AS n (bucket, key)
WHERE e.tenant = $1 AND e.bucket = n.bucket AND e.key = n.key`
)

// Statements of a Limiter. Each is a transaction of its own. clock_timestamp() is read
// after the row was locked, unlike now().
const (
	createRate = `INSERT INTO orgsync_rates (vendor, app) VALUES ($1, $2) ON CONFLICT DO NOTHING`

	// $3 is how late a call may be, $4 how long the permits last, both in microseconds.
	// The first permit is due after the time returned, which may be negative.
	reserve = `UPDATE orgsync_rates
SET next_at = greatest(next_at, paused_until, clock_timestamp() - $3::bigint * interval '1 microsecond') + $4::bigint * interval '1 microsecond'
WHERE vendor = $1 AND app = $2
RETURNING (extract(epoch FROM next_at - clock_timestamp()) * 1000000)::bigint - $4::bigint,
	(extract(epoch FROM paused_until - clock_timestamp()) * 1000000)::bigint`

	selectPause = `SELECT (extract(epoch FROM paused_until - clock_timestamp()) * 1000000)::bigint
FROM orgsync_rates WHERE vendor = $1 AND app = $2`

	pause = `UPDATE orgsync_rates SET paused_until = greatest(paused_until, clock_timestamp() + $3::bigint * interval '1 microsecond')
WHERE vendor = $1 AND app = $2`
)

// byteaArray writes values as the text of an array of bytea. A string is the one form
// of an array that every driver takes without knowing the type.
func byteaArray[T any, V string | []byte](elements []T, value func(T) V) string {
	size := 2
	for _, e := range elements {
		size += len(`"\\x",`) + 2*len(value(e))
	}
	text := append(make([]byte, 0, size), '{')
	for i, e := range elements {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, `"\\x`...)
		text = hex.AppendEncode(text, []byte(value(e)))
		text = append(text, '"')
	}
	return string(append(text, '}'))
}
