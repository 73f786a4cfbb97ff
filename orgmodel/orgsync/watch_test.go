package orgsync_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// watched runs and holds what happened against the invariants that no run may
// break, whatever went wrong in it.
func (w *world) watched(options orgsync.RunOptions) (*orgsync.Report, error) {
	w.tb.Helper()
	before, foreign, mark := w.held(), w.foreign(), w.mark
	report, err := w.run(options)
	after := w.held()

	// I1, I2, I7: what was not read to its end, or is too little, is not planned from.
	_, unread := errors.AsType[*orgsync.SourceError](err)
	_, guarded := errors.AsType[*orgsync.GuardError](err)
	if unread || guarded || options.DryRun {
		require.Zero(w.tb, w.writes(), "%v", err)
	}
	for name, was := range before {
		for id, key := range was {
			now, there := after[name][id]
			p := w.person(id)
			inService := p.Status == yunzhijia.StatusActive
			// I2: from an incomplete reading nobody is taken away, leavers neither.
			require.False(w.tb, !there && !report.Reading.Complete, "%s: %s was taken away by an incomplete reading", name, id)
			// I5, I6, I12, I14: whoever is in service stays in service. Somebody with
			// another number may be between the two of them.
			require.False(w.tb, inService && !there && number(p) == key, "%s: %s is in service and was taken away", name, id)
			require.True(w.tb, !there || now != "", "%s: %s", name, id)
		}
	}
	// I5: what others put there is theirs.
	require.Equal(w.tb, foreign, w.foreign(), "somebody else's records")
	// I8, I9: the watermark never goes back.
	if at := report.Reading.Watermark.Time; !at.IsZero() {
		require.False(w.tb, at.Before(mark), "the watermark went back")
		w.mark = at
	}
	w.requireNothingInvented()
	w.requireReadBeforeWritten()
	return report, err
}

// held says who is in service at which target, with the number they have at 云简.
func (w *world) held() map[string]map[string]string {
	held := map[string]map[string]string{"爱关怀": {}, "兔展": {}, "云简": {}}
	for _, p := range w.a.People() {
		if p.Status == aiguanhuai.StatusActive {
			held["爱关怀"][p.UserID] = p.Account
		}
	}
	byPhone := map[string]string{}
	for _, p := range w.source.People() {
		byPhone[p.Phone] = p.OpenID
	}
	for _, p := range w.t.Employees() {
		if !strings.HasPrefix(p.ThirdUserID, "foreign") {
			held["兔展"][p.ThirdUserID] = number(w.person(p.ThirdUserID))
		}
	}
	for _, u := range w.y.Users() {
		if id := byPhone[u.Mobile]; id != "" && !u.IsLeave && held["云简"][id] != number(w.person(id)) {
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

// number is by what 云简 knows somebody.
func number(p yunzhijia.Person) string {
	if p.JobNo != "" {
		return p.JobNo
	}
	return p.OpenID
}

// foreign returns, as JSON, what this engine has not put there.
func (w *world) foreign() []string {
	var records []string
	keep := func(id string, record any) {
		if strings.HasPrefix(id, "foreign") {
			text, err := json.Marshal(record)
			require.NoError(w.tb, err)
			records = append(records, string(text))
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
	for _, r := range w.y.RequestsTo(yunjiantest.OpUserSyn) {
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
	for _, r := range w.y.RequestsTo(yunjiantest.OpUserSyn) {
		collect("yunjian", r.Body)
	}
	return sent
}

// acknowledged returns what the state says each target has acknowledged, by id.
func (w *world) acknowledged() map[string]map[string]string {
	w.tb.Helper()
	lease, err := w.store.Lock(w.tb.Context(), "acme")
	require.NoError(w.tb, err)
	defer func() { require.NoError(w.tb, lease.Unlock(w.tb.Context())) }()
	known := map[string]map[string]string{}
	for _, target := range []string{"aiguanhuai", "tuzhan", "yunjian"} {
		known[target] = map[string]string{}
		for e, err := range lease.All(w.tb.Context(), "people/"+target) {
			require.NoError(w.tb, err)
			var entry map[string]any
			require.NoError(w.tb, json.Unmarshal(e.Value, &entry))
			if entry["h"] != nil && entry["o"] == nil {
				known[target][e.Key] = string(e.Value)
			}
		}
	}
	return known
}
