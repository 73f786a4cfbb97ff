package console

import (
	"errors"
	"net/http"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// planView returns a kept plan as it is shown.
func (c *Console) planView(k *kept) *planView {
	v := newPlanView(k.index, c.config.Names)
	v.ID, v.Made, v.Options = k.id, k.made, k.options
	v.Verdicts = verdicts(k.plan)
	return v
}

// fateView is what became of a plan, as the templates show it.
type fateView struct {
	Decision *Decision
	Pending  bool
	Result   trouble
	Outcome  Outcome
	RunID    string
	Added    []orgsync.Objection
}

// Approved reports whether what the guard objects to was approved here.
func (f *fateView) Approved() bool { return f.Decision != nil && f.Decision.Verdict == Approve }

func (k *kept) fate() *fateView {
	return &fateView{Decision: k.decision, Pending: k.pending, Result: k.result, Outcome: k.outcome, RunID: k.runID, Added: k.added}
}

func newPlanView(x *index, names bool) *planView {
	return &planView{
		index: x, Names: names, Guard: guardRows(x.plan.Violations, x.title), Summary: x.summary,
		Removals: x.removalList(names, 0, listed), Notes: x.noteList(names, 0, noteRows),
	}
}

func (c *Console) showPlan(w http.ResponseWriter, r *http.Request) {
	p, g := c.page(r, "plan")
	if g.plan == nil {
		c.send(w, r, http.StatusOK, "page", p)
		return
	}
	p.Kept, p.Plan = g.plan.fate(), c.planView(g.plan)
	at := int32(-1)
	if id := r.URL.Query().Get("at"); id != "" {
		n, there := g.plan.index.byID[id]
		if !there {
			c.refuse(w, r, http.StatusNotFound, "there is no such department in this plan")
			return
		}
		at = n
	}
	p.Plan.Rows = g.plan.index.tree(c.config.Names, at, whole(r, "from", 0))
	c.send(w, r, http.StatusOK, "page", p)
}

// showBranch answers the rows of one branch, for a page that opens it in place.
func (c *Console) showBranch(w http.ResponseWriter, r *http.Request) {
	p, g := c.page(r, "plan")
	if g.plan == nil || r.URL.Query().Get("plan") != g.plan.id {
		http.Error(w, "A newer plan has been made.", http.StatusConflict)
		return
	}
	n := whole(r, "n", -1)
	if n < 0 || n >= len(g.plan.index.nodes) {
		http.Error(w, "There is no such department.", http.StatusNotFound)
		return
	}
	p.Plan = &planView{index: g.plan.index, ID: g.plan.id, Names: c.config.Names}
	p.Rows = g.plan.index.branch(c.config.Names, int32(n), whole(r, "depth", 0)+1, whole(r, "from", 0)) // #nosec G115 -- below the number of nodes
	c.send(w, r, http.StatusOK, "rows", p)
}

func (c *Console) showList(w http.ResponseWriter, r *http.Request) {
	p, g := c.page(r, "list")
	if g.plan == nil {
		c.refuse(w, r, http.StatusNotFound, "there is no plan")
		return
	}
	p.Plan = &planView{index: g.plan.index, ID: g.plan.id, Names: c.config.Names}
	from := whole(r, "from", 0)
	list := g.plan.index.removalList(c.config.Names, from, listed)
	if r.URL.Query().Get("what") == "notes" {
		list = g.plan.index.noteList(c.config.Names, from, listed)
	}
	p.List = &list
	c.send(w, r, http.StatusOK, "page", p)
}

func (c *Console) showRuns(w http.ResponseWriter, r *http.Request) {
	p, _ := c.page(r, "runs")
	runs, err := c.config.Host.Runs(r.Context())
	if err != nil {
		c.refuse(w, r, http.StatusInternalServerError, "the last runs cannot be read")
		return
	}
	p.Runs = newRunsView(runs)
	c.send(w, r, http.StatusOK, "page", p)
}

func (c *Console) showRun(w http.ResponseWriter, r *http.Request) {
	p, _ := c.page(r, "report")
	id := r.URL.Query().Get("id")
	report, err := c.config.Host.Report(r.Context(), id)
	switch {
	case errors.Is(err, ErrNoReport):
		c.refuse(w, r, http.StatusNotFound, "there is no report of that run any more")
		return
	case err != nil:
		c.refuse(w, r, http.StatusInternalServerError, "the report cannot be read")
		return
	}
	p.Report = newReportView(id, report, c.config.Names)
	c.send(w, r, http.StatusOK, "page", p)
}
