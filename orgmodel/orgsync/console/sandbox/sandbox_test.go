package sandbox_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// team is someone at the page.
type team struct {
	t      *testing.T
	server *httptest.Server
}

func (m team) get(path string) string {
	m.t.Helper()
	answer, err := m.server.Client().Get(m.server.URL + path)
	require.NoError(m.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(m.t, err)
	require.NoError(m.t, answer.Body.Close())
	return string(text)
}

// post sends a form, and waits until what it has set in motion has ended.
func (m team) post(path string, fields ...string) string {
	m.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	answer, err := m.server.Client().PostForm(m.server.URL+path, form)
	require.NoError(m.t, err)
	require.NoError(m.t, answer.Body.Close())
	require.Less(m.t, answer.StatusCode, http.StatusBadRequest)
	text := m.get("/")
	for deadline := time.Now().Add(time.Minute); strings.Contains(text, `class="busy"`); text = m.get("/") {
		require.True(m.t, time.Now().Before(deadline))
	}
	return text
}

func (m team) decide(verdict string) string {
	m.t.Helper()
	text := m.get("/")
	value := func(name string) string {
		found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text)
		require.NotNil(m.t, found, "%s in %s", name, text)
		return found[1]
	}
	return m.post("/decide", "plan", value("plan"), "digest", value("digest"), "verdict", verdict, "by", "王岚")
}

// A newcomer fills the targets, sees the guard stop, decides, and sees a vendor that is
// down.
func TestSandbox_twoMinutes(t *testing.T) {
	t.Parallel()
	box, err := sandbox.New()
	require.NoError(t, err)
	defer box.Close()
	config := box.Config()
	config.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	page, err := console.New(config)
	require.NoError(t, err)
	defer page.Close()
	server := httptest.NewServer(page)
	defer server.Close()
	m := team{t, server}

	require.Contains(t, m.get("/"), "No plan yet")
	text := m.post("/plan")
	require.Contains(t, text, "Carry it out")
	require.Contains(t, m.decide("apply"), "outcome done")

	text = m.post("/sandbox", "do", sandbox.Hire)
	require.NotContains(t, text, "The guard objects")
	require.Contains(t, m.decide("apply"), "outcome done")

	require.NotContains(t, m.post("/sandbox", "do", sandbox.Leave), "The guard objects")
	text = m.post("/sandbox", "do", sandbox.Move)
	require.Contains(t, text, `class="chip moved"`)
	text = m.post("/sandbox", "do", sandbox.Most)
	require.Contains(t, text, "The guard objects")
	require.Contains(t, m.decide("approve"), "outcome done")

	require.Contains(t, m.post("/sandbox", "do", sandbox.Down), "Vendor back up")
	m.post("/sandbox", "do", sandbox.Back)
	require.Contains(t, m.decide("apply"), "outcome failed")
	m.post("/sandbox", "do", sandbox.Up)
	require.Contains(t, m.decide("apply"), "outcome done")
	require.Contains(t, m.post("/plan"), "Nothing would change")
	runs := m.get("/runs")
	require.Contains(t, runs, "failed in part")

	require.ErrorContains(t, box.Do(t.Context(), "no such button"), "no such button")
	require.NotNil(t, box.Runner())
}
