package browsertest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// host has one plan, and counts runs.
type host struct {
	plan *orgsync.Plan
	ran  chan struct{}
}

func (h *host) Plan(context.Context, orgsync.RunOptions) (*orgsync.Plan, error) { return h.plan, nil }

func (h *host) Run(context.Context, orgsync.RunOptions) (*orgsync.Report, error) {
	close(h.ran)
	return &orgsync.Report{}, nil
}
func (*host) Runs(context.Context) ([]console.Run, error) { return nil, nil }
func (*host) Report(context.Context, string) (*orgsync.Report, error) {
	return nil, console.ErrNoReport
}
func (*host) State(context.Context) (console.State, error) { return console.State{}, nil }

func hostilePlan() *orgsync.Plan {
	plan := &orgsync.Plan{Tenant: "acme", Targets: []orgsync.TargetPlan{{Name: `t"><script>hit=1</script>`}}}
	for _, text := range []string{
		`<script>hit=1</script>`, `</bdi><img src=x onerror=hit=1>`, `" onmouseover=hit=1 x="`, `<svg/onload=hit=1>`, "abc\u202egnp.exe",
		`<style>*{display:none}</style>`, strings.Repeat("长", 1366), "👩‍👩‍👧‍👦", "a\x00b\x1b[31m", `javascript:hit=1`,
	} {
		plan.Targets[0].Changes = append(plan.Targets[0].Changes,
			orgsync.Change{Op: orgsync.OpAddDepartments, Action: orgsync.Create, Entity: "department", ID: text + "d", Reason: orgsync.ReasonNew},
			orgsync.Change{Op: orgsync.OpRemovePeople, Action: orgsync.Disable, Entity: "person", ID: text, Key: text, Department: text + "d", Reason: orgsync.ReasonLeft})
		plan.Targets[0].Skipped = append(plan.Targets[0].Skipped, orgsync.Note{Entity: "person", ID: text, Reason: text})
	}
	return plan
}

// Hostile ids are text, and do not widen the page.
func TestHostileIDs(t *testing.T) {
	t.Parallel()
	base := serve(t, console.Config{Host: &host{plan: hostilePlan()}})
	b := openTab(t)
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(base))
		shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.getElementById("main").dataset.plan || ""`))
		require.NoError(t, err)
		b.click(`form[action=plan] button`)
		b.until(`(document.getElementById("main")?.dataset.plan || ` + quoted(shown) + `) !== ` + quoted(shown))
		b.sees("<script>hit=1</script>")
		b.sees("</bdi><img src=x onerror=hit=1>")
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("a.fold[aria-expanded=false]").forEach((a) => { a.click(); a.click() })`))
		b.until(`!document.querySelector("a.fold[aria-expanded=false]")`)
		b.until(`document.querySelectorAll("tr.person").length === 10`) // a double click opens once
		b.until(`typeof hit === "undefined"`)
		b.until(`document.querySelectorAll("img, main script, main style").length === 0`)
		b.until(`document.documentElement.scrollWidth <= innerWidth`)
	}
}

// The policy of the page forbids what an injection would need.
func TestPolicy(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	b.sees("No plan yet")
	require.Empty(t, b.heard())
	b.do(chromedp.Evaluate[chromedp.Void](`
		const script = document.createElement("script"); script.textContent = "window.hit = 1"; document.body.append(script);
		const style = document.createElement("style"); style.textContent = "body{display:none}"; document.head.append(style);
		const image = new Image(); image.src = "https://elsewhere.example/x.png"; document.body.append(image);
		const link = document.createElement("a"); link.setAttribute("onclick", "window.hit = 1"); document.body.append(link); link.click();
		const frame = document.createElement("iframe"); frame.src = location.href; document.body.append(frame);
		fetch("https://elsewhere.example/").catch(() => {}); undefined`))
	b.until(`typeof hit === "undefined" && getComputedStyle(document.body).display !== "none"`)
	b.expect("Content Security Policy", "violates", "elsewhere.example", "frame")
}

// Another site, even one of this machine, cannot make the browser decide.
func TestOtherSite(t *testing.T) {
	t.Parallel()
	h := &host{plan: &orgsync.Plan{}, ran: make(chan struct{})}
	base := serve(t, console.Config{Host: h})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<body>other<form method=post action="%s/plan"><button>x</button></form>`, base)
	}))
	t.Cleanup(other.Close)
	b := openTab(t)
	b.do(chromedp.Navigate(other.URL))
	b.click("button")
	b.sees("comes from another site")
	b.expect("403", "favicon")
	b.do(chromedp.Navigate(base))
	b.sees("No plan yet")
	select {
	case <-h.ran:
		require.Fail(t, "it ran")
	default:
	}
}

// A plan in a file needs no server: its style is in it, and is allowed by its policy.
func TestFile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	require.NoError(t, s.box.Do(t.Context(), sandbox.Most))
	plan, err := s.box.Runner().Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plan.html")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, console.WritePlan(file, plan, console.PageOptions{Names: true, Language: "zh"}))
	require.NoError(t, file.Close())
	b := openTab(t)
	b.do(chromedp.Navigate("file://" + path))
	b.sees("护栏有异议")
	b.until(`getComputedStyle(document.querySelector(".guard")).borderTopWidth === "1px"`)
	b.until(`!document.querySelector("a, form, button, script, link")`)
}
