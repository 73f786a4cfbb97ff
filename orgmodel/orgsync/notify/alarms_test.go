package notify_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

func TestAlarms(t *testing.T) {
	t.Parallel()
	robot, beats := answering(success(notify.WeCom)), answering(reply{status: 200, body: "OK"})
	heartbeat, err := notify.NewHeartbeat("https://hc.example.com/u1", beats.option())
	require.NoError(t, err)
	var saved notify.State
	now := start
	config := notify.AlarmsConfig{
		Notifier: newNotifier(t, wecomURL+"k1", "", robot.option()), Heartbeat: heartbeat,
		Save: func(s notify.State) error { saved = s; return nil }, Now: func() time.Time { return now },
	}
	alarms := notify.NewAlarms(config)
	require.NoError(t, alarms.After(t.Context(), good()))
	assert.Len(t, beats.got, 1)
	assert.Empty(t, robot.got)
	dry := good()
	dry.Report.DryRun = true
	require.NoError(t, alarms.After(t.Context(), dry))
	assert.Len(t, beats.got, 1, "a dry run is no sign of life")

	require.NoError(t, alarms.After(t.Context(), sourceDown()))
	require.Len(t, robot.got, 1)
	assert.Len(t, beats.got, 1)
	assert.Equal(t, saved, alarms.State())

	// Another process goes on with what was saved.
	config.State = saved
	alarms = notify.NewAlarms(config)
	require.NoError(t, alarms.After(t.Context(), sourceDown()))
	require.Len(t, robot.got, 1)
	require.NoError(t, alarms.After(t.Context(), good()))
	require.Len(t, robot.got, 2)
	assert.Contains(t, textOf(t, notify.WeCom, robot.got[1].body), "已恢复")
	now = now.Add(25 * time.Hour)
	require.NoError(t, alarms.Look(t.Context()))
	require.Len(t, robot.got, 3)
	assert.Contains(t, textOf(t, notify.WeCom, robot.got[2].body), "10000001")
}

// What could not be delivered is made again, and nothing that happened is forgotten.
func TestAlarmsThatAreNotDelivered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := reply{status: 200, body: `{"errcode":93000}`}
		robot := answering(gone, gone, success(notify.WeCom), gone, success(notify.WeCom))
		alarms := notify.NewAlarms(notify.AlarmsConfig{Notifier: newNotifier(t, wecomURL+"k1", "", robot.option())})
		begin := time.Now()
		after := func(r notify.Run) error {
			<-time.NewTimer(time.Minute).C
			return alarms.After(t.Context(), r)
		}
		for range 2 {
			failed, ok := errors.AsType[*notify.Error](after(sourceDown()))
			require.True(t, ok)
			assert.Equal(t, "93000", failed.Code)
		}
		require.NoError(t, after(sourceDown()))
		assert.Len(t, robot.got, 3)
		require.NoError(t, after(sourceDown()))
		assert.Len(t, robot.got, 3)
		assert.Equal(t, 4, alarms.State().Bad)
		assert.Equal(t, begin.Add(time.Minute), alarms.State().Since)

		require.Error(t, after(good()))
		assert.Equal(t, begin.Add(5*time.Minute), alarms.State().LastGood)
		require.NoError(t, after(good()))
		assert.Len(t, robot.got, 5)
		assert.Contains(t, textOf(t, notify.WeCom, robot.got[4].body), "已恢复")
		require.NoError(t, after(good()))
		assert.Len(t, robot.got, 5)
	})
}

func TestAlarmsWithoutAnyone(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	alarms := notify.NewAlarms(notify.AlarmsConfig{Save: func(notify.State) error { return full }})
	require.ErrorIs(t, alarms.After(t.Context(), runOf(1, orgsync.ErrCorrupt)), full)
	assert.Equal(t, 1, alarms.State().Bad)
	require.NoError(t, notify.NewAlarms(notify.AlarmsConfig{}).After(t.Context(), good()))
}
