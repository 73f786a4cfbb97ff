package orgsync_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// rules are the invariants that a chronicle can show.
func rules() []rule {
	return slices.Concat([]rule{
		{"I1", "nothing is sent after a reading of nothing, or of far fewer people than the last one that was accepted", ruleNothing},
		{"I2", "nothing is sent after a reading that broke off; what is missing from one that is not whole is not removed", ruleIncomplete},
		{"I5", "only what was sent to a target is removed from it, under a key that it was sent with", ruleOurs},
		{"I6", "removals come last; a leaver's key may be released first", ruleOrder},
		{"I8/I9", "the watermark is the source's own of this reading, never from the future, and goes back with a full reading alone", ruleWatermark},
		{"I12", "every value that is sent was read of that person", ruleInvented},
		{"I15", "tombstones stay, and who is in service again is told to the target or named", ruleTombstones},
		{"I17", "the first call comes after the last read, a department after its parent", ruleReadFirst},
		{"I19", "what was acknowledged is not sent again", ruleOnce},
		{"I20/I38", "no call starts without the lease but the one of each target that was past its check", ruleLease},
		{"I21", "a key is kept unless the reading gives another one", ruleKeptKey},
		{"I22", "an old key is retired after its successor was acknowledged", ruleSuccessor},
		{"I23", "does-not-exist is concluded from an answer that equals that about an id that was made up", ruleCalibrated},
		{"I24", "who is called a leaver is removed after a point read that agrees", ruleLeavers},
	}, outcomeRules())
}

func ruleNothing(r *replay, e *event) {
	p := r.run
	if e.Kind != kindCall || p.departments == nil || p.listing == nil {
		return
	}
	active := 0
	for id, row := range p.rows { // who left, and is said to have, is not missing
		if row.Status == answerActive || row.Status == answerLeft && p.point(id, answerLeft) != nil {
			active++
		}
	}
	switch {
	case len(p.departments.Rows) == 0, p.full() && len(p.rows) == 0:
		r.fail("a call to %s after a reading of nothing", e.Target)
	case p.full() && r.unapproved(e.At) && p.meta != nil && p.meta.InService > 0:
		before := p.meta.InService - len(r.removed)
		if before-active > max(1, allowed(p.facts.Limits.Scope, before, true)) {
			r.fail("a call to %s although %d of %d people are missing", e.Target, before-active, before)
		}
	}
}

func ruleIncomplete(r *replay, e *event) {
	if e.Kind == kindCall {
		for _, list := range []*event{r.run.departments, r.run.listing} {
			if list == nil || list.Error != "" {
				r.fail("a call to %s, and %s were not read to the end", e.Target, listName(list))
			}
		}
	}
	r.removals(e, func(s sent) {
		row, listed := r.run.rows[s.ID]
		if listed && row.Status != answerActive || r.run.point(s.ID, answerLeft) != nil {
			return
		}
		if !r.run.full() || !r.run.whole() {
			r.fail("%s: %s is removed because a reading lacks them that is not whole", e.Target, s.ID)
		}
	})
}

func listName(e *event) string {
	if e == nil {
		return "some"
	}
	return e.Kind
}

// removals calls check for every person whom a call takes something away from: not for
// the earlier keys of a person who has another one. A replacement takes away whoever is
// not in it.
func (r *replay) removals(e *event, check func(s sent)) {
	switch {
	case e.Kind == kindAnswer && e.Op == opReplace && !slices.Contains(e.Outcomes, outcomeRejected):
		in := map[string]bool{}
		for _, s := range e.Items {
			in[s.ID] = s.Active
		}
		for id, k := range r.people[e.Target] {
			if !k.Gone && !in[id] {
				check(sent{ID: id, Key: k.Key})
			}
		}
	case e.Kind == kindCall && !isDepartmentOp(e.Op):
		for _, s := range e.Items {
			if removes(e.Op, s) && !r.superseded(e.Target, s) && !r.tombstone(e, s) {
				check(s)
			}
		}
	}
}

// tombstone reports whether a call gives another key to a person who is gone already,
// and whom the reading calls a leaver: that takes nothing away.
func (r *replay) tombstone(e *event, s sent) bool {
	return e.Op == "updatePeople" && r.people[e.Target][s.ID].Gone && r.run.rows[s.ID].Status == answerLeft
}

func ruleCalibrated(r *replay, e *event) {
	r.removals(e, func(s sent) {
		if r.run.point(s.ID, answerLeft, answerUnknown, answerActive, answerThere) != nil {
			return // another rule's
		}
		answer := r.run.point(s.ID, answerUnclear)
		switch {
		case answer == nil:
			r.fail("%s: %s is removed, and the source was not asked for them", e.Target, s.ID)
		case speaksOfAccess.MatchString(answer.Signature):
			r.fail("%s: %s is removed because of %q", e.Target, s.ID, answer.Signature)
		case !r.calibrated(answer):
			r.fail("%s: %s is removed, and no control says what the answer means", e.Target, s.ID)
		}
	})
}

var speaksOfAccess = regexp.MustCompile(`(?i)权限|授权|可见|隐藏|denied|forbidden|permission|access`)

// calibrated reports whether a record that is there was answered as such, and an id
// that nothing has in the same way as the one in question.
func (r *replay) calibrated(answer *event) bool {
	there, madeUp := false, false
	for _, p := range r.run.points {
		if p.Entity != answer.Entity || p.ID == answer.ID {
			continue
		}
		switch {
		case p.Answer == answerActive || p.Answer == answerLeft || p.Answer == answerThere:
			there = true
		case !r.read[p.ID] && (p.Answer != answerUnclear || p.Signature != answer.Signature):
			return false
		case !r.read[p.ID]:
			madeUp = true
		}
	}
	return there && madeUp
}

func ruleLeavers(r *replay, e *event) {
	r.removals(e, func(s sent) {
		if row, listed := r.run.rows[s.ID]; listed && row.Status == answerActive {
			r.fail("%s: %s is in service by the reading, and removed", e.Target, s.ID)
		}
		switch {
		case r.run.point(s.ID, answerActive, answerThere) != nil:
			r.fail("%s: %s is in service when asked for, and removed", e.Target, s.ID)
		case r.run.point(s.ID, answerLeft, answerUnknown, answerUnclear) == nil:
			r.fail("%s: %s is removed, and was not asked for", e.Target, s.ID)
		}
	})
}

func ruleOurs(r *replay, e *event) {
	if e.Kind != kindCall {
		return
	}
	for _, s := range e.Items {
		if !removes(e.Op, s) {
			continue
		}
		known := r.people[e.Target]
		if isDepartmentOp(e.Op) {
			known = r.departments[e.Target]
		}
		k, held := known[s.ID]
		name := e.Target + "/" + s.ID
		if !held && !r.touched[name] {
			r.fail("%s: %s is removed, and was never sent", e.Target, s.ID)
		}
		ours := s.Key == "" || s.Key == k.Key || s.Key == s.ID || slices.Contains(strings.Split(k.Old, ","), s.Key)
		if r.run.facts.Keyed[e.Target] && !ours && !r.tried[name+"/"+s.Key] {
			r.fail("%s: %s is removed under %s, which was never sent", e.Target, s.ID, s.Key)
		}
	}
}

func ruleOrder(r *replay, e *event) {
	if e.Kind == kindCall && rankOf(e) < r.run.rank[e.Target] {
		r.fail("%s: %s comes too late", e.Target, e.Op)
	}
}

func ruleWatermark(r *replay, e *event) {
	if e.Kind == kindPeople && e.Since.Cursor != "" && (r.meta == nil || !sameMark(e.Since, r.meta.Watermark)) {
		r.fail("people are read from %q, which is not where the last reading ended", e.Since.Cursor)
	}
	if e.Kind != kindWrite {
		return
	}
	for _, s := range e.Stored {
		if s.Meta == nil || s.Meta.Watermark.IsZero() || r.meta != nil && sameMark(s.Meta.Watermark, r.meta.Watermark) {
			continue
		}
		at, list := s.Meta.Watermark, r.run.listing
		switch {
		case list == nil || !sameMark(at, list.UpTo) || list.Error != "" || list.Slid:
			r.fail("the watermark %q is not that of this reading", at.Cursor)
		case at.Time.After(e.At.Add(25 * time.Hour)):
			r.fail("the watermark %q is in the future", at.Cursor)
		case !r.run.full() && r.meta != nil && at.Time.Before(r.meta.Watermark.Time):
			r.fail("the watermark goes back to %q", at.Cursor)
		}
	}
}

// sameMark compares watermarks, which name their zones in several ways.
func sameMark(a, b orgsync.Watermark) bool { return a.Cursor == b.Cursor && a.Time.Equal(b.Time) }

func ruleInvented(r *replay, e *event) {
	if e.Kind != kindCall || isDepartmentOp(e.Op) {
		return
	}
	for _, s := range e.Items {
		for field, hash := range s.Fields {
			now, known := r.run.rows[s.ID].Fields[field]
			switch {
			case hash == "": // I33
			case !r.read[s.ID+"/"+field+"="+hash]:
				r.fail("%s: the %s of %s was never read", e.Target, field, s.ID)
			case known && now != "" && now != hash && s.Active:
				r.fail("%s: the %s of %s is not that of this reading", e.Target, field, s.ID)
			}
		}
	}
}

func ruleTombstones(r *replay, e *event) {
	if e.Kind == kindWrite {
		for _, s := range e.Stored {
			if s.Entity == "person" && s.Deleted {
				r.fail("%s: all that is known of %s is dropped", s.Target, s.Key)
			}
		}
	}
	if e.Kind != kindEnd || !e.Quiet || e.Error != "" || r.run.facts.DryRun {
		return
	}
	for id, row := range r.run.rows {
		for target, known := range r.people {
			if row.Status == answerActive && known[id].Gone && !slices.Contains(e.Named[target], id) {
				r.fail("%s: %s is in service again, and was not told", target, id)
			}
		}
	}
}

func ruleReadFirst(r *replay, e *event) {
	switch e.Kind {
	case kindDepartments, kindPeople, kindPoint:
		if r.run.called {
			r.fail("%s are read after the first call", e.Kind)
		}
	case kindCall:
		if !isDepartmentOp(e.Op) || strings.HasPrefix(e.Op, "remove") {
			return
		}
		for i, s := range e.Items {
			k, held := r.departments[e.Target][s.Parent]
			before := slices.ContainsFunc(e.Items[:i], func(other sent) bool { return other.ID == s.Parent })
			if s.Parent != "" && (!held || k.Gone) && !before {
				r.fail("%s: department %s comes before its parent %s", e.Target, s.ID, s.Parent)
			}
		}
	}
}

func ruleOnce(r *replay, e *event) {
	if e.Kind != kindCall || isDepartmentOp(e.Op) || e.Op == opReplace || slices.Contains(r.run.facts.Adopt, e.Target) {
		return
	}
	for _, s := range e.Items {
		k, acked := r.people[e.Target][s.ID], r.acked[e.Target][r.recordOf(e.Target, s)]
		if !removes(e.Op, s) && k.Hash != "" && !k.Gone && (k.Key == s.Key || s.Key == "") && acked == (content{s.ID, s.Digest}) {
			r.fail("%s: %s was acknowledged, and is sent again", e.Target, s.ID)
		}
	}
}

func ruleLease(r *replay, e *event) {
	if e.Kind == kindCall && r.run.sinceLost != nil && r.run.sinceLost[e.Target] > 0 {
		r.fail("%s: %s without the lease", e.Target, e.Op)
	}
}

func ruleKeptKey(r *replay, e *event) {
	if e.Kind != kindCall || isDepartmentOp(e.Op) {
		return
	}
	if _, keyed := r.run.facts.Keyed[e.Target]; !keyed {
		return
	}
	for _, s := range e.Items {
		k := r.people[e.Target][s.ID]
		no := r.run.rows[s.ID].No
		switch {
		case removes(e.Op, s), s.Key == k.Key:
		case k.Key != "" && s.Key != no:
			r.fail("%s: %s is sent as %s, and is known as %s", e.Target, s.ID, s.Key, k.Key)
		case k.Key == "" && s.Key != no && s.Key != s.ID:
			r.fail("%s: %s is sent as %s, which no one gave them", e.Target, s.ID, s.Key)
		}
	}
}

func ruleSuccessor(r *replay, e *event) {
	if e.Kind != kindCall || isDepartmentOp(e.Op) {
		return
	}
	for _, s := range e.Items {
		row, listed := r.run.rows[s.ID]
		if !removes(e.Op, s) || !listed || row.Status != answerActive {
			continue
		}
		old := strings.Split(r.people[e.Target][s.ID].Old, ",")
		if !r.superseded(e.Target, s) || !slices.Contains(old, s.Key) {
			r.fail("%s: %s of %s is retired, and has no successor that was acknowledged", e.Target, s.Key, s.ID)
		}
	}
}

// holders lists who has an account at a target.
func (r *replay) holders(target string) map[string]bool {
	holders := map[string]bool{}
	for id := range maps.Values(r.accounts[target]) {
		holders[id] = true
	}
	return holders
}
