package orgsync_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// trouble is one thing that goes wrong. inject lets so many requests of its kind
// pass first, and strikes the two that follow, which is one call with its retry.
type trouble struct {
	name   string
	inject func(w *world, after int)
}

// troubles are the break modes of midPoint's dummy resource (network, io, schema,
// conflict, generic, unsupported, runtime, assertion error, delayed, blocked) for
// every operation that there is here (list, get, add, modify, delete), and what
// else directories and HTTP do. They are in order, so that a seed means the same again.
func troubles() []trouble {
	list := []trouble{
		{"source: token expires", func(w *world, _ int) { w.source.ExpireTokens() }},
		{"source: token expires between pages", func(w *world, after int) {
			expire := func(body []byte) []byte { w.source.ExpireTokens(); return body }
			w.source.Inject(yunzhijiatest.MutateBody(expire).On("getallpersons").After(after))
		}},
		{"兔展: token expires", func(w *world, _ int) { w.t.ExpireTokens() }},
		{"兔展: token expires between calls", func(w *world, after int) {
			expire := func(body []byte) []byte { w.t.ExpireTokens(); return body }
			w.t.Inject(tuzhantest.MutateBody(expire).After(after))
		}},
		{"云简: session ends", func(w *world, _ int) { w.y.ExpireSessions() }},
		{"云简: session ends between calls", func(w *world, after int) {
			expire := func(body []byte) []byte { w.y.ExpireSessions(); return body }
			w.y.Inject(yunjiantest.MutateBody(expire).On(yunjiantest.OpSyncUsers).After(after))
		}},
		{"兔展: in progress", func(w *world, after int) {
			w.t.Inject(tuzhantest.ResultStatus(0).On(tuzhantest.OpEmployees).After(after))
		}},
		{"兔展: failed as a whole", func(w *world, after int) {
			w.t.Inject(tuzhantest.ResultStatus(-1).On(tuzhantest.OpEmployees).After(after))
		}},
		{"兔展: partly, without rows", func(w *world, after int) {
			w.t.Inject(tuzhantest.ResultStatus(2).On(tuzhantest.OpEmployees).After(after))
		}},
		{"兔展: conflict", func(w *world, _ int) { w.t.RefuseRecord(person(3), "员工已存在") }},
		{"兔展: forbidden record", func(w *world, _ int) { w.t.RefuseRecord(person(4), "手机号格式错误") }},
		{"兔展: forbidden department", func(w *world, _ int) { w.t.RefuseRecord("org-0002", "部门名称不合法") }},
		{"云简: forbidden user", func(w *world, _ int) { w.y.RefuseRecord(w.source.People()[4].JobNo, "职级未维护") }},
	}
	for _, op := range []string{"getallorgs", "getallpersons", "getperson", "getorg"} {
		for name, fault := range readFaults() {
			list = append(list, trouble{"source " + op + ": " + name, func(w *world, after int) {
				w.source.Inject(fault.On(op).After(after), fault.On(op).After(after))
			}})
		}
	}
	for name, change := range pageTroubles() {
		list = append(list, trouble{"source: " + name, func(w *world, after int) {
			w.source.Inject(yunzhijiatest.MutateBody(editRows(change)).On("getallpersons").After(after))
		}}, trouble{"source departments: " + name, func(w *world, after int) {
			w.source.Inject(yunzhijiatest.MutateBody(editRows(change)).On("getallorgs").After(after))
		}})
	}
	for _, op := range []string{aiguanhuaitest.OpPrepare, aiguanhuaitest.OpAdd, aiguanhuaitest.OpComplete, aiguanhuaitest.OpUpdate} {
		for name, fault := range map[string]aiguanhuaitest.Fault{
			"network": aiguanhuaitest.ResetConnection(), "io": aiguanhuaitest.CutBody(), "schema": aiguanhuaitest.Refuse(200008),
			"conflict": aiguanhuaitest.Refuse(200006), "generic": aiguanhuaitest.SystemError(), "unsupported": aiguanhuaitest.Status(http.StatusNotImplemented),
			"runtime": aiguanhuaitest.Status(http.StatusServiceUnavailable), "assertion error": aiguanhuaitest.HTML(),
			"time-out after the write": aiguanhuaitest.LoseAnswer(), "generic after the write": aiguanhuaitest.MutateBody(instead(`{"errno":200007,"error":"系统错误"}`)), "429": aiguanhuaitest.RateLimited(0), "429 for long": aiguanhuaitest.RateLimited(time.Hour),
		} {
			list = append(list, trouble{"爱关怀 " + op + ": " + name, func(w *world, after int) { w.a.Inject(fault.On(op).After(after), fault.On(op).After(after)) }})
		}
	}
	for _, op := range []string{tuzhantest.OpToken, tuzhantest.OpDepartments, tuzhantest.OpEmployees} {
		for name, fault := range map[string]tuzhantest.Fault{
			"network": tuzhantest.ResetConnection(), "io": tuzhantest.CutBody(), "schema": tuzhantest.EmptyBody(),
			"generic": tuzhantest.Body(http.StatusOK, "application/json", `{"code":"500","msg":"系统异常"}`), "unsupported": tuzhantest.Status(http.StatusNotFound),
			"runtime": tuzhantest.Status(http.StatusBadGateway), "assertion error": tuzhantest.HTML(),
			"time-out after the write": tuzhantest.LoseAnswer(), "generic after the write": tuzhantest.MutateBody(instead(`{"code":"500","msg":"系统异常"}`)), "429": tuzhantest.RateLimited(0), "429 for long": tuzhantest.RateLimited(time.Hour),
		} {
			list = append(list, trouble{"兔展 " + op + ": " + name, func(w *world, after int) { w.t.Inject(fault.On(op).After(after), fault.On(op).After(after)) }})
		}
	}
	for _, op := range []string{yunjiantest.OpGetSession, yunjiantest.OpSyncUsers} {
		for name, fault := range map[string]yunjiantest.Fault{
			"network": yunjiantest.ResetConnection(), "io": yunjiantest.CutBody(), "schema": yunjiantest.EmptyBody(),
			"generic": yunjiantest.Body(http.StatusOK, "application/json", `{"resCode":50000,"resMsg":"系统异常","data":[]}`), "unsupported": yunjiantest.Status(http.StatusNotFound),
			"runtime": yunjiantest.Status(http.StatusInternalServerError), "assertion error": yunjiantest.HTML(),
			"time-out after the write": yunjiantest.LoseAnswer(), "generic after the write": yunjiantest.MutateBody(instead(`{"resCode":50000,"resMsg":"系统异常","data":[]}`)), "429": yunjiantest.RateLimited(0), "429 for long": yunjiantest.RateLimited(time.Hour),
		} {
			list = append(list, trouble{"云简 " + op + ": " + name, func(w *world, after int) { w.y.Inject(fault.On(op).After(after), fault.On(op).After(after)) }})
		}
	}
	slices.SortFunc(list, func(a, b trouble) int { return strings.Compare(a.name, b.name) })
	return list
}

// readFaults are what can happen to one read.
func readFaults() map[string]yunzhijiatest.Fault {
	return map[string]yunzhijiatest.Fault{
		"network":         yunzhijiatest.ResetConnection(),
		"io":              yunzhijiatest.CutBody(),
		"schema":          yunzhijiatest.Body(http.StatusOK, "application/json", `{"success":true,"data":"?"}`),
		"generic":         yunzhijiatest.Refuse(1201030, "系统繁忙"),
		"unsupported":     yunzhijiatest.Status(http.StatusMethodNotAllowed),
		"runtime":         yunzhijiatest.Status(http.StatusInternalServerError),
		"assertion error": yunzhijiatest.HTML(),
		"truncated":       yunzhijiatest.TruncateBody(),
		"empty body":      yunzhijiatest.EmptyBody(),
		"429":             yunzhijiatest.RateLimited(0),
		"429 for long":    yunzhijiatest.RateLimited(time.Hour),
	}
}

// instead answers with another body, though what was asked for is done.
func instead(body string) func([]byte) []byte { return func([]byte) []byte { return []byte(body) } }

// pageTroubles are pages that look like success.
func pageTroubles() map[string]func(rows []any) []any {
	each := func(change func(row map[string]any)) func([]any) []any {
		return func(rows []any) []any {
			for _, row := range rows {
				change(row.(map[string]any))
			}
			return rows
		}
	}
	var former []any
	return map[string]func(rows []any) []any{
		"empty page": func([]any) []any { return []any{} },
		"no page":    func([]any) []any { return nil },
		"short page": func(rows []any) []any { return rows[:len(rows)/2] },
		"60 % lost":  func(rows []any) []any { return rows[:len(rows)*2/5] },
		"repeated page": func(rows []any) []any {
			if former != nil {
				rows = former
			}
			former = rows
			return rows
		},
		"masked fields": each(func(row map[string]any) {
			if row["phone"] != nil {
				row["phone"], row["name"], row["email"] = "1326*******4", "印*", "***@x.com"
			}
		}),
		"fields left out": each(func(row map[string]any) {
			delete(row, "phone")
			delete(row, "email")
			delete(row, "jobTitle")
		}),
		"old event in last place": func(rows []any) []any {
			if len(rows) == 0 {
				return rows
			}
			old := maps.Clone(rows[0].(map[string]any))
			if old["phone"] != nil {
				old["status"] = "0" // a person who left once
			}
			return append(rows, old)
		},
		"row without an id": func(rows []any) []any {
			return append(rows, map[string]any{"name": "无号"})
		},
		"unknown status": each(func(row map[string]any) {
			if row["status"] != nil {
				row["status"] = "7"
			}
		}),
	}
}

// editRows changes the rows of a listing's answer.
func editRows(change func(rows []any) []any) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		switch data := answer["data"].(type) {
		case []any:
			answer["data"] = change(data)
		case map[string]any:
			if rows, ok := data["persons"].([]any); ok {
				data["persons"] = change(rows)
			}
		}
		out, err := json.Marshal(answer)
		if err != nil {
			return body
		}
		return out
	}
}

// clearTroubles makes everything well again.
func (w *world) clearTroubles() {
	w.source.ClearFaults()
	w.a.ClearFaults()
	w.t.ClearFaults()
	w.y.ClearFaults()
	for _, id := range []string{person(3), person(4), "org-0002"} {
		w.t.RefuseRecord(id, "")
	}
	for _, p := range w.source.People() {
		w.y.RefuseRecord(p.JobNo, "")
	}
}

// happenings are a bit of everything: what a run then has to do is of every kind.
func (w *world) happenings() {
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"})
	w.source.UpdateOrg("org-0003", func(o *yunzhijia.Org) { o.Name = "新名称" })
	for _, p := range w.source.People() {
		if p.OrgID == "org-0006" {
			w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-new" })
		}
	}
	w.source.RemoveOrg("org-0006")
	w.source.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-new", JobNo: "E90001"})
	w.source.UpdatePerson(person(7), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	w.source.UpdatePerson(person(8), func(p *yunzhijia.Person) { p.JobNo = "E90008" })
	w.source.Leave(person(9))
}

// stages are what a run may have to do: all of a first sync, something of every
// kind, the same for a person who vanished, and a replacement.
func stages() map[string]situation {
	full := orgsync.RunOptions{Full: true}
	replaced := orgsync.RunOptions{Replace: []string{"aiguanhuai"}, Force: true}
	return map[string]situation{
		"first":    {func(*world) {}, full},
		"changes":  {func(w *world) { w.sync(); w.happenings() }, full},
		"vanished": {func(w *world) { w.sync(); w.happenings(); w.source.RemovePerson(person(10)) }, full},
		"replaced": {func(w *world) { w.sync(); w.happenings(); w.source.RemovePerson(person(10)) }, replaced},
	}
}

// situation is one, and the run that is to go wrong in it.
type situation struct {
	prepare func(w *world)
	options orgsync.RunOptions
}

// TestEveryTrouble lets each of them strike in every stage; then all is well again.
func TestEveryTrouble(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles() {
		t.Run(trouble.name, func(t *testing.T) {
			t.Parallel()
			injected, left := 0, 0
			for name, stage := range stages() {
				for after := range 2 {
					if after > 0 && name != "changes" {
						break // where few operations are called twice
					}
					w := newWorld(t, 6, 14)
					w.yunzhijia.Pages = yunzhijia.PageOptions{Count: 5, Prefetch: 2}
					stage.prepare(w)
					trouble.inject(w, after)
					injected += w.pending()
					w.watched(stage.options)
					left += w.pending()
					w.clearTroubles()
					w.settle(orgsync.RunOptions{Full: true})
					w.requireInStep()
				}
			}
			assert.True(t, injected == 0 || left < injected, "it never struck")
		})
	}
}

// pending counts the faults that have not struck yet.
func (w *world) pending() int {
	return len(w.source.Pending()) + len(w.a.Pending()) + len(w.t.Pending()) + len(w.y.Pending())
}

// settle runs until nothing is left to do, which must be soon: after two more runs at
// most, one writes nothing.
func (w *world) settle(options orgsync.RunOptions) {
	w.tb.Helper()
	var report *orgsync.Report
	var err error
	for range 3 {
		report, err = w.watched(options)
		if err == nil && w.writes() == 0 {
			break
		}
	}
	require.NoError(w.tb, err, report.Text())
	require.Zero(w.tb, w.writes(), report.Text())
}
