package notify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func runOf(exit int, err error) notify.Run {
	return notify.Run{Report: &orgsync.Report{Tenant: "10000001"}, Err: err, Exit: exit}
}

func sourceDown() notify.Run {
	return runOf(1, &orgsync.SourceError{Source: "yunzhijia", Err: &yunzhijia.Error{HTTPStatus: 503}})
}

func targetFails(n int) notify.Run {
	return runOf(1, errors.Join(&orgsync.TargetError{Target: "tuzhan", Failed: n}))
}

func guarded(digest string) notify.Run {
	return runOf(3, &orgsync.GuardError{
		Violations: []orgsync.Violation{{Kind: orgsync.KindPeople, Target: "tuzhan", Planned: 60, Of: 400, Allowed: 20}}, Digest: digest,
	})
}

var start = time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)

// step is a run, or a look if it has none, that long after the beginning.
type step struct {
	at   time.Duration
	run  notify.Run
	want notify.Event // "" for no message
}

func good() notify.Run { return runOf(0, nil) }

func TestWhenAlarmsAreSent(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	look := notify.Run{}
	dry := good()
	dry.Report.DryRun = true
	failedDry := runOf(1, errors.New("x"))
	failedDry.Report.DryRun = true
	for name, steps := range map[string][]step{
		"all is well":       {{0, good(), ""}, {h, good(), ""}, {2 * h, look, ""}},
		"first, then daily": {{0, sourceDown(), notify.Failed}, {h, sourceDown(), ""}, {23 * h, sourceDown(), ""}, {24 * h, sourceDown(), notify.Failed}, {25 * h, sourceDown(), ""}, {48 * h, sourceDown(), notify.Failed}},
		"recovered once":    {{0, sourceDown(), notify.Failed}, {h, good(), notify.Recovered}, {2 * h, good(), ""}},
		"fails again":       {{0, sourceDown(), notify.Failed}, {h, good(), notify.Recovered}, {2 * h, sourceDown(), notify.Failed}},
		"counts are no new alarm, other trouble is": {
			{0, targetFails(3), notify.Failed}, {h, targetFails(4), ""}, {2 * h, sourceDown(), notify.Failed}, {3 * h, targetFails(3), ""},
			{4 * h, sourceDown(), ""}, {24 * h, targetFails(3), notify.Failed}, {25 * h, sourceDown(), ""}, {26 * h, sourceDown(), notify.Failed},
		},
		"a guard stop, another one, an approval": {
			{0, guarded("aa"), notify.Stopped}, {h, guarded("aa"), ""}, {2 * h, guarded("bb"), notify.Stopped}, {3 * h, good(), notify.Recovered},
		},
		"a lock, an interrupt and a dry run are nothing": {
			{0, sourceDown(), notify.Failed}, {h, runOf(4, orgsync.ErrLocked), ""}, {h, runOf(130, nil), ""}, {h, dry, ""}, {h, failedDry, ""},
			{2 * h, good(), notify.Recovered},
		},
		"locked for too long": {
			{0, good(), ""}, {23 * h, runOf(4, orgsync.ErrLocked), ""}, {24 * h, runOf(4, orgsync.ErrLocked), notify.Stale}, {47 * h, look, ""},
			{48 * h, look, notify.Stale}, {49 * h, good(), notify.Recovered}, {50 * h, look, ""},
		},
		"no run at all":    {{0, good(), ""}, {25 * h, look, notify.Stale}, {26 * h, look, ""}, {30 * h, good(), notify.Recovered}},
		"never a good one": {{0, look, ""}, {23 * h, look, ""}, {24 * h, look, notify.Stale}},
		"a failure is enough": {
			{0, good(), ""}, {h, sourceDown(), notify.Failed}, {24 * h, look, ""}, {26 * h, look, ""}, {27 * h, sourceDown(), notify.Failed},
		},
		"stale, then failed":  {{0, good(), ""}, {24 * h, look, notify.Stale}, {25 * h, sourceDown(), notify.Failed}, {26 * h, look, ""}, {27 * h, good(), notify.Recovered}},
		"the clock went back": {{0, sourceDown(), notify.Failed}, {-h, sourceDown(), notify.Failed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var state notify.State
			for i, s := range steps {
				// What is stored between processes is all that counts.
				stored, err := json.Marshal(state)
				require.NoError(t, err)
				state = notify.State{}
				require.NoError(t, json.Unmarshal(stored, &state))
				before := fmt.Sprintf("%+v", state)

				var next notify.State
				var m *notify.Message
				if s.run.Report == nil {
					next, m = state.Look(notify.Policy{}, start.Add(s.at))
				} else {
					next, m = state.Next(s.run, notify.Policy{}, start.Add(s.at))
				}
				assert.Equal(t, before, fmt.Sprintf("%+v", state), "step %d changed the old state", i)
				state = next
				got := notify.Event("")
				if m != nil {
					got = m.Event
					assert.Equal(t, "10000001", cmpOr(m.Tenant, s.run.Report == nil))
				}
				assert.Equal(t, s.want, got, "step %d at %s", i, s.at)
			}
		})
	}
}

// cmpOr lets a message without a tenant pass if there was no run before it.
func cmpOr(tenant string, looked bool) string {
	if tenant == "" && looked {
		return "10000001"
	}
	return tenant
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	policy := notify.Policy{Stale: -1, Repeat: time.Hour}
	state, m := notify.State{}.Next(sourceDown(), policy, start)
	require.NotNil(t, m)
	state, m = state.Next(sourceDown(), policy, start.Add(30*time.Minute))
	assert.Nil(t, m)
	_, m = state.Next(sourceDown(), policy, start.Add(time.Hour))
	require.NotNil(t, m)
	assert.Equal(t, start, m.Since)
	assert.Equal(t, 2, m.Repeated)

	state, _ = notify.State{}.Next(good(), policy, start)
	_, m = state.Look(policy, start.Add(1000*time.Hour))
	assert.Nil(t, m, "staleness was turned off")
}

// Trouble that is different each time does not make the state grow without end.
func TestTheStateIsBounded(t *testing.T) {
	t.Parallel()
	var state notify.State
	for i := range 200 {
		var m *notify.Message
		state, m = state.Next(guarded(strconv.Itoa(i)), notify.Policy{}, start.Add(time.Duration(i)*time.Minute))
		assert.NotNil(t, m)
	}
	assert.Len(t, state.Sent, 64)
	assert.Equal(t, 200, state.Bad)
}

func TestWhatMessagesSay(t *testing.T) {
	t.Parallel()
	state, m := notify.State{}.Next(guarded("d1"), notify.Policy{}, start)
	require.NotNil(t, m)
	assert.Equal(t, "d1", m.Digest)
	assert.Equal(t, "Org sync needs a decision: tuzhan: people removed: 60 of 400, 20 allowed", m.Summary)
	state, m = state.Next(guarded("d1"), notify.Policy{}, start.Add(30*time.Hour))
	require.NotNil(t, m)
	assert.Equal(t, 1, m.Repeated)
	assert.Equal(t, start, m.Since)
	state, m = state.Next(good(), notify.Policy{}, start.Add(31*time.Hour))
	require.NotNil(t, m)
	assert.Equal(t, start, m.Since)
	assert.Empty(t, m.Digest)
	assert.Equal(t, notify.State{Began: start, LastGood: start.Add(31 * time.Hour), Tenant: "10000001"}, state)
	_, m = state.Look(notify.Policy{}, start.Add(60*time.Hour))
	require.NotNil(t, m)
	assert.Equal(t, state.LastGood, m.LastGood)
}
