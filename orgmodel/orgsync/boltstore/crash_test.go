package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

// childFile tells the test binary to be the process that is killed: it names the
// file to write to.
const childFile = "BOLTSTORE_TEST_CHILD_FILE"

// childConverts tells it to write one entry to a file of format 1.
const childConverts = "BOLTSTORE_TEST_CHILD_CONVERTS"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// records is how many entries one write changes together.
const records = 60

// writeUntilKilled writes one generation after the other, and prints the number of each
// that was acknowledged.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	store, err := boltstore.Open(path)
	if err != nil {
		return err
	}
	lease, err := store.Lock(ctx, "t")
	if err != nil {
		return err
	}
	if os.Getenv(childConverts) != "" {
		return lease.Write(ctx, entry("new", "new"))
	}
	generation, err := readGeneration(ctx, lease)
	for err == nil {
		generation++
		entries := []orgsync.Entry{entry("generation", strconv.Itoa(generation))}
		for i := range records {
			e := entry(strconv.Itoa(i), strconv.Itoa(generation))
			if (generation+i)%7 == 0 {
				e.Value = nil
			}
			entries = append(entries, e)
		}
		if err = lease.Write(ctx, entries...); err == nil {
			fmt.Println(generation)
		}
	}
	return err
}

var errMixed = errors.New("the state is not that of one write")

func readGeneration(ctx context.Context, lease orgsync.Lease) (int, error) {
	held, err := contents(ctx, lease, "b")
	if err != nil || len(held) == 0 {
		return 0, err
	}
	generation, _ := strconv.Atoi(held["generation"])
	for i := range records {
		value, ok := held[strconv.Itoa(i)]
		if gone := (generation+i)%7 == 0; gone == ok || ok && value != held["generation"] {
			return 0, errMixed
		}
	}
	return generation, nil
}

// start runs a child; the returned reader yields what it acknowledged.
func start(t testing.TB, path string, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(append(os.Environ(), childFile+"="+path), env...)
	child.Stderr = io.Discard
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	return child, bufio.NewScanner(out)
}

func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	acknowledged := 0
	for round := range 20 {
		child, acks := start(t, path)
		for range rand.IntN(12) {
			if acks.Scan() {
				acknowledged, _ = strconv.Atoi(acks.Text())
			}
		}
		// Somewhere within a write, or even before the first.
		<-time.After(rand.N(4 * time.Millisecond))
		require.NoError(t, child.Process.Kill())
		for acks.Scan() {
			acknowledged, _ = strconv.Atoi(acks.Text())
		}
		_ = child.Wait()

		if info, err := os.Stat(path); err == nil && info.Size() > 0 && round%2 == 1 {
			// As if it was between a transaction and the sum of its list of free pages.
			edit(t, path, func(*bolt.Tx) error { return nil })
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.False(t, hasSum(data))
		}
		store, err := boltstore.Open(path)
		require.NoError(t, err, "round %d", round)
		lease := lock(t, store, "t")
		generation, err := readGeneration(t.Context(), lease)
		require.NoError(t, err, "round %d", round)
		assert.Contains(t, []int{acknowledged, acknowledged + 1}, generation, "round %d", round)
		acknowledged = generation
		require.NoError(t, lease.(orgsync.Verifier).Verify(t.Context()), "round %d", round)
		require.NoError(t, store.Close())
	}
	assert.Positive(t, acknowledged)
}

func TestAnotherProcessHoldsTheFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	child, acks := start(t, path)
	require.True(t, acks.Scan())

	begin := time.Now()
	_, err := store.Lock(t.Context(), "t")
	require.ErrorIs(t, err, orgsync.ErrLocked)
	assert.Less(t, time.Since(begin), 2*time.Second)
	other, err := boltstore.Open(path)
	require.NoError(t, err)
	require.NoError(t, other.Close())

	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	lock(t, store, "t")
}
