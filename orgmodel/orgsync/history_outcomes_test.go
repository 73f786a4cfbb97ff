package orgsync_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// outcomeRules are about what became of calls, and what was made of it.
func outcomeRules() []rule {
	return []rule{
		{"I22/I37", "who is in service and has an account keeps one at every prefix of the calls; who loses it because a part of an exchange failed, or may have, is named", ruleAccounts},
		{"I25", "a leaver who was confirmed is removed, or named", ruleWithheld},
		{"I27", "a reading that lacks someone who is there moves neither watermark nor date", ruleUnfit},
		{"I28", "a target that holds no one while people are in service is an error", ruleZeroOfN},
		{"I30", "a target leads to one place until it is adopted", ruleDestination},
		{"I31", "a target is replaced when that was asked for and approved", ruleReplace},
		{"I32", "no more people are removed or created without an approval than the limits say", ruleLimits},
		{"I33", "what is unknown is not sent as empty", ruleEmpty},
		{"I36", "an approval lets pass what it names", ruleApproved},
		{"I37", "the state says what was carried out", ruleAcknowledged},
		{"I38", "a run without an error leaves nothing uncertain", ruleUncertain},
		{"dry", "a dry run sends and stores nothing", ruleDry},
		{"plan", "a run does what the plan made before it says", rulePlan},
	}
}

func ruleAccounts(r *replay, e *event) {
	if e.Kind == kindEnd {
		for name, id := range r.run.exchanged {
			target, _, _ := strings.Cut(name, "/")
			if e.Quiet && !slices.Contains(e.Named[target], id) {
				r.fail("%s: %s lost their record in an exchange, and is not named", target, id)
			}
		}
	}
	if e.Kind != kindAnswer {
		return
	}
	call := r.calls[e.Call]
	if call == nil || isDepartmentOp(call.Op) {
		return
	}
	before, account := r.holders(e.Target), maps.Clone(sub(r.accounts, e.Target))
	items := call.Items
	if call.Op == opReplace {
		items = e.Items
		dropOthers(account, e)
	}
	failed := map[string]bool{}
	for i, s := range items {
		if i >= len(e.Outcomes) {
			continue
		}
		failed[s.ID] = failed[s.ID] || e.Outcomes[i] != outcomeOK
		record := r.recordOf(e.Target, s)
		switch {
		case e.Outcomes[i] == outcomeRejected:
		case !removes(call.Op, s):
			account[record] = s.ID
		default: // whoever's it is
			delete(account, record)
		}
	}
	after := map[string]bool{}
	for id := range maps.Values(account) {
		after[id] = true
	}
	for _, id := range r.run.facts.Truth {
		switch {
		case !before[id] || after[id]:
		case r.run.facts.Keyed[e.Target] && (failed[id] || r.unsureOf(e.Target, id)):
			r.run.exchanged[e.Target+"/"+id] = id
		default:
			r.fail("%s: %s is in service and was without an account", e.Target, id)
		}
	}
}

// unsureOf reports whether no call that was acknowledged gave a person an account, so
// that it may still be under another key.
func (r *replay) unsureOf(target, id string) bool {
	for record, holder := range r.accounts[target] {
		if holder == id && !r.unsure[target+"/"+record] {
			return false
		}
	}
	return true
}

func ruleWithheld(r *replay, e *event) {
	if e.Kind != kindEnd || !e.Quiet || r.run.facts.DryRun || r.run.sinceLost != nil || strings.Contains(e.Error, "killed") {
		return
	}
	for id, row := range r.run.rows {
		if row.Status != answerLeft || r.run.point(id, answerLeft) == nil || r.run.point(id, answerActive, answerThere) != nil {
			continue
		}
		for target, known := range r.people {
			k, held := known[id]
			if held && !k.Gone && !slices.Contains(e.Named[target], id) {
				r.fail("%s: %s has left, is still there, and is not named", target, id)
			}
		}
	}
}

func ruleUnfit(r *replay, e *event) {
	if e.Kind != kindWrite || !r.run.full() || r.meta == nil {
		return
	}
	for _, s := range e.Stored {
		if s.Meta == nil || sameMark(s.Meta.Watermark, r.meta.Watermark) && s.Meta.LastFull.Equal(r.meta.LastFull) {
			continue
		}
		if r.run.listing.Slid {
			r.fail("pages slid, and the reading was accepted")
		}
		for _, p := range r.run.points {
			listed := slices.ContainsFunc(r.run.listing.Rows, func(row row) bool { return row.ID == p.ID })
			if p.Answer == answerActive && !listed && r.run.whole() && !r.unlisted["person/"+p.ID] && r.holdsAnywhere(p.ID) {
				r.fail("%s is missing from a full reading and there when asked for, and the reading was accepted", p.ID)
			}
		}
	}
}

func (r *replay) holdsAnywhere(id string) bool {
	for _, known := range r.people {
		if k, held := known[id]; held && !k.Gone {
			return true
		}
	}
	return false
}

func ruleZeroOfN(r *replay, e *event) {
	if e.Kind != kindEnd || e.Error != "" || !r.run.full() || r.run.facts.DryRun {
		return
	}
	active := slices.ContainsFunc(slices.Collect(maps.Values(r.run.rows)), func(row row) bool { return row.Status == answerActive })
	for target := range e.Named {
		holds := false
		for _, k := range r.people[target] {
			holds = holds || !k.Gone
		}
		if active && !holds {
			r.fail("%s holds no one, and the run was a success", target)
		}
	}
}

func ruleDestination(r *replay, e *event) {
	if known := r.destinations[e.Target]; e.Kind == kindCall && known != "" && known != e.Destination && !slices.Contains(r.run.facts.Adopt, e.Target) {
		r.fail("%s leads somewhere else", e.Target)
	}
}

func ruleReplace(r *replay, e *event) {
	f := r.run.facts
	if e.Kind == kindCall && e.Op == opReplace && (!slices.Contains(f.Replace, e.Target) || !f.Force && f.Approve == "" && r.approved.IsZero()) {
		r.fail("%s is replaced unasked", e.Target)
	}
}

// beyond calls check with the people removed or created beyond a limit at the end of a run.
func (r *replay) beyond(check func(target, what string, ids map[string]bool)) {
	if r.run.facts.Limits == nil {
		return
	}
	for target, known := range r.run.before {
		held := 0
		for _, k := range known {
			if !k.Gone {
				held++
			}
		}
		if gone := r.run.gone[target]; len(gone) > allowed(r.run.facts.Limits.People, held, true) {
			check(target, "removed", gone)
		}
		if created := r.run.created[target]; r.run.started[target] && len(created) > r.run.facts.Limits.Created.Allowed(held) {
			check(target, "created", created)
		}
	}
}

func ruleLimits(r *replay, e *event) {
	if e.Kind == kindEnd && r.unapproved(e.At) {
		r.beyond(func(target, what string, ids map[string]bool) {
			r.fail("%s: %d people were %s", target, len(ids), what)
		})
	}
}

func ruleApproved(r *replay, e *event) {
	if e.Kind != kindEnd || r.run.facts.Approve == "" || r.run.facts.Force {
		return
	}
	named := map[string]bool{}
	for _, p := range r.plans {
		if p.Digest != r.run.facts.Approve {
			continue
		}
		for _, t := range p.Plan {
			for _, c := range t.Changes {
				named[t.Name+"/"+c.ID] = true
			}
		}
	}
	r.beyond(func(target, what string, ids map[string]bool) {
		for id := range ids {
			if !named[target+"/"+id] {
				r.fail("%s: %s was %s, and no approval names them", target, id, what)
			}
		}
	})
}

func ruleEmpty(r *replay, e *event) {
	if e.Kind != kindCall || isDepartmentOp(e.Op) {
		return
	}
	for _, s := range e.Items {
		for field, hash := range s.Fields {
			if hash == "" && !r.read[s.ID+"/"+field+"="] {
				r.fail("%s: the %s of %s is sent as empty, and no one said so", e.Target, field, s.ID)
			}
		}
	}
}

func ruleAcknowledged(r *replay, e *event) {
	if e.Kind == kindEnd && e.Error == "" {
		for name, p := range r.pending {
			if p.outcome == outcomeOK {
				r.fail("%s was acknowledged, and the state does not say so", name)
			}
		}
	}
	if e.Kind != kindWrite {
		return
	}
	for i := range e.Stored {
		s := &e.Stored[i]
		if s.Entity != "person" || s.Deleted {
			continue
		}
		was, held := r.people[s.Target][s.Key]
		answer, waiting := r.pending[s.Target+"/"+s.Key]
		_, keyed := r.run.facts.Keyed[s.Target]
		if !waiting {
			if held && !was.Gone && s.Known.Gone && !r.run.replaced[s.Target] && !r.passedOn(e, s, was.Key) {
				r.fail("%s: %s counts as gone, and nothing was sent", s.Target, s.Key)
			}
			continue
		}
		if why := differs(answer, s.Known, was, keyed, r.run.again[s.Target+"/"+s.Key]); why != "" {
			r.fail("%s: %s %s", s.Target, s.Key, why)
		}
	}
}

// differs says how an entry contradicts the answer that it is about.
func differs(a pending, k *orgsync.Known, was orgsync.Known, keyed, again bool) string {
	switch {
	case a.outcome == outcomeOpen && k.Hash != "" && !a.superseded:
		return "counts as known, and the outcome was not"
	case a.outcome == outcomeRejected && k.Hash != "" && k.Hash != was.Hash:
		return "counts as carried out, and was rejected"
	case a.outcome != outcomeOK:
		return ""
	case a.superseded:
		if slices.Contains(strings.Split(k.Old, ","), a.item.Key) {
			return "still has a key that was retired"
		}
	case a.removes && !k.Gone:
		return "was removed, and counts as there"
	case !a.removes && k.Gone:
		return "was sent, and counts as gone"
	case !a.removes && k.Hash == "" && !again:
		return "was acknowledged, and counts as uncertain"
	case !a.removes && keyed && k.Key != a.item.Key:
		return "was sent as " + a.item.Key + ", and counts as " + k.Key
	}
	return ""
}

// passedOn reports whether a key belongs to another person who is in service, or was
// removed as that of another person.
func (r *replay) passedOn(e *event, s *stored, key string) bool {
	if key == "" || r.run.retired[s.Target+"/"+key] {
		return key != ""
	}
	for id, k := range r.people[s.Target] {
		if id != s.Key && k.Key == key && !k.Gone {
			return true
		}
	}
	return slices.ContainsFunc(e.Stored, func(other stored) bool {
		return other.Target == s.Target && other.Key != s.Key && other.Known != nil && other.Known.Key == key && !other.Known.Gone
	})
}

func ruleUncertain(r *replay, e *event) {
	if e.Kind != kindEnd || e.Error != "" || r.run.facts.DryRun {
		return
	}
	for target, known := range r.people {
		for id, k := range known {
			if slices.Contains(e.Named[target], id) || r.held[id] {
				continue
			}
			if r.run.again[target+"/"+id] {
				passed := k.Gone && k.Key == "" && r.run.facts.Keyed[target] // the key is another person's
				if !passed && !r.wasSent(target, id) {
					r.fail("%s: %s was uncertain at a takeover, and is not sent", target, id)
				}
				continue // it goes once more
			}
			if k.Hash == "" && !k.Gone {
				r.fail("%s: what became of %s is still not known", target, id)
			}
		}
	}
}

func (r *replay) wasSent(target, id string) bool {
	done := r.run.done[target]
	return r.run.replaced[target] || done["updatePeople/"+id] || done["addPeople/"+id] || done["removePeople/"+id]
}

func ruleDry(r *replay, e *event) {
	if (e.Kind == kindCall || e.Kind == kindWrite) && r.run.facts.DryRun {
		r.fail("a %s by a dry run", e.Kind)
	}
}

func rulePlan(r *replay, e *event) {
	p := r.run
	if e.Kind != kindEnd || p.plan == nil || !p.facts.Clean || e.Error != "" || p.facts.DryRun || len(p.facts.Replace) > 0 {
		return
	}
	for _, t := range p.plan.Plan {
		planned := map[string]bool{}
		for _, c := range t.Changes {
			name := c.Op.String() + "/" + c.ID
			waits := slices.Contains(e.Named[t.Name], c.ID) && !p.done[t.Name][name]
			if c.Reason != orgsync.ReasonHandedOver && !waits {
				planned[name] = true
			}
		}
		if !maps.Equal(planned, p.done[t.Name]) && len(planned)+len(p.done[t.Name]) > 0 {
			r.fail("%s: planned %v, done %v", t.Name, slices.Sorted(maps.Keys(planned)), slices.Sorted(maps.Keys(p.done[t.Name])))
		}
	}
}
