package main

import (
	"bytes"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `1. Read everybody
   2500 new, 0 changed, 0 known already
2. One person is hired, one moves twice, one leaves: read the changes
   1 new, 2 changed, 0 known already
3. Nothing happens: the overlap is read again, which does no harm
   0 new, 0 changed, 3 known already
4. One is promoted while 云之家 is busy: the cursor stays where it is
   getallpersons answered HTTP 429: come back in 10m0s
5. Later: nothing was lost
   0 new, 1 changed, 3 known already
We hold 2501 people; person-00200 is in org-0006
`, out.String())
}

func newMirror(t *testing.T, options ...yunzhijiatest.Option) (*mirror, *yunzhijiatest.Server) {
	vendor := yunzhijiatest.NewServer(append(options, yunzhijiatest.Seed(2, 20))...)
	t.Cleanup(vendor.Close)
	client := vendor.Client()
	state, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = state.Close() })
	return &mirror{client: client, state: state, people: map[string]yunzhijia.Person{}}, vendor
}

func TestAFailedRunLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	m, vendor := newMirror(t)
	_, _, _, err := m.catchUp(t.Context())
	require.NoError(t, err)
	cursor, err := m.state.ReadFile("cursor")
	require.NoError(t, err)

	vendor.Leave("person-00003")
	vendor.Inject(yunzhijiatest.Refuse(1, "no").On(yunzhijiatest.OpListPersons).Always())
	_, _, _, err = m.catchUp(t.Context())
	require.Error(t, err)
	after, err := m.state.ReadFile("cursor")
	require.NoError(t, err)
	assert.Equal(t, cursor, after)
	assert.Equal(t, yunzhijia.StatusActive, m.people["person-00003"].Status)
}

// One of the vendor's servers is late: what it knows is older than the cursor.
func TestTheOverlapFindsWhatCameLate(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	m, vendor := newMirror(t, yunzhijiatest.WithClock(func() time.Time { return time.Now().Add(-time.Duration(late.Load())) }))
	_, _, _, err := m.catchUp(t.Context())
	require.NoError(t, err)
	late.Store(int64(30 * time.Second))
	vendor.Leave("person-00003")
	late.Store(0)
	_, changed, _, err := m.catchUp(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, changed)
	assert.Equal(t, yunzhijia.StatusLeft, m.people["person-00003"].Status)
}

// A run that stored people and could not move the cursor is repeated.
func TestACrashBeforeTheCursorMoves(t *testing.T) {
	t.Parallel()
	m, _ := newMirror(t)
	require.NoError(t, m.state.Mkdir("cursor.new", 0o700)) // in the way of the draft
	added, _, _, err := m.catchUp(t.Context())
	require.Error(t, err)
	assert.Equal(t, 20, added)

	require.NoError(t, m.state.Remove("cursor.new"))
	added, changed, known, err := m.catchUp(t.Context())
	require.NoError(t, err)
	assert.Equal(t, [...]int{0, 0, 20}, [...]int{added, changed, known})
}

func TestACursorFileThatIsNoCursor(t *testing.T) {
	t.Parallel()
	m, vendor := newMirror(t)
	require.NoError(t, m.state.WriteFile("cursor", []byte("yesterday"), 0o600))
	_, _, _, err := m.catchUp(t.Context())
	require.ErrorIs(t, err, yunzhijia.ErrInvalid)
	assert.Zero(t, vendor.Count(""))
}
