package browsertest_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"context"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

// Someone sees the plan and what the guard objects to, opens a branch, approves, and sees
// the result without touching anything.
func TestApprove(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	b.sees("No plan yet")
	b.click(`form[action=sandbox] button[value=most]`)
	b.sees("The guard objects")
	b.sees("people removed")
	b.sees("Approve and carry out")

	before := b.text()
	b.click(`a.fold[aria-expanded=false]`)
	b.until(`document.querySelectorAll("a.fold.open").length === 2`)
	require.Greater(t, len(b.text()), len(before), "the branch was opened in place")
	b.click(`a.fold.open[data-branch*="depth=1"]`)
	b.until(`document.querySelectorAll("a.fold.open").length === 1`)
	require.Equal(t, before, b.text(), "and closed")

	b.do(chromedp.SendKeys(chromedp.CSS(`#by`), "王岚"))
	b.click(`button[value=approve]`)
	b.sees("Approved · 王岚")
	b.sees("To the report")
	require.Contains(t, b.text(), "done")
	b.click(`a[href^="run?id="]`)
	b.sees("Report")
	b.sees("removed")
	require.Len(t, s.runs(t), 1)
	require.Equal(t, console.Done, s.runs(t)[0].Outcome)
}

func TestReject(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	b.click(`button[value=reject]`)
	b.sees("Nothing was sent")
	require.Empty(t, s.runs(t))
}

// Two clicks are one decision.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base), chromedp.DoubleClick(chromedp.CSS(`button[value=approve]`)))
	b.sees("To the report")
	require.Len(t, s.runs(t), 1)
}

// A tab that was left open does not decide about what it does not show.
func TestSecondTab(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	old := openTab(t)
	old.do(chromedp.Navigate(s.base))
	s.press(t, sandbox.Leave)
	old.click(`button[value=approve]`)
	old.sees("Not carried out")
	old.sees("not the newest plan")
	old.sees("the guard objects to more")
	require.Empty(t, s.runs(t))
	old.expect("409")
	old.click(`a.button`)
	old.sees("The guard objects")
}

// A tab without a plan shows the first one by itself.
func TestLiveTab(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	b.sees("No plan yet")
	s.press(t, sandbox.Most)
	b.sees("The guard objects")
}

// Everything can be done by keyboard.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	to := func(selector string) {
		t.Helper()
		for range 2000 {
			b.do(chromedp.KeyEvent(kb.Tab))
			is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.activeElement.matches(`+quoted(selector)+`)`))
			require.NoError(t, err)
			if is {
				seen, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
				require.NoError(t, err)
				require.NotEqual(t, "none", seen, "one sees where one is")
				return
			}
		}
		require.Fail(t, "the keyboard never comes to "+selector)
	}
	to("a.skip")
	b.do(chromedp.KeyEvent(kb.Enter))
	to("a.fold[aria-expanded=false]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll("a.fold.open").length === 2`)
	to("#by")
	b.do(chromedp.KeyEvent("wang"))
	to("button[value=approve]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.sees("Approved · wang")
	b.sees("To the report")
	require.Len(t, s.runs(t), 1)
}

// Without scripts, everything works that works with them.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := openTab(t)
	b.do(scripts(false), chromedp.Navigate(s.base))
	b.click(`form[action=sandbox] button[value=most]`)
	b.sees("The guard objects") // by the refresh, if it took a while
	b.click(`a.fold[aria-expanded=false]`)
	b.until(`document.querySelectorAll("a.fold.open").length === 2`)
	b.click(`form.lang button`)
	b.sees("护栏有异议")
	b.click(`button[value=approve]`)
	b.sees("查看报告")
	require.Len(t, s.runs(t), 1)
}

// scripts switches the scripts of pages on or off.
func scripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}
