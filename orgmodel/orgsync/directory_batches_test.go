package orgsync_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// 500 people whom a target did not get are read again by five calls, and the reading stays
// an incremental one.
func TestDirectory_owedInBatches(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 60, 3000)
	w.sync()
	for i := range 500 {
		w.source.UpdatePerson(person(i+1000), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
	}
	w.t.Inject(tuzhantest.Status(500).Always())
	report, err := w.run(orgsync.RunOptions{Force: true})
	require.Error(t, err, report.Text())
	require.Equal(t, "", report.Reading.Why)
	w.t.ClearFaults()
	report = w.sync(orgsync.RunOptions{Force: true})
	assert.False(t, report.Reading.Full, report.Reading.Why)
	assert.Equal(t, 500, target(report, "tuzhan").Done[orgsync.Update])
	assert.Equal(t, 5, w.source.Count("person/get"))
	w.requireInStep()

	// Above a fifth of the company, to read everyone takes fewer calls.
	for i := range 700 {
		w.source.UpdatePerson(person(i+1000), func(p *yunzhijia.Person) { p.JobTitle = "首席总监" })
	}
	w.t.Inject(tuzhantest.Status(500).Always())
	_, err = w.run(orgsync.RunOptions{Force: true})
	require.Error(t, err)
	w.t.ClearFaults()
	report = w.sync(orgsync.RunOptions{Force: true})
	assert.Contains(t, report.Reading.Why, "more people are owed")
	w.requireInStep()
}

// The source that reads one by one keeps its limit.
func TestOwedOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60, 1200)
	w.sync()
	for i := range 205 {
		w.source.UpdatePerson(person(i+900), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
	}
	w.t.Inject(tuzhantest.Status(500).Always())
	_, err := w.run(orgsync.RunOptions{Force: true})
	require.Error(t, err)
	w.t.ClearFaults()
	assert.Contains(t, w.sync(orgsync.RunOptions{Force: true}).Reading.Why, "more people are owed")
	w.requireInStep()
}

// Someone owed who has vanished is not given up, and costs one more call.
func TestDirectory_owedAndVanished(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 6, 60)
	w.sync()
	for i := range 20 {
		w.source.UpdatePerson(person(i+10), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
	}
	w.t.Inject(tuzhantest.Status(500).Always())
	_, err := w.run(orgsync.RunOptions{})
	require.Error(t, err)
	w.t.ClearFaults()
	w.source.RemovePerson(person(15))
	report, err := w.watched(orgsync.RunOptions{})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted)
	assert.Equal(t, []string{person(15)}, ids(report.Reading.Doubts))
	assert.Equal(t, 2, w.source.Count("person/get"))
	report = w.sync()
	assert.Contains(t, report.Reading.Why, "not found")
	w.requireInStep()
}

// 90 people who vanished are confirmed by two calls: one that lacks them, and one that
// lacks them beside ids that are there and ids that no one has.
func TestDirectory_absentInBatches(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 6, 500)
	w.sync()
	for i := range 90 {
		w.source.RemovePerson(person(i + 100))
	}
	report, err := w.watched(orgsync.RunOptions{Full: true, Force: true})
	require.NoError(t, err, report.Text())
	assert.Empty(t, report.Reading.Doubts)
	assert.Equal(t, 2, w.source.Count("person/get"))
	w.requireInStep()
}

// hideFromList makes the list of people one page, which lacks some of them.
func (w *world) hideFromList(t *testing.T, hidden map[string]bool) {
	w.onePage(t, func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return hidden[fmt.Sprint(row.(map[string]any)["openId"])] })
	})
}

// onePage makes the list of people one page with other rows.
func (w *world) onePage(t *testing.T, shown func(rows []any) []any) {
	w.directory.Pages = yunzhijia.PageOptions{Count: 1000, Prefetch: 1}
	var last []byte
	w.through(func(r *http.Request) (*http.Response, error) {
		list := strings.HasSuffix(r.URL.Path, "/person/getall")
		if list && dataOf(t, r).Begin > 0 { // what is asked for beyond the page repeats its last row
			return envelopeOf(r, string(last)), nil
		}
		response, err := w.source.Transport().RoundTrip(r)
		if err == nil && list {
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			last = editRows(func(rows []any) []any { rows = shown(rows); return rows[len(rows)-1:] })(body)
			response.Body = io.NopCloser(bytes.NewReader(editRows(shown)(body)))
		}
		return response, err
	})
}

// An answer about many that is cut short is no absence: 90 people whom the list hides are
// in service when they are asked for, whatever part of an answer comes.
func TestI23_cutAnswerAboutMany(t *testing.T) {
	t.Parallel()
	last := func(n int) func([]any) []any { return func(rows []any) []any { return rows[max(0, len(rows)-n):] } }
	first := func(n int) func([]any) []any { return func(rows []any) []any { return rows[:min(n, len(rows))] } }
	for name, cut := range map[string]func(rows []any) []any{
		"the first 60": first(60), "the first 50": first(50), "the first 10": first(10), "the last 50": last(50), "the last 10": last(10),
		"the first alone": first(1), "the last alone": last(1), "nothing": first(0),
		"nothing about many": func(rows []any) []any {
			if len(rows) > 1 {
				return []any{}
			}
			return rows
		},
		"ten, in an order of their own": func(rows []any) []any {
			slices.SortFunc(rows, func(a, b any) int { // those who are certainly there come first
				return strings.Compare(fmt.Sprint(a.(map[string]any)["openId"]), fmt.Sprint(b.(map[string]any)["openId"]))
			})
			return rows[:min(10, len(rows))]
		},
		"every other": func(rows []any) []any {
			var some []any
			for i := 0; i < len(rows); i += 2 {
				some = append(some, rows[i])
			}
			return some
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDirectory(t, 5, 300)
			w.sync()
			hidden := map[string]bool{}
			for i := range 90 {
				hidden[person(i+100)] = true
			}
			w.hideFromList(t, hidden)
			w.source.RemovePerson(person(250))
			w.source.Inject(yunzhijiatest.MutateBody(editRows(cut)).On("person/get").Always())
			for range 2 {
				_, _ = w.watched(orgsync.RunOptions{Full: true, Force: true})
			}
			for id := range hidden {
				require.Equal(t, aiguanhuai.StatusActive, w.atCare(id).Status, "%s is in service", id)
			}
			w.source.ClearFaults()
			clear(hidden)
			w.settle(orgsync.RunOptions{Full: true})
			w.requireInStep()
		})
	}
}

// A vendor that refuses every call, over its quota for instance, is not asked for each of a
// hundred people alone.
func TestDirectory_refusesAll(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 300)
	w.sync()
	for i := range 90 {
		w.source.RemovePerson(person(i + 100))
	}
	w.source.Inject(yunzhijiatest.Refuse(5003, "调用次数已达上限").On("person/get").Always())
	report, err := w.watched(orgsync.RunOptions{Full: true, Force: true})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted)
	assert.Len(t, report.Reading.Doubts, 90)
	assert.LessOrEqual(t, w.source.Count("person/get"), 30)
	w.source.ClearFaults()
	w.settle(orgsync.RunOptions{Full: true, Force: true})
	w.requireInStep()
}

// One id that the vendor cannot answer about costs a few calls and not one for each person.
func TestDirectory_refusedForOne(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 300)
	w.sync()
	for i := range 90 {
		w.source.Leave(person(i + 100))
	}
	calls := 0
	w.through(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/person/get") {
			if calls++; slices.Contains(dataOf(t, r).Array, person(133)) {
				return envelopeOf(r, `{"success":false,"errorCode":500,"error":"系统异常","data":null}`), nil
			}
		}
		return w.source.Transport().RoundTrip(r)
	})
	report, err := w.run(orgsync.RunOptions{Full: true, Force: true})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted)
	assert.Equal(t, []string{person(133)}, ids(report.Reading.Doubts))
	assert.LessOrEqual(t, calls, 25)
}

// A vendor that refuses a call for many because one is gone is asked about halves, and
// those who are gone are told from those who are not.
func TestI23_refusedForEachWhoIsGone(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 120)
	w.sync()
	for i := range 40 {
		w.source.RemovePerson(person(i + 20))
	}
	w.through(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/person/get") && slices.ContainsFunc(dataOf(t, r).Array, func(id string) bool { return w.person(id).Name == "" }) {
			return envelopeOf(r, `{"success":false,"errorCode":221,"error":"人员不存在","data":null}`), nil
		}
		return w.source.Transport().RoundTrip(r)
	})
	report, err := w.watched(orgsync.RunOptions{Full: true, Force: true})
	require.NoError(t, err, report.Text())
	w.requireInStep()
}
