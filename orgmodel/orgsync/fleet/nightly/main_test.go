//go:build unix

package nightly_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/temporaltest"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/sqlstore"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// serverDSN is where the one PostgreSQL server of the tests is; TestMain sets it.
var serverDSN string

func TestMain(m *testing.M) {
	if os.Getenv(envServer) != "" {
		os.Exit(runWorker())
	}
	s, err := startServer(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "nightly:", err)
		os.Exit(1)
	}
	serverDSN = s.dsn()
	code := m.Run()
	if err := s.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "nightly:", err)
	}
	os.Exit(code)
}

// database returns a pool on an empty schema with the store's tables, and its address.
func database(t *testing.T) (*sql.DB, string) {
	t.Helper()
	admin, err := sql.Open("pgx", serverDSN)
	require.NoError(t, err)
	defer admin.Close()
	name := "s_" + strings.ToLower(rand.Text())
	_, err = admin.ExecContext(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	dsn := serverDSN + " search_path=" + name
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	store, err := sqlstore.New(db)
	require.NoError(t, err)
	require.NoError(t, store.CreateSchema(t.Context()))
	return db, dsn
}

// world is a company at simulators, a Temporal server and a database.
type world struct {
	source   *yunzhijiatest.Server
	target   *tuzhantest.Server
	temporal *temporaltest.TestServer
	client   client.Client
	dsn      string
}

func newWorld(t *testing.T, orgs, people int) *world {
	t.Helper()
	w := &world{
		source: yunzhijiatest.NewServer(yunzhijiatest.Seed(orgs, people), yunzhijiatest.WithContacts()),
		target: tuzhantest.NewServer(), temporal: temporaltest.NewServer(temporaltest.WithT(t)),
	}
	t.Cleanup(func() { w.source.Close(); w.target.Close() })
	_, w.dsn = database(t)
	w.client = w.temporal.GetDefaultClient()
	return w
}

// worker starts a worker process.
func (w *world) worker(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	return startWorker(t, w.temporal,
		envName+"="+name, envDSN+"="+w.dsn, envSource+"="+w.source.URL(), envTarget+"="+w.target.URL())
}

func startWorker(t *testing.T, temporal *temporaltest.TestServer, environment ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), envServer+"="+temporal.GetFrontendHostPort(), envNamespace+"="+temporal.GetDefaultNamespace())
	c.Env = append(c.Env, environment...)
	c.Stderr = os.Stderr
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

func (w *world) start(t *testing.T, r fleet.Request) client.WorkflowRun {
	t.Helper()
	run, err := w.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "run/" + rand.Text(), TaskQueue: fleet.TaskQueue,
	}, "orgsync.Sync", r)
	require.NoError(t, err)
	return run
}

func (w *world) run(t *testing.T, r fleet.Request) fleet.Result {
	t.Helper()
	var result fleet.Result
	require.NoError(t, w.start(t, r).Get(t.Context(), &result))
	return result
}
