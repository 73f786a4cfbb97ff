package console_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// listener reads server-sent events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (c *client) listen(version string) *listener {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+"/live?version="+version, nil)
	require.NoError(c.t, err)
	answer, err := c.http.Do(r)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = answer.Body.Close() })
	require.Equal(c.t, http.StatusOK, answer.StatusCode)
	require.Equal(c.t, "text/event-stream", answer.Header.Get("Content-Type"))
	return &listener{c.t, bufio.NewScanner(answer.Body)}
}

// next returns the kind and the data of the next event, "" at the end.
func (l *listener) next() (kind, data string) {
	l.t.Helper()
	var lines []string
	for l.lines.Scan() && l.lines.Text() != "" {
		name, text, _ := strings.Cut(l.lines.Text(), ":")
		if text = strings.TrimPrefix(text, " "); name == "event" {
			kind = text
		} else {
			lines = append(lines, text)
		}
	}
	return kind, strings.Join(lines, "\n")
}

func version(t *testing.T, text string) string {
	t.Helper()
	_, after, found := strings.Cut(text, `data-version="`)
	require.True(t, found)
	before, _, _ := strings.Cut(after, `"`)
	return before
}

// A page follows a run to its end, and is told that it is out of date.
func TestLive(t *testing.T) {
	t.Parallel()
	var feed console.Feed
	host := &fakeHost{plan: &orgsync.Plan{}, report: &orgsync.Report{}, gate: make(chan struct{})}
	c := open(t, console.Config{Host: host, Feed: &feed})
	id, digest := c.plan()
	before := version(t, c.idle())
	early := c.listen(before) // of someone who looks when it begins
	kind, data := early.next()
	require.Equal(t, "now", kind)
	require.Empty(t, data)

	c.decide(id, digest, console.Apply)
	_, text := c.get("/")
	require.Contains(t, text, `<noscript><meta http-equiv="refresh"`)
	l := c.listen(version(t, text))
	for _, step := range []struct {
		progress orgsync.Progress
		shows    string
	}{
		{orgsync.Progress{Phase: orgsync.PhaseDepartments}, "reading departments"},
		{orgsync.Progress{Phase: orgsync.PhasePeople, Done: 12000}, "12,000"},
		{orgsync.Progress{Phase: orgsync.PhasePlan}, "comparing"},
		{orgsync.Progress{Phase: orgsync.PhasePush, Target: "<care>", Done: 500, Total: 2000}, "&lt;care&gt;</bdi> <b class=\"num\">500 / 2,000"},
		{orgsync.Progress{Phase: orgsync.PhasePush, Target: "other", Done: 1, Total: 2}, "other"},
	} {
		feed.Report(step.progress)
		for {
			kind, data := l.next()
			require.Equal(t, "now", kind)
			if strings.Contains(data, step.shows) {
				break
			}
		}
	}
	close(host.gate)
	for _, each := range []*listener{early, l} {
		for kind != "over" {
			kind, _ = each.next()
			require.NotEmpty(t, kind)
		}
		kind, _ = each.next()
		require.Empty(t, kind, "the stream ends")
	}
	kind, _ = c.listen(before).next()
	require.Equal(t, "over", kind, "a page that is out of date is told at once")
}

// Live pages do not keep a server from ending.
func TestLive_close(t *testing.T) {
	t.Parallel()
	// A run of the host's own is still under way, so that the page is not out of date.
	c, page := openPage(t, console.Config{Host: &fakeHost{state: console.State{Running: true}}})
	l := c.listen("0")
	kind, _ := l.next()
	require.Equal(t, "now", kind)
	page.Close()
	for kind != "" {
		kind, _ = l.next()
	}
}

// Live pages are bounded; more of them work without.
func TestLive_bounded(t *testing.T) {
	t.Parallel()
	c := open(t, console.Config{Host: &fakeHost{}})
	for range 64 {
		c.listen("0").next()
	}
	status, _ := c.get("/live?version=0")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = c.get("/")
	require.Equal(t, http.StatusOK, status)
}
