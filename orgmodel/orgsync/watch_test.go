package orgsync_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// watched runs and holds what happened against the invariants that no run may
// break, whatever went wrong in it.
func (w *world) watched(options orgsync.RunOptions) (*orgsync.Report, error) {
	w.tb.Helper()
	replaces := len(options.Replace) > 0
	before, foreign, mark := w.held(), w.foreign(replaces), w.mark
	prefixes := w.watchPrefixes(before)
	report, err := w.run(options)
	broken := prefixes(report)
	after := w.held()

	// I1, I2, I7: what was not read to its end, or is too little, is not planned from.
	_, unread := errors.AsType[*orgsync.SourceError](err)
	guard, guarded := errors.AsType[*orgsync.GuardError](err)
	if unread || guarded && !guard.Held || options.DryRun {
		require.Zero(w.tb, w.writes(), "%v", err)
	}
	require.Empty(w.tb, broken)
	for name, was := range before {
		for id := range was {
			now, there := after[name][id]
			// I2, I25: from an incomplete reading no one is taken away except leavers
			// who were confirmed.
			p := w.person(id)
			left := p.Name != "" && p.Status != yunzhijia.StatusActive
			require.False(w.tb, !there && !report.Reading.Complete && !left, "%s: %s was taken away by an incomplete reading", name, id)
			require.True(w.tb, !there || now != "", "%s: %s", name, id)
		}
	}
	// I5, I31: what others put there is theirs.
	require.Equal(w.tb, foreign, w.foreign(replaces), "somebody else's records")
	// I8, I9: the watermark never goes back.
	if at := report.Reading.Watermark.Time; !at.IsZero() {
		require.False(w.tb, at.Before(mark), "the watermark went back")
		w.mark = at
	}
	w.requireNothingInvented()
	w.requireReadBeforeWritten()
	return report, err
}

// watchPrefixes looks at the targets after every call of a run: a person who is in
// service and has an account keeps it at every prefix of the calls (I5, I6, I12, I14,
// I22). The function it returns ends that, and lists what was broken.
//
// At 云简 the key is the record. Of people who exchange keys all go in one call; if the
// vendor refuses a part of it, one of them is without a record until the next run. The
// report must name that person.
func (w *world) watchPrefixes(before map[string]map[string]string) func(*orgsync.Report) []string {
	inService := map[string]bool{}
	for _, p := range w.source.People() {
		inService[p.OpenID] = p.Status == yunzhijia.StatusActive
	}
	var mu sync.Mutex
	lost := map[string]map[string]bool{}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.afterCall = func() {
		now := w.held()
		mu.Lock()
		defer mu.Unlock()
		for name, was := range before {
			for id := range was {
				if _, there := now[name][id]; inService[id] && !there {
					if lost[name] == nil {
						lost[name] = map[string]bool{}
					}
					lost[name][id] = true
				}
			}
		}
	}
	return func(report *orgsync.Report) []string {
		w.mu.Lock()
		w.afterCall = nil
		w.mu.Unlock()
		mu.Lock()
		defer mu.Unlock()
		taken := map[string]bool{}
		for _, u := range w.y.Users() {
			taken[u.UserNo] = !u.IsLeave
		}
		var broken []string
		for name, people := range lost {
			for id := range people {
				exchanged := name == "云简" && taken[before[name][id]] && slices.Contains(ids(target(report, "yunjian").Failed), id)
				if !exchanged {
					broken = append(broken, fmt.Sprintf("%s: %s is in service and was without an account (%s)", name, id, before[name][id]))
				}
			}
		}
		return broken
	}
}

// held says who is in service at which target, with the number they have at 云简.
func (w *world) held() map[string]map[string]string {
	held := map[string]map[string]string{"爱关怀": {}, "兔展": {}, "云简": {}}
	numbers, byPhone := map[string]string{}, map[string]string{}
	for _, p := range w.source.People() {
		numbers[p.OpenID], byPhone[p.Phone] = number(p), p.OpenID
	}
	for _, p := range w.a.People() {
		if p.Status == aiguanhuai.StatusActive {
			held["爱关怀"][p.UserID] = p.Account
		}
	}
	for _, p := range w.t.Employees() {
		if !strings.HasPrefix(p.ThirdUserID, "foreign") {
			held["兔展"][p.ThirdUserID] = cmp.Or(numbers[p.ThirdUserID], p.ThirdUserID)
		}
	}
	for _, u := range w.y.Users() {
		if id := byPhone[u.Mobile]; id != "" && !u.IsLeave && held["云简"][id] != numbers[id] {
			held["云简"][id] = u.UserNo
		}
	}
	return held
}

func (w *world) person(id string) yunzhijia.Person {
	people := w.source.People()
	if i := slices.IndexFunc(people, func(p yunzhijia.Person) bool { return p.OpenID == id }); i >= 0 {
		return people[i]
	}
	return yunzhijia.Person{OpenID: id}
}

// number is what identifies a person at 云简 if the source gives a number.
func number(p yunzhijia.Person) string { return cmp.Or(strings.TrimSpace(p.JobNo), p.OpenID) }

// foreign returns, as JSON, what this engine has not put there, at 爱关怀 unless all that
// is there was to be replaced.
func (w *world) foreign(replaced bool) []string {
	var records []string
	keep := func(id string, record any) {
		if strings.HasPrefix(id, "foreign") {
			text, err := json.Marshal(record)
			require.NoError(w.tb, err)
			records = append(records, string(text))
		}
	}
	for _, p := range w.a.People() {
		if !replaced {
			keep(p.UserID, p)
		}
	}
	for _, e := range w.t.Employees() {
		keep(e.ThirdUserID, e)
	}
	for _, u := range w.y.Users() {
		keep(u.UserNo, u)
	}
	return records
}

// requireNothingInvented holds every value at a target against the source. I12.
func (w *world) requireNothingInvented() {
	w.tb.Helper()
	for _, p := range w.a.People() {
		for _, text := range []string{p.RealName, p.Mobile.Or(""), p.Email.Or("")} {
			require.NotContains(w.tb, text, "*", "爱关怀 %s has a masked value", p.UserID)
		}
		if w.person(p.UserID).Name != "" {
			require.Equal(w.tb, w.person(p.UserID).Name, p.RealName)
			require.Contains(w.tb, []string{"", w.person(p.UserID).Phone}, p.Mobile.Or(""))
		}
	}
	for _, e := range w.t.Employees() {
		if w.person(e.ThirdUserID).Name != "" {
			require.Equal(w.tb, w.person(e.ThirdUserID).Phone, e.Phone)
		}
	}
	for _, u := range w.y.Users() {
		require.NotContains(w.tb, u.FullName+u.Mobile+u.EmailAddress.Or(""), "*", "云简 %s has a masked value", u.UserNo)
	}
}

// requireReadBeforeWritten demands that the first write comes after the last read. I17.
func (w *world) requireReadBeforeWritten() {
	w.tb.Helper()
	var lastRead, firstWrite time.Time
	for _, r := range w.source.Requests() {
		if r.Op != "getAccessToken" && r.At.After(lastRead) {
			lastRead = r.At
		}
	}
	written := func(at time.Time) {
		if firstWrite.IsZero() || at.Before(firstWrite) {
			firstWrite = at
		}
	}
	for _, r := range w.a.Requests() {
		written(r.At)
	}
	for _, r := range slices.Concat(w.t.RequestsTo(tuzhantest.OpDepartments), w.t.RequestsTo(tuzhantest.OpEmployees)) {
		written(r.At)
	}
	for _, r := range w.y.RequestsTo(yunjiantest.OpSyncUsers) {
		written(r.At)
	}
	require.False(w.tb, !firstWrite.IsZero() && firstWrite.Before(lastRead), "something was written before everything was read")
}

// sent returns the ids of the records that the last run sent to each target.
func (w *world) sent() map[string]map[string]bool {
	w.tb.Helper()
	sent := map[string]map[string]bool{"aiguanhuai": {}, "tuzhan": {}, "yunjian": {}}
	byNumber := map[string]string{}
	for _, p := range w.source.People() {
		byNumber[number(p)] = p.OpenID
	}
	collect := func(target string, body []byte) {
		var call struct {
			Data []struct {
				UserID, ThirdUserID, UserNo string
			}
		}
		if len(body) == 0 {
			return
		}
		require.NoError(w.tb, json.Unmarshal(body, &call))
		for _, row := range call.Data {
			for _, id := range []string{row.UserID, row.ThirdUserID, byNumber[row.UserNo]} {
				if id != "" {
					sent[target][id] = true
				}
			}
		}
	}
	for _, r := range w.a.Requests() {
		collect("aiguanhuai", r.Body)
	}
	for _, r := range w.t.RequestsTo(tuzhantest.OpEmployees) {
		collect("tuzhan", r.Body)
	}
	for _, r := range w.y.RequestsTo(yunjiantest.OpSyncUsers) {
		collect("yunjian", r.Body)
	}
	return sent
}

// acknowledged returns what the state says each target has acknowledged, by id.
func (w *world) acknowledged() map[string]map[string]orgsync.Known {
	w.tb.Helper()
	lease, err := w.store.Lock(w.tb.Context(), "acme")
	require.NoError(w.tb, err)
	defer func() { require.NoError(w.tb, lease.Unlock(w.tb.Context())) }()
	all := map[string]map[string]orgsync.Known{}
	for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		all[target], err = orgsync.KnownAt(w.tb.Context(), lease, target, orgmodel.EntityPerson)
		require.NoError(w.tb, err)
		maps.DeleteFunc(all[target], func(_ string, k orgsync.Known) bool { return k.Hash == "" || k.Old != "" })
	}
	return all
}
