package console_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// fakeHost answers what it is told to, and remembers what it was asked for.
type fakeHost struct {
	mu      sync.Mutex
	plan    *orgsync.Plan
	report  *orgsync.Report
	err     error
	history []console.Run
	state   console.State
	gate    chan struct{} // a run waits for it, if there is one
	planned []orgsync.RunOptions
	ran     []orgsync.RunOptions
}

func (h *fakeHost) Plan(_ context.Context, options orgsync.RunOptions) (*orgsync.Plan, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.planned = append(h.planned, options)
	return h.plan, h.err
}

func (h *fakeHost) Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error) {
	h.mu.Lock()
	h.ran = append(h.ran, options)
	gate, report, err := h.gate, h.report, h.err
	h.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return report, ctx.Err()
		}
	}
	return report, err
}

func (h *fakeHost) Runs(context.Context) ([]console.Run, error) { return h.history, nil }

func (h *fakeHost) Report(_ context.Context, id string) (*orgsync.Report, error) {
	if h.report == nil || id != "1" {
		return nil, console.ErrNoReport
	}
	return h.report, nil
}

func (h *fakeHost) State(context.Context) (console.State, error) { return h.state, nil }

func (h *fakeHost) runs() []orgsync.RunOptions {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]orgsync.RunOptions{}, h.ran...)
}

// client is someone at a page that is served.
type client struct {
	t    *testing.T
	base string
	http *http.Client
	edit func(*http.Request) // of every request
}

func open(t *testing.T, config console.Config) *client {
	t.Helper()
	c, _ := openPage(t, config)
	return c
}

func openPage(t *testing.T, config console.Config) (*client, *console.Console) {
	t.Helper()
	page, err := console.New(config)
	require.NoError(t, err)
	server := httptest.NewServer(page)
	t.Cleanup(func() { page.Close(); server.Close() })
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{t: t, base: server.URL, http: &http.Client{CheckRedirect: stay}}, page
}

// openSandbox opens a page whose targets hold the company.
func openSandbox(t *testing.T, edit func(*console.Config)) (*client, *sandbox.Sandbox) {
	t.Helper()
	box, err := sandbox.New()
	require.NoError(t, err)
	_, err = box.Runner().Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	config := box.Config()
	if edit != nil {
		edit(&config)
	}
	c := open(t, config)
	t.Cleanup(box.Close)
	return c, box
}

func (c *client) do(r *http.Request) (int, string, http.Header) {
	c.t.Helper()
	if c.edit != nil {
		c.edit(r)
	}
	answer, err := c.http.Do(r)
	require.NoError(c.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	require.NoError(c.t, answer.Body.Close())
	return answer.StatusCode, string(text), answer.Header
}

func (c *client) get(path string) (int, string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	require.NoError(c.t, err)
	status, text, _ := c.do(r)
	return status, text
}

// form returns a request that sends a form.
func form(t *testing.T, c *client, path string, fields ...string) *http.Request {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+path, strings.NewReader(values.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (c *client) post(path string, fields ...string) (int, string) {
	c.t.Helper()
	status, text, _ := c.do(form(c.t, c, path, fields...))
	return status, text
}

// idle returns the plan page, once nothing is under way.
func (c *client) idle() string {
	c.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		status, text := c.get("/")
		require.Equal(c.t, http.StatusOK, status, text)
		if !strings.Contains(text, `class="busy"`) {
			return text
		}
		require.True(c.t, time.Now().Before(deadline))
	}
}

// plan makes a plan and returns its id and digest.
func (c *client) plan() (id, digest string) {
	c.t.Helper()
	status, _ := c.post("/plan")
	require.Equal(c.t, http.StatusSeeOther, status)
	text := c.idle()
	return value(c.t, text, "plan"), value(c.t, text, "digest")
}

func value(t *testing.T, text, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text)
	require.NotNil(t, found, "%s is missing in %s", name, text)
	return found[1]
}

func (c *client) decide(id, digest string, verdict console.Verdict) (int, string) {
	c.t.Helper()
	return c.post("/decide", "plan", id, "digest", digest, "verdict", string(verdict), "by", "王岚")
}
