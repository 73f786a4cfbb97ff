package main

import (
	"cmp"
	"net"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	defaultListen = "127.0.0.1:8080"
	defaultEvery  = 15 * time.Minute
	minEvery      = time.Minute
	// eventsPath is where 云之家 sends its events.
	eventsPath = "/yunzhijia/events"

	eventKeyVariable = "YUNZHIJIA_EVENT_KEY"
	eventAppVariable = "YUNZHIJIA_EVENT_APP_ID"
)

// serveSettings are those of the page, the schedule and the events.
type serveSettings struct {
	listen         string
	every          time.Duration
	user, password string
	events         []yunzhijia.EventAccess
}

func (e *environment) serve() serveSettings {
	set := serveSettings{
		listen: cmp.Or(e.value(listenVariable), defaultListen), every: defaultEvery,
		user: e.value(pageUserVariable), password: e.value(pagePasswordVariable),
	}
	host, _, err := net.SplitHostPort(set.listen)
	switch {
	case err != nil:
		e.refuse(listenVariable, "is not an address like "+defaultListen)
	case !isLoopback(host) && set.password == "":
		e.refuse(pagePasswordVariable, "is required: "+listenVariable+" is for other machines too")
	}
	switch {
	case set.password != "":
		set.user = cmp.Or(set.user, "admin")
	case set.user != "":
		e.refuse(pagePasswordVariable, "is required: "+pageUserVariable+" is set")
	}
	if text := e.value(everyVariable); text != "" {
		if set.every, err = time.ParseDuration(text); err != nil || set.every < minEvery {
			e.refuse(everyVariable, "is not a time of a minute or more, like 15m")
		}
	}
	key, app, team := e.value(eventKeyVariable), e.value(eventAppVariable), e.value("YUNZHIJIA_EID")
	switch {
	case key == "" && app != "":
		e.refuse(eventKeyVariable, "is required: "+eventAppVariable+" is set")
	case key != "" && app != "":
		set.events = append(set.events, yunzhijia.AppEvents(team, app, key))
	case key != "":
		set.events = append(set.events, yunzhijia.TeamEvents(team, key))
	}
	return set
}

// isLoopback reports whether no other machine can reach an address of this host.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
