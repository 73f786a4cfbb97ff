package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// rapidTB reports to rapid what a helper reports to a test, so that it can shrink.
type rapidTB struct {
	testing.TB

	r *rapid.T
}

func (t rapidTB) Helper()                           {}
func (t rapidTB) Errorf(format string, args ...any) { t.r.Errorf(format, args...) }
func (t rapidTB) FailNow()                          { t.r.FailNow() }
func (t rapidTB) Fatalf(format string, args ...any) { t.r.Fatalf(format, args...) }
func (t rapidTB) Context() context.Context          { return t.r.Context() }

// history is what happens to an organisation, at random.
type history struct {
	*world

	r        *rapid.T
	people   []string
	orgs     []string
	vanished map[string]bool // forgotten by the source altogether
	n        int
}

func (h *history) step() {
	pick := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(h.r, label) }
	h.n++
	switch rapid.SampledFrom([]string{"hire", "leave", "return", "retitle", "move", "renumber", "vanish", "found", "rename", "reparent", "dissolve"}).Draw(h.r, "change") {
	case "hire":
		id := fmt.Sprintf("hired-%03d", h.n)
		h.source.AddPerson(yunzhijia.Person{OpenID: id, Name: "赵新", Phone: fmt.Sprintf("139%08d", h.n), OrgID: pick(h.orgs, "org"), JobNo: "N" + id})
		h.people = append(h.people, id)
	case "leave":
		h.source.Leave(pick(h.people, "person"))
	case "return":
		h.source.UpdatePerson(pick(h.people, "person"), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
	case "retitle":
		title := fmt.Sprintf("职位%d", rapid.IntRange(1, 3).Draw(h.r, "title"))
		h.source.UpdatePerson(pick(h.people, "person"), func(p *yunzhijia.Person) { p.JobTitle = title })
	case "move":
		org := pick(h.orgs, "org")
		h.source.UpdatePerson(pick(h.people, "person"), func(p *yunzhijia.Person) { p.OrgID = org })
	case "renumber":
		no := fmt.Sprintf("R%03d", h.n)
		h.source.UpdatePerson(pick(h.people, "person"), func(p *yunzhijia.Person) { p.JobNo = no })
	case "vanish":
		if len(h.people) > 5 {
			i := rapid.IntRange(0, len(h.people)-1).Draw(h.r, "person")
			h.source.RemovePerson(h.people[i])
			h.vanished[h.people[i]] = true
			h.people = append(h.people[:i:i], h.people[i+1:]...)
		}
	case "found":
		id := fmt.Sprintf("org-new-%03d", h.n)
		h.source.AddOrg(yunzhijia.Org{OrgID: id, ParentID: pick(h.orgs, "parent"), Name: "新" + id})
		h.orgs = append(h.orgs, id)
	case "rename":
		name := fmt.Sprintf("名称%d", rapid.IntRange(1, 3).Draw(h.r, "name"))
		h.source.UpdateOrg(pick(h.orgs, "org"), func(o *yunzhijia.Org) { o.Name = name })
	case "reparent":
		id, parent := pick(h.orgs[1:], "org"), pick(h.orgs, "parent")
		if !h.below(parent, id) {
			h.source.UpdateOrg(id, func(o *yunzhijia.Org) { o.ParentID = parent })
		}
	case "dissolve":
		h.dissolve(rapid.IntRange(1, len(h.orgs)-1).Draw(h.r, "org"))
	}
}

func (h *history) dissolve(i int) {
	if len(h.orgs) < 4 {
		return
	}
	id := h.orgs[i]
	for _, o := range h.source.Orgs() {
		if o.ParentID == id {
			h.source.UpdateOrg(o.OrgID, func(o *yunzhijia.Org) { o.ParentID = h.orgs[0] })
		}
	}
	for _, p := range h.source.People() {
		if p.OrgID == id {
			h.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = h.orgs[0] })
		}
	}
	h.source.RemoveOrg(id)
	h.orgs = append(h.orgs[:i:i], h.orgs[i+1:]...)
}

// below reports whether a is b or below it.
func (h *history) below(a, b string) bool {
	parents := map[string]string{}
	for _, o := range h.source.Orgs() {
		parents[o.OrgID] = o.ParentID
	}
	for ; a != ""; a = parents[a] {
		if a == b {
			return true
		}
	}
	return false
}

func (h *history) injectFaults() {
	for range rapid.IntRange(0, 2).Draw(h.r, "faults") {
		after := rapid.IntRange(0, 2).Draw(h.r, "after")
		switch rapid.IntRange(0, 9).Draw(h.r, "fault") {
		case 0:
			h.t.Inject(tuzhantest.LoseAnswer().On(tuzhantest.OpEmployees).After(after).Times(2))
		case 1:
			h.t.Inject(tuzhantest.ResetConnection().On(tuzhantest.OpDepartments).After(after).Times(2))
		case 2:
			h.t.Inject(tuzhantest.ResultStatus(0).On(tuzhantest.OpEmployees).After(after))
		case 3:
			h.a.Inject(aiguanhuaitest.LoseAnswer().On(aiguanhuaitest.OpComplete).Times(2))
		case 4:
			h.a.Inject(aiguanhuaitest.Status(503).After(after).Times(2))
		case 5:
			h.a.Inject(aiguanhuaitest.LoseAnswer().On(aiguanhuaitest.OpUpdate).After(after).Times(2))
		case 6:
			h.y.Inject(yunjiantest.CutBody().On(yunjiantest.OpUserSyn).Times(2))
		case 7:
			h.y.Inject(yunjiantest.Status(500).On(yunjiantest.OpUserSyn).After(after).Times(2))
		case 8:
			h.source.Inject(yunzhijiatest.Status(500).On("getallpersons").After(after).Times(2))
		case 9:
			h.source.Inject(yunzhijiatest.Status(500).On("getperson").After(after).Times(2))
		}
	}
}

// crashingRun runs and may die at any write of the state, before or after it.
func (h *history) crashingRun() {
	h.injectFaults()
	h.wrap = nil
	if rapid.Bool().Draw(h.r, "crash") {
		crash := &failingStore{Store: h.store, err: errors.New("killed"), late: rapid.Bool().Draw(h.r, "late"), after: rapid.IntRange(0, 12).Draw(h.r, "write")}
		h.wrap = func(orgsync.Store) orgsync.Store { return crash }
	}
	before := h.held()
	_, _ = h.run(orgsync.RunOptions{Force: true, Full: rapid.Bool().Draw(h.r, "full")})
	after := h.held()
	// Whatever went wrong: nobody who is in service loses what they had.
	for _, p := range h.source.People() {
		if p.Status == yunzhijia.StatusActive {
			for name := range before {
				require.False(h.tb, before[name][p.OpenID] && !after[name][p.OpenID], "%s was taken away at %s", p.OpenID, name)
			}
		}
	}
	h.source.ClearFaults()
	h.a.ClearFaults()
	h.t.ClearFaults()
	h.y.ClearFaults()
	h.wrap = nil
}

// held says who is in service at which target.
func (h *history) held() map[string]map[string]bool {
	held := map[string]map[string]bool{"a": {}, "t": {}}
	for _, p := range h.a.People() {
		held["a"][p.UserID] = p.Status == 1
	}
	for _, p := range h.t.Employees() {
		held["t"][p.ThirdUserID] = true
	}
	return held
}

// converge runs until all is done, which must be soon.
func (h *history) converge() {
	var report *orgsync.Report
	var err error
	for range 3 {
		report, err = h.run(orgsync.RunOptions{Force: true, Full: true})
		if err == nil && h.writes() == 0 {
			break
		}
	}
	require.NoError(h.tb, err)
	require.Zero(h.tb, h.writes(), report.Text())
}

// TestModel plays random histories with faults and crashes, and demands that the
// targets hold in the end what the source holds.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, 6, 12)
		w.tb = rapidTB{TB: t, r: r}
		h := &history{world: w, r: r, vanished: map[string]bool{}}
		for _, o := range w.source.Orgs() {
			h.orgs = append(h.orgs, o.OrgID)
		}
		for _, p := range w.source.People() {
			h.people = append(h.people, p.OpenID)
		}
		for range rapid.IntRange(1, 4).Draw(r, "runs") {
			for range rapid.IntRange(0, 5).Draw(r, "changes") {
				h.step()
				w.later(time.Minute)
			}
			h.crashingRun()
		}
		h.converge()
		w.requireInStepWithout(h.vanished)
		// And with the feed alone.
		for range 3 {
			h.step()
		}
		report, err := w.run(orgsync.RunOptions{Force: true})
		require.NoError(w.tb, err, report.Text())
		w.run(orgsync.RunOptions{Force: true})
		assert.Zero(w.tb, w.writes())
		h.converge()
		w.requireInStepWithout(h.vanished)
	})
}
