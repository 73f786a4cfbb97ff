package browsertest_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

const openBranches = `document.querySelectorAll("a.fold.open").length`

// Branches that a person opens while a run is under way stay open when it ends, and so
// does all else that they have in hand: the page takes over what has changed.
func TestBranchStaysOpenWhenARunEnds(t *testing.T) {
	t.Parallel()
	s, gate := newSlowStage(t)
	b := openTab(t)
	b.do(chromedp.EmulateViewport(1280, 500), chromedp.Navigate(s.base))
	b.click(`form[action=sandbox] button[value=most]`)
	b.sees("Making a plan")
	gate <- struct{}{}
	b.sees("The guard objects") // the person waits for this plan: it comes by itself
	b.click(`form.again button`)
	b.sees("Making a plan")
	b.do(chromedp.SendKeys(chromedp.CSS(`#by`), "王岚"))
	gate <- struct{}{}
	b.until(`!document.querySelector("#live .busy") && !document.querySelector("button[value=approve]").disabled`)
	b.until(`document.activeElement.id === "by" && document.activeElement.value === "王岚"`)

	b.click(`button[value=approve]`)
	b.sees("It is being carried out.")
	b.do(chromedp.Evaluate[chromedp.Void](`window.same = "page"; undefined`))
	b.click(`a.fold[aria-expanded=false]`)
	b.until(openBranches + ` === 2`)
	b.click(`tr[data-depth="2"] a.fold[aria-expanded=false]`)
	b.until(openBranches + ` === 3`)
	b.do(chromedp.Evaluate[chromedp.Void](`
		document.activeElement.dataset.mine = "yes";
		document.querySelector("a.fold[data-mine]").scrollIntoView({ block: "center" }); undefined`))
	at := `document.querySelector("a.fold[data-mine]").getBoundingClientRect().top`
	before, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](at))
	require.NoError(t, err)

	gate <- struct{}{}
	b.sees("To the report")
	b.until(openBranches + ` === 3`)
	b.until(`window.same === "page" && !document.querySelector("#live .busy")`)
	b.until(`document.activeElement.dataset.mine === "yes"`)
	after, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](at))
	require.NoError(t, err)
	require.InDelta(t, before, after, 2, "what one looks at stays where it is")
	require.Len(t, s.runs(t), 1)
	require.Equal(t, console.Done, s.runs(t)[0].Outcome)
}

// A plan that others have made does not take the place of one that a person is looking
// at: they are told of it. What was open in the old one is open in the new one.
func TestNewerPlanIsOffered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	b.click(`a.fold[aria-expanded=false]`)
	b.until(openBranches + ` === 2`)
	b.do(chromedp.SendKeys(chromedp.CSS(`#by`), "王岚"),
		chromedp.Evaluate[chromedp.Void](`window.plan = document.querySelector("main").dataset.plan; undefined`))
	s.press(t, sandbox.Leave)
	b.sees("A newer plan has been made.")
	b.until(`document.querySelector("main").dataset.plan === window.plan && ` + openBranches + ` === 2`)
	s.press(t, sandbox.Hire) // and it goes on listening
	b.sees("A newer plan has been made.")

	b.click(`#live a`)
	b.until(`window.plan && document.querySelector("main").dataset.plan !== window.plan`)
	b.until(openBranches + ` === 2`)
	b.until(`document.querySelector("#by").value === "王岚"`)
	b.until(`!document.querySelector("#live").textContent.includes("newer plan")`)
	b.click(`button[value=approve]`)
	b.sees("To the report")
	require.Len(t, s.runs(t), 1)
}

// A branch that is still loading when a newer plan is shown is open in that one.
func TestClickBeforeANewerPlan(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base), chromedp.Evaluate[chromedp.Void](`
		window.plan = document.querySelector("main").dataset.plan;
		const ordinary = window.fetch;
		const late = new Promise((done) => { window.arrive = done; });
		window.fetch = async (address, options) => {
			const answer = await ordinary(address, options);
			if (String(address).startsWith("branch")) { window.answered = true; await late; }
			return answer;
		};
		document.querySelector("a.fold[aria-expanded=false]").click(); undefined`))
	b.until(`window.answered`)
	s.press(t, sandbox.Leave)
	b.sees("A newer plan has been made.")
	b.click(`#live a`)
	b.do(chromedp.Evaluate[chromedp.Void](`setTimeout(window.arrive, 300); undefined`))
	b.until(`document.querySelector("main").dataset.plan !== window.plan`)
	b.until(openBranches + ` === 2`)
}

// A page that was refused is no address that can be asked for again.
func TestRefusalStays(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.press(t, sandbox.Most)
	b := openTab(t)
	b.do(chromedp.Navigate(s.base))
	s.press(t, sandbox.Leave)
	b.sees("A newer plan has been made.")
	b.click(`button[value=approve]`)
	b.sees("not the newest plan")
	b.expect("409")
	s.press(t, sandbox.Hire)
	b.sees("not the newest plan")
}
