package browsertest_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/browsertest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// chromium is one browser for all tests.
var chromium = sync.OnceValues(func() (context.Context, error) {
	ctx, _, err := browsertest.Start(context.Background())
	return ctx, err
})

// stage is a sandbox whose targets are filled, and its page.
type stage struct {
	box    *sandbox.Sandbox
	base   string
	player browsertest.Player
}

func newStage(t *testing.T) *stage {
	t.Helper()
	box, err := sandbox.New()
	require.NoError(t, err)
	_, err = box.Runner().Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	base := serve(t, box.Config())
	t.Cleanup(box.Close)
	return &stage{box, base, browsertest.Player{Base: base}}
}

func serve(t *testing.T, config console.Config) string {
	t.Helper()
	page, err := console.New(config)
	require.NoError(t, err)
	server := httptest.NewServer(page)
	t.Cleanup(func() { page.Close(); server.CloseClientConnections(); server.Close() })
	return server.URL
}

// newSlowStage returns a stage on which nothing that the page sets in motion ends before
// the test lets it: each plan and each run takes one from the channel.
func newSlowStage(t *testing.T) (*stage, chan<- struct{}) {
	t.Helper()
	box, err := sandbox.New()
	require.NoError(t, err)
	_, err = box.Runner().Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	gate := make(chan struct{})
	config := box.Config()
	config.Host = slowHost{config.Host, gate}
	base := serve(t, config)
	t.Cleanup(box.Close)
	return &stage{box, base, browsertest.Player{Base: base}}, gate
}

// slowHost holds plans and runs up when all but their end is done.
type slowHost struct {
	console.Host

	gate <-chan struct{}
}

func (h slowHost) Plan(ctx context.Context, options orgsync.RunOptions) (*orgsync.Plan, error) {
	plan, err := h.Host.Plan(ctx, options)
	h.wait(ctx)
	return plan, err
}

func (h slowHost) Run(ctx context.Context, options orgsync.RunOptions) (*orgsync.Report, error) {
	report, err := h.Host.Run(ctx, options)
	h.wait(ctx)
	return report, err
}

func (h slowHost) wait(ctx context.Context) {
	select {
	case <-h.gate:
	case <-ctx.Done():
	}
}

// press makes the sandbox do something, and a plan of it.
func (s *stage) press(t *testing.T, button string) {
	t.Helper()
	require.NoError(t, s.player.Post(t.Context(), "/sandbox", url.Values{"do": {button}}))
}

// runs returns the runs since the first.
func (s *stage) runs(t *testing.T) []console.Run {
	t.Helper()
	runs, err := s.box.Runner().Runs(t.Context())
	require.NoError(t, err)
	return runs[:len(runs)-1]
}

// tab is a tab of the browser. What its console says fails the test, unless it is
// expected.
type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	said []string
}

func openTab(t *testing.T) *tab {
	t.Helper()
	browser, err := chromium()
	require.NoError(t, err, "the tests of the page need a browser")
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx}
	b.do()
	messages := chromedp.Console(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.said = append(b.said, string(m.Type)+": "+m.Text+" "+m.URL)
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		require.Empty(t, b.heard(), "the console of the browser")
	})
	return b
}

// heard returns what the console has said, and forgets it.
func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	b.said = nil
	return said
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if len(steps) == 0 {
		ctx = b.ctx // the first time, which opens the tab
	}
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// until waits until an expression is true, over changes of the page.
func (b *tab) until(expression string) {
	b.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	for {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && is {
			return
		}
		select {
		case <-deadline:
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			require.Fail(b.t, "it never was", "%s (%v)\n%s", expression, err, text)
		case <-ticker.C:
		}
	}
}

// sees waits until the page shows a text.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.until(`document.readyState === "complete" && document.body.innerText.includes(` + quoted(text) + `)`)
}

func (b *tab) text() string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	require.NoError(b.t, err)
	return text
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// expect demands that the console has said something of this kind, and nothing else.
func (b *tab) expect(parts ...string) {
	b.t.Helper()
	said := b.heard()
	for _, line := range said {
		require.True(b.t, slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(line, part) }), line)
	}
	require.NotEmpty(b.t, said)
}
