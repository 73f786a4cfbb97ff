package orgsync_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// edit changes the rows of every answer of a call.
func (w *world) edit(op string, change func(rows []any) []any) {
	w.source.Inject(yunzhijiatest.MutateBody(editRows(change)).On(op).Always())
}

func field(row any, name string) string { text, _ := row.(map[string]any)[name].(string); return text }

// only changes the rows of one person.
func only(id string, change func(row map[string]any)) func(rows []any) []any {
	return func(rows []any) []any {
		for _, row := range rows {
			if field(row, "openId") == id {
				change(row.(map[string]any))
			}
		}
		return rows
	}
}

// An answer about changed people that lacks some of them is asked for again, and who does not
// come is owed.
func TestDirectory_changedPeopleDoNotCome(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 120)
	w.synced(t)
	change := func(title string) {
		for i := range 60 {
			w.source.UpdatePerson(person(i+10), func(p *yunzhijia.Person) { p.JobTitle = title })
		}
	}
	change("首席顾问")
	w.edit("person/get", func(rows []any) []any { return rows[:min(25, len(rows))] })
	report := w.synced(t, orgsync.RunOptions{Force: true})
	assert.Empty(t, report.Reading.Quarantined)
	assert.Equal(t, 3, w.source.Count("person/get"), "60, 35 and 10")
	w.requireInStep()

	w.source.ClearFaults()
	change("首席总监")
	w.edit("person/get", func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return field(row, "openId") == person(12) })
	})
	report, err := w.run(orgsync.RunOptions{Force: true})
	require.NoError(t, err)
	assert.Equal(t, []string{person(12)}, ids(report.Reading.Quarantined))
	w.source.ClearFaults()
	assert.False(t, w.synced(t).Reading.Full)
	w.requireInStep()
}

// A row without an openId may be anyone's: nobody who was asked for together with it is absent.
func TestDirectory_rowWithoutID(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"person/getall", "person/getAtTime", "person/get"} {
		for _, full := range []bool{true, false} {
			t.Run(op, func(t *testing.T) {
				t.Parallel()
				w := newDirectory(t, 5, 40)
				w.synced(t)
				for i := range 5 {
					w.source.UpdatePerson(person(i+10), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
				}
				w.source.Leave(person(20))
				w.source.RemovePerson(person(21))
				w.edit(op, only(person(12), func(row map[string]any) { delete(row, "openId") }))
				_, _ = w.watched(orgsync.RunOptions{Full: full})
				assert.Equal(t, aiguanhuai.StatusActive, w.atCare(person(12)).Status)
				listed := op == "person/getall" && full // where a leaver is missing, and the reading not whole
				assert.Equal(t, listed, w.atCare(person(20)).Status == aiguanhuai.StatusActive, "an explicit leaver")
				w.source.ClearFaults()
				w.settle(orgsync.RunOptions{Full: true})
				w.requireInStep()
			})
		}
	}
}

// Someone whom the list lacks, and whose row by id has lost its openId, is not gone.
func TestI23_rowWithoutID(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 60)
	w.synced(t)
	hidden := map[string]bool{person(12): true}
	w.hideFromList(t, hidden)
	w.edit("person/get", only(person(12), func(row map[string]any) { delete(row, "openId") }))
	report, err := w.watched(orgsync.RunOptions{Full: true})
	var doubted *orgsync.ReadingError
	require.ErrorAs(t, err, &doubted, report.Text())
	assert.Equal(t, aiguanhuai.StatusActive, w.atCare(person(12)).Status)
}

// A status may come as a number; one that is not documented changes nothing.
func TestDirectory_statusInOtherForms(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.synced(t)
	numbers := func(rows []any) []any {
		for _, row := range rows {
			if s := field(row, "status"); s != "" {
				row.(map[string]any)["status"] = int(s[0] - '0')
			}
		}
		return rows
	}
	for _, op := range []string{"person/getall", "person/getAtTime", "person/get"} {
		w.edit(op, numbers)
	}
	w.source.Leave(person(9))
	w.source.UpdatePerson(person(10), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusDisabled })
	w.synced(t)
	w.requireInStep()
	w.source.ClearFaults()

	for _, odd := range []any{nil, "", "3", 7, " ", "left"} {
		w.source.UpdatePerson(person(11), func(p *yunzhijia.Person) { p.JobTitle += "级" })
		w.edit("person/get", only(person(11), func(row map[string]any) { row["status"] = odd }))
		report, err := w.watched(orgsync.RunOptions{})
		require.NoError(t, err)
		assert.Equal(t, aiguanhuai.StatusActive, w.atCare(person(11)).Status, "%v", odd)
		assert.Contains(t, report.Text(), person(11), "%v", odd)
		w.source.ClearFaults()
		w.synced(t)
		w.requireInStep()
	}
}

// A phone that the list masks, and a record by id does not, is known by the latter: full
// readings neither clear it nor send anything.
func TestDirectory_phoneMaskedInTheListAlone(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.synced(t)
	w.edit("person/getall", only(person(6), func(row map[string]any) { row["phone"] = "138****0006" }))
	phone := w.atCare(person(6)).Mobile.Or("")
	for _, full := range []bool{true, false, true, false} {
		w.source.UpdatePerson(person(6), func(p *yunzhijia.Person) { p.JobTitle += "级" })
		report, err := w.watched(orgsync.RunOptions{Full: full})
		require.NoError(t, err)
		assert.Equal(t, phone, w.atCare(person(6)).Mobile.Or(""))
		if full {
			assert.Equal(t, []string{person(6)}, ids(target(report, "tuzhan").Skipped), "兔展 demands a phone")
		}
	}
	for range 2 {
		_, err := w.watched(orgsync.RunOptions{Full: true})
		require.NoError(t, err)
	}
	assert.Zero(t, w.writes())
}

// A vendor whose answers are stamped an hour ahead of the clock that it compares with loses
// no change, and it is said.
func TestDirectory_clockAnHourAhead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by   time.Duration
		said bool
	}{"ahead": {time.Hour, true}, "behind": {-time.Hour, false}, "a little": {30 * time.Second, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDirectory(t, 4, 40)
			w.through(func(r *http.Request) (*http.Response, error) {
				response, err := w.source.Transport().RoundTrip(r)
				if err == nil {
					response.Header.Set("Date", w.now().Add(c.by).UTC().Format(http.TimeFormat))
				}
				return response, err
			})
			report := w.synced(t)
			assert.Equal(t, c.said, strings.Contains(report.Text(), "the vendor's clock is 1h0m0s ahead"), report.Text())
			w.later(5 * time.Minute)
			w.source.UpdatePerson(person(9), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
			report = w.synced(t)
			assert.False(t, report.Reading.Full)
			w.requireInStep()
			w.synced(t)
			assert.Zero(t, w.writes())
		})
	}
}

// getAtTime says two things about one person: what person/get says counts, and without it
// the last row, which is confirmed.
func TestDirectory_contradictoryChanges(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"left, then there": true, "there, then left": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDirectory(t, 5, 40)
			w.synced(t)
			w.source.UpdatePerson(person(9), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
			var last any
			w.edit("person/getAtTime", func(rows []any) []any {
				if len(rows) == 0 { // the page that begins with the last row
					return []any{last}
				}
				left := maps.Clone(rows[0].(map[string]any))
				left["status"], left["department"] = "0", ""
				if rows = append(rows, left); first {
					slices.Reverse(rows)
				}
				last = rows[len(rows)-1]
				return rows
			})
			w.synced(t)
			w.requireInStep()
			assert.Equal(t, 1, w.source.Count("person/get"), "once")

			w.source.UpdatePerson(person(9), func(p *yunzhijia.Person) { p.JobTitle = "首席总监" })
			w.edit("person/get", func(rows []any) []any {
				return slices.DeleteFunc(rows, func(row any) bool { return field(row, "openId") == person(9) })
			})
			report, err := w.run(orgsync.RunOptions{})
			assert.Contains(t, report.Text(), person(9))
			if first { // the last row says that they are there
				require.NoError(t, err)
				assert.Equal(t, []string{person(9)}, ids(report.Reading.Quarantined))
				assert.Equal(t, aiguanhuai.StatusActive, w.atCare(person(9)).Status)
				w.source.ClearFaults()
				w.synced(t)
				w.requireInStep()
			} else { // a leaver by the feed, and not there by an answer that was measured
				require.NoError(t, err)
				assert.Equal(t, aiguanhuai.StatusDisabled, w.atCare(person(9)).Status)
			}
		})
	}
}

// A refusal in the middle, over a quota for instance, ends the reading before anything is
// sent, and the next run has it all.
func TestDirectory_quotaInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"person/getall", "person/getAtTime", "person/get", "company/queryPartTimeJobs"} {
		for name, fault := range map[string]yunzhijiatest.Fault{
			"refused": yunzhijiatest.Refuse(5003, "调用次数已达上限"), "token": yunzhijiatest.Refuse(10000401, "鉴权失败"), "429": yunzhijiatest.RateLimited(0),
		} {
			t.Run(op+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newDirectory(t, 5, 300)
				w.directory.Pages = yunzhijia.PageOptions{Count: 50, Prefetch: 1}
				for i := range 120 {
					w.source.SetSideJobs(person(i+1), yunzhijia.SideJob{OrgID: "org-0001"})
				}
				w.synced(t)
				for i := range 120 {
					w.source.UpdatePerson(person(i+100), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
				}
				w.source.Inject(fault.On(op).After(1).Always())
				report, err := w.run(orgsync.RunOptions{Full: op == "person/getall", Force: true})
				var source *orgsync.SourceError
				require.ErrorAs(t, err, &source, report.Text())
				assert.Zero(t, w.writes())
				w.source.ClearFaults()
				w.synced(t, orgsync.RunOptions{Force: true})
				w.requireInStep()
			})
		}
	}
}

// A vendor that answers every page with the first one ends no list quietly.
func TestDirectory_ignoresTheOffset(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"person/getall", "company/queryPartTimeJobs"} {
		w := newDirectory(t, 5, 60)
		for i := range 40 {
			w.source.SetSideJobs(person(i+1), yunzhijia.SideJob{OrgID: "org-0004"})
		}
		w.directory.Pages = yunzhijia.PageOptions{Count: 20, Prefetch: 1}
		w.synced(t)
		var first []any
		w.edit(op, func(rows []any) []any {
			if first == nil {
				first = rows
			}
			return first
		})
		_, err := w.watched(orgsync.RunOptions{Full: true})
		require.Error(t, err)
		assert.Zero(t, w.writes())
		w.source.ClearFaults()
		w.synced(t)
		w.requireInStep()
	}
}

// People join and leave between pages: no one is lost, and no one goes who is there.
func TestDirectory_listThatLives(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 60)
	w.directory.Pages = yunzhijia.PageOptions{Count: 10, Prefetch: 1}
	w.synced(t)
	page := 0
	w.edit("person/getall", func(rows []any) []any {
		switch page++; page {
		case 1:
			w.source.AddPerson(yunzhijia.Person{OpenID: "aaa", Name: "新人", Phone: "13900000001", OrgID: "org-0003", JobNo: "E90001"})
		case 3:
			w.source.Leave(person(2))
		}
		return rows
	})
	_, err := w.watched(orgsync.RunOptions{Full: true})
	require.NoError(t, err)
	w.source.ClearFaults()
	w.synced(t)
	w.requireInStep()
}
