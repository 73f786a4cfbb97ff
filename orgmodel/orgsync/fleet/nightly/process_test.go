//go:build unix

package nightly_test

import (
	"database/sql"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spent is what a round has cost so far: worker processes and the database.
type spent struct {
	cpu    time.Duration // of all workers
	writes int64         // transactions that wrote
	log    int64         // bytes that the database wrote ahead
}

func (s spent) since(before spent) spent {
	return spent{s.cpu - before.cpu, s.writes - before.writes, s.log - before.log}
}

func measure(t *testing.T, db *sql.DB, workers ...int) (now spent) {
	t.Helper()
	const cost = `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
	pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`
	require.NoError(t, db.QueryRowContext(t.Context(), cost).Scan(&now.writes, &now.log))
	for _, pid := range workers {
		now.cpu += cpuOf(pid)
	}
	return now
}

// cpuOf and memoryOf read what Linux says of a process, and are 0 elsewhere.
func cpuOf(pid int) time.Duration {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memoryOf is what a process has in memory now, in MiB.
func memoryOf(pid int) float64 {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			return kib / 1024
		}
	}
	return 0
}
