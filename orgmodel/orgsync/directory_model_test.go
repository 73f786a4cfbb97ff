package orgsync_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// directoryTroubles are [troubles] with those of the calls of openimport in the place of
// those of the other interface.
func directoryTroubles() []trouble {
	list := slices.DeleteFunc(troubles(), func(t trouble) bool {
		return strings.HasPrefix(t.name, "source") && t.name != "source: token expires"
	})
	for _, op := range []string{
		"dept/getall", "dept/getAtTime", "dept/get", "person/getall", "person/getAtTime", "person/get",
		"company/queryPartTimeJobs", "relation/queryPersonOrgJobInfo",
	} {
		for name, fault := range readFaults() {
			list = append(list, trouble{"source " + op + ": " + name, func(w *world, after int) {
				w.source.Inject(fault.On(op).After(after), fault.On(op).After(after))
			}})
		}
	}
	for _, op := range []string{"dept/getall", "person/getall", "person/getAtTime", "company/queryPartTimeJobs"} {
		for name, change := range pageTroubles() {
			if name == "old event in last place" || name == "unknown status" && op != "person/getall" {
				continue // no feed of events, and no status
			}
			list = append(list, trouble{"source " + op + ": " + name, func(w *world, after int) {
				w.source.Inject(yunzhijiatest.MutateBody(editRows(change)).On(op).After(after))
			}})
		}
	}
	list = append(list, trouble{"source: token expires between pages", func(w *world, after int) {
		expire := func(body []byte) []byte { w.source.ExpireTokens(); return body }
		w.source.Inject(yunzhijiatest.MutateBody(expire).On("person/getall").After(after))
	}})
	slices.SortFunc(list, func(a, b trouble) int { return strings.Compare(a.name, b.name) })
	return list
}

// troubles are those that can strike the source in use.
func (w *world) troubles() []trouble {
	if w.bySync {
		return directoryTroubles()
	}
	return troubles()
}

// sideStep changes side jobs, which only the directory interface tells of.
func (h *history) sideStep() {
	if !h.bySync || rapid.IntRange(0, 2).Draw(h.r, "side job") > 0 {
		return
	}
	id := rapid.SampledFrom(h.people).Draw(h.r, "person")
	var jobs []yunzhijia.SideJob
	for range rapid.IntRange(0, 2).Draw(h.r, "sides") {
		jobs = append(jobs, yunzhijia.SideJob{OrgID: rapid.SampledFrom(h.orgs).Draw(h.r, "side")})
	}
	h.source.SetSideJobs(id, jobs...)
}

// endSideJobs ends the side jobs in a department.
func (w *world) endSideJobs(orgID string) {
	for _, p := range w.source.People() {
		jobs := w.source.SideJobs(p.OpenID)
		if rest := slices.DeleteFunc(slices.Clone(jobs), func(j yunzhijia.SideJob) bool { return j.OrgID == orgID }); len(rest) < len(jobs) {
			w.source.SetSideJobs(p.OpenID, rest...)
		}
	}
}
