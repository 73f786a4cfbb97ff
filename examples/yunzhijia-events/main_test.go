package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out))
		assert.Equal(t, `1. Read everyone once
   (start) read 500 people after 0 events
2. 云之家 checks the address
   ok
3. Two people move, one leaves; one event comes twice, one is lost, one is forged
   the forged one is answered with HTTP 403
   (events) read 3 people after 2 events
`, out.String())
	})
}

// open returns a receiver of a simulated team that hands over its readings.
func open(t *testing.T, config trigger.Config) (http.Handler, *trigger.Trigger, *yunzhijiatest.Server, chan reading) {
	t.Helper()
	vendor := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(2, 20))
	t.Cleanup(vendor.Close)
	client := vendor.Client(yunzhijia.WithRetry(1, time.Second))
	readings := make(chan reading, 10)
	r := &receiver{client: client, tell: func(done reading) { readings <- done }}
	handler, runs, err := r.open(yunzhijia.TeamEvents("1", "k"), config, nil)
	require.NoError(t, err)
	return handler, runs, vendor, readings
}

// A reading that fails leaves the cursor, and what was lost on the way is found at night.
func TestAFailedReadingAndALostEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, runs, vendor, readings := open(t, trigger.Config{AtStart: true, Nightly: "02:40", Location: time.UTC})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() { _ = runs.Serve(ctx) }()
		assert.Equal(t, 20, (<-readings).people)

		sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{Handler: handler, EID: "1", Key: "k"})
		vendor.Inject(yunzhijiatest.Refuse(1, "no").On(yunzhijiatest.OpListPersons).Always())
		vendor.Leave("person-00003")
		_, err := sender.Send(ctx, yunzhijia.Event{Type: yunzhijia.EventUserLeave, ID: "person-00003"})
		require.NoError(t, err)
		failed := <-readings
		require.Error(t, failed.err)
		assert.Contains(t, failed.String(), "(events) failed: ")

		vendor.ClearFaults()
		_, err = sender.Send(ctx, yunzhijia.Event{Type: yunzhijia.EventOrgAdmin, ID: "org-0001"})
		require.NoError(t, err)
		assert.Equal(t, 1, (<-readings).people)

		vendor.Leave("person-00004") // and no event comes
		night := <-readings
		assert.Equal(t, trigger.Request{Cause: trigger.Nightly, Full: true}, night.why)
		assert.Equal(t, 20, night.people)
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keyFile := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(keyFile, []byte(" k\n"), 0o600))
	environ := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	_, err := readSettings(environ())
	require.EqualError(t, err, "YUNZHIJIA_EID is required\nYUNZHIJIA_EVENT_KEY is required\nYUNZHIJIA_APP_ID is required\nYUNZHIJIA_APP_SECRET is required")
	require.Equal(t, err, listen(t.Context(), ":0", environ(), t.Output()))

	good := []string{"YUNZHIJIA_EID", "1", "YUNZHIJIA_EVENT_KEY_FILE", keyFile, "YUNZHIJIA_APP_ID", "a", "YUNZHIJIA_APP_SECRET", "s"}
	set, err := readSettings(environ(good...))
	require.NoError(t, err)
	assert.Equal(t, "yunzhijia.EventAccess{eid=1}", set.access.String())
	set, err = readSettings(environ(append(good, "YUNZHIJIA_EVENT_APP_ID", "app1")...))
	require.NoError(t, err)
	assert.Equal(t, "yunzhijia.EventAccess{eid=1 appID=app1}", set.access.String())
	var wrong *net.AddrError
	require.ErrorAs(t, listen(t.Context(), "nowhere", environ(good...), t.Output()), &wrong)

	_, err = readSettings(environ(append(good, "YUNZHIJIA_EVENT_KEY", "k")...))
	require.ErrorContains(t, err, "YUNZHIJIA_EVENT_KEY_FILE is set beside the secret itself")
	_, err = readSettings(environ(append(good, "YUNZHIJIA_APP_SECRET_FILE", dir, "YUNZHIJIA_APP_SECRET", "")...))
	require.Error(t, err)
	good[3] = filepath.Join(dir, "none")
	_, err = readSettings(environ(good...))
	require.EqualError(t, err, "YUNZHIJIA_EVENT_KEY_FILE names a file that cannot be read")
}

// Interrupted, the program answers no more, and ends after the reading under way.
func TestServeEnds(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	handler, runs, _, readings := open(t, trigger.Config{AtStart: true, Quiet: time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, handler, runs) }()
	<-readings
	sender := yunzhijiatest.NewEventSender(yunzhijiatest.EventSenderConfig{
		URL: "http://" + listener.Addr().String() + "/yunzhijia/events", EID: "1", Key: "k", HTTPClient: &http.Client{Transport: new(http.Transport)},
	})
	answer, err := sender.Send(ctx, yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "org-0009"})
	require.NoError(t, err)
	assert.True(t, answer.OK())
	assert.Equal(t, trigger.Events, (<-readings).why.Cause)
	stop()
	require.NoError(t, <-served)
	require.ErrorIs(t, runs.Event(), trigger.ErrStopped)
	_, err = sender.Send(t.Context(), yunzhijia.Event{Type: yunzhijia.EventOrgAdd, ID: "org-0009"})
	require.Error(t, err)
}

func TestServeTellsWhyItCannot(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	handler, runs, _, _ := open(t, trigger.Config{})
	require.ErrorIs(t, serve(t.Context(), listener, handler, runs), net.ErrClosed)
}
