package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

const (
	// alarmsSuffix is appended to the path of the state to get that of the file in which the
	// alarms that were sent are noted.
	alarmsSuffix = ".alarms"
	// alarmTime bounds what follows a run. A robot that is asked too often may want a minute.
	alarmTime = 2 * time.Minute
)

// alarmSettings are who is told of runs.
type alarmSettings struct {
	notifier  *notify.Notifier
	heartbeat *notify.Heartbeat
}

func (e *environment) alarms(logger *slog.Logger) (set alarmSettings) {
	if address := e.value(notifyVariable); address != "" {
		var err error
		set.notifier, err = notify.New(address, e.value(notifySecretVariable), notify.WithLogger(logger))
		e.checkAlarm(err, notifyVariable)
	} else if e.value(notifySecretVariable) != "" {
		e.refuse(notifySecretVariable, "is set without "+notifyVariable)
	}
	if address := e.value(heartbeatVariable); address != "" {
		var err error
		set.heartbeat, err = notify.NewHeartbeat(address, notify.WithLogger(logger))
		e.checkAlarm(err, heartbeatVariable)
	}
	return set
}

func (e *environment) checkAlarm(err error, variable string) {
	e.check(err, map[string]string{"URL": variable, "Secret": notifySecretVariable})
}

// open returns the alarms of a state. What was sent is noted beside it, so that the same
// alarm does not come with every run; a path of "" notes it in memory.
func (a alarmSettings) open(path string) *notify.Alarms {
	config := notify.AlarmsConfig{Notifier: a.notifier, Heartbeat: a.heartbeat}
	if path != "" && a.notifier != nil {
		path += alarmsSuffix
		if text, err := os.ReadFile(path); err == nil { //nolint:gosec // the path is the user's own
			_ = json.Unmarshal(text, &config.State) // without it, an alarm is sent once more
		}
		config.Save = func(state notify.State) error { return replaceFile(path, state) }
	}
	return notify.NewAlarms(config)
}

// alarm tells those who want to know how a run ended. What becomes of that does not change
// how the run ended.
func alarm(ctx context.Context, alarms *notify.Alarms, con *terminal, run notify.Run) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), alarmTime)
	defer cancel()
	if err := alarms.After(ctx, run); err != nil {
		con.warn(ctx, "an alarm or heartbeat was not delivered: "+withoutPath(err).Error())
	}
}

// replaceFile writes a value as JSON in the place of a file, which only this user can read.
func replaceFile(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, text) { //nolint:gosec // the path is the user's own
		return nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
