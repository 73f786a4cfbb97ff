package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
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

	r       *rapid.T
	people  []string
	orgs    []string
	numbers map[string]string // of people whose number at the source is a mistake
	n       int
}

func (h *history) step() {
	pick := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(h.r, label) }
	h.n++
	switch change := rapid.SampledFrom([]string{
		"hire", "leave", "return", "retitle", "move", "vanish", "found", "rename", "reparent", "split", "merge",
		"renumber", "typo", "correct", "exchange", "blanks", "unnumber",
	}).Draw(h.r, "change"); change {
	case "hire":
		id := fmt.Sprintf("hired-%03d", h.n)
		p := yunzhijia.Person{OpenID: id, Name: "赵新", Phone: fmt.Sprintf("139%08d", h.n), OrgID: pick(h.orgs, "org")}
		if rapid.IntRange(0, 3).Draw(h.r, "numbered") > 0 {
			p.JobNo = "N" + id
		}
		h.source.AddPerson(p)
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
	case "vanish":
		if len(h.people) > 5 {
			i := rapid.IntRange(0, len(h.people)-1).Draw(h.r, "person")
			h.source.RemovePerson(h.people[i])
			delete(h.numbers, h.people[i])
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
	case "split":
		from, id := pick(h.orgs, "org"), fmt.Sprintf("org-split-%03d", h.n)
		h.source.AddOrg(yunzhijia.Org{OrgID: id, ParentID: from, Name: "分" + id})
		h.orgs = append(h.orgs, id)
		for i, p := range h.source.People() {
			if p.OrgID == from && i%2 == 0 {
				h.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = id })
			}
		}
	case "merge":
		if len(h.orgs) > 3 {
			i := rapid.IntRange(1, len(h.orgs)-1).Draw(h.r, "org")
			into := pick(h.orgs, "into")
			if h.below(into, h.orgs[i]) {
				into = h.orgs[0]
			}
			h.merge(i, into)
		}
	default:
		h.renumber(change, pick(h.people, "person"), pick(h.people, "other"))
	}
}

// renumber changes the number of a person, by mistake or not.
func (h *history) renumber(change, id, other string) {
	set := func(id, no string) {
		h.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.JobNo = no })
	}
	no, others := h.person(id).JobNo, h.person(other).JobNo
	mistake := func(wrong string) {
		if _, already := h.numbers[id]; !already {
			h.numbers[id] = no
		}
		set(id, wrong)
	}
	_, wrong := h.numbers[id]
	_, otherWrong := h.numbers[other]
	switch change {
	case "renumber":
		delete(h.numbers, id)
		set(id, fmt.Sprintf("R%03d", h.n))
	case "typo": // a colleague's number
		if id != other && strings.TrimSpace(others) != "" {
			mistake(others)
		}
	case "correct":
		if wrong {
			h.correct(id)
		}
	case "exchange":
		if !wrong && !otherWrong && strings.TrimSpace(no) != "" && strings.TrimSpace(others) != "" {
			set(id, others)
			set(other, no)
		}
	case "blanks":
		set(id, no+rapid.SampledFrom([]string{" ", "\u3000", "\t"}).Draw(h.r, "blank"))
	case "unnumber":
		mistake("")
	}
}

func (h *history) correct(id string) {
	h.source.UpdatePerson(id, func(p *yunzhijia.Person) { p.JobNo = h.numbers[id] })
	delete(h.numbers, id)
}

// merge dissolves a department; what was in it belongs to another one.
func (h *history) merge(i int, into string) {
	id := h.orgs[i]
	for _, o := range h.source.Orgs() {
		if o.ParentID == id {
			h.source.UpdateOrg(o.OrgID, func(o *yunzhijia.Org) { o.ParentID = into })
		}
	}
	for _, p := range h.source.People() {
		if p.OrgID == id {
			h.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = into })
		}
	}
	h.endSideJobs(id)
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

// crashingRun runs while up to three things go wrong, and may die at any write of
// the state, before or after it.
func (h *history) crashingRun() {
	catalogue := h.troubles()
	for range rapid.IntRange(0, 3).Draw(h.r, "troubles") {
		i := rapid.IntRange(0, len(catalogue)-1).Draw(h.r, "trouble")
		h.r.Log(catalogue[i].name)
		catalogue[i].inject(h.world, rapid.IntRange(0, 3).Draw(h.r, "after"))
	}
	if rapid.Bool().Draw(h.r, "crash") {
		crash := &failingStore{Store: h.store, err: errors.New("killed"), late: rapid.Bool().Draw(h.r, "late"), after: rapid.IntRange(0, 12).Draw(h.r, "write")}
		h.wrap = func(orgsync.Store) orgsync.Store { return crash }
	}
	options := orgsync.RunOptions{
		Force: rapid.Bool().Draw(h.r, "force"), Full: rapid.Bool().Draw(h.r, "full"), Hold: rapid.Bool().Draw(h.r, "hold"),
		DryRun: rapid.IntRange(0, 9).Draw(h.r, "dry") == 0,
	}
	if rapid.IntRange(0, 7).Draw(h.r, "replace") == 0 {
		options.Replace = []string{"aiguanhuai"}
	}
	_, _ = h.watched(options)
	h.clearTroubles()
	h.wrap = nil
}

// converge demands that the targets hold what the source holds, once nothing goes wrong
// any more and no number is a mistake.
func (h *history) converge() {
	for _, id := range slices.Sorted(maps.Keys(h.numbers)) {
		h.correct(id)
	}
	h.settle(orgsync.RunOptions{Force: true, Full: true})
	h.requireInStep()
}

// somebodyElse puts records at the targets that are none of this engine's.
func (h *history) somebodyElse() {
	_, err := h.tuzhan.Client.AddDepartments(h.tb.Context(), []tuzhan.Department{{
		DeptType: tuzhan.DeptTypeExternal, DeptName: "外部", ThirdDeptID: "foreign-d",
	}})
	require.NoError(h.tb, err)
	_, err = h.tuzhan.Client.AddEmployees(h.tb.Context(), []tuzhan.Employee{{
		ThirdUserID: "foreign-1", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "钱外", Phone: "13700000001",
		ThirdDeptID: "foreign-d", RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
	}})
	require.NoError(h.tb, err)
	_, err = h.aiguanhuai.Client.UpdatePeople(h.tb.Context(), []aiguanhuai.Person{{
		UserID: "foreign-1", Account: "foreign-1", RealName: "钱外", Status: aiguanhuai.StatusActive,
	}})
	require.NoError(h.tb, err)
	_, err = h.yunjian.Client.SyncUsers(h.tb.Context(), []yunjian.User{{UserNo: "foreign-1", FullName: "钱外", Mobile: "13700000001"}})
	require.NoError(h.tb, err)
}

// TestModel plays random histories with troubles and crashes. In every run the
// invariants hold that [world.watched] looks at, and in the end the targets hold
// what the source holds, by full readings and by the feed alone.
func TestModel(t *testing.T) {
	t.Parallel()
	for name, bySync := range map[string]bool{"feed": false, "directory": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkModel(t, bySync)
		})
	}
}

func checkModel(t *testing.T, bySync bool) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, 6, 14)
		w.bySync = bySync
		w.tb = rapidTB{TB: t, r: r}
		w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 6, Prefetch: 2}
		w.directory.Pages = w.yunzhijia.Pages
		h := &history{world: w, r: r, numbers: map[string]string{}}
		for _, o := range w.source.Orgs() {
			h.orgs = append(h.orgs, o.OrgID)
		}
		for _, p := range w.source.People() {
			h.people = append(h.people, p.OpenID)
		}
		h.somebodyElse()
		for range rapid.IntRange(1, 5).Draw(r, "runs") {
			for range rapid.IntRange(0, 5).Draw(r, "changes") {
				h.step()
				h.sideStep()
				w.later(time.Minute)
			}
			h.crashingRun()
		}
		h.converge()
		for range 3 {
			h.step()
			h.sideStep()
		}
		report, err := w.watched(orgsync.RunOptions{Force: true})
		require.NoError(w.tb, err, report.Text())
		w.watched(orgsync.RunOptions{Force: true})
		assert.Zero(w.tb, w.writes())
		h.converge()
	})
}
