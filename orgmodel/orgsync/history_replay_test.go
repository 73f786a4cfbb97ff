package orgsync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// rule is one invariant as a chronicle can show it. check looks at an event and at all
// that was before it.
type rule struct {
	name, doc string
	check     func(r *replay, e *event)
}

// validate returns what is broken in a chronicle, each line with the rule's name first.
func validate(c chronicle) []string {
	r := &replay{
		people: map[string]map[string]orgsync.Known{}, departments: map[string]map[string]orgsync.Known{},
		touched: map[string]bool{}, tried: map[string]bool{}, started: map[string]bool{}, unlisted: map[string]bool{}, held: map[string]bool{},
		unsure: map[string]bool{}, key: map[string]string{}, again: map[string]bool{}, read: map[string]bool{}, removed: map[string]bool{}, calls: map[int]*event{}, pending: map[string]pending{},
		acked: map[string]map[string]content{}, accounts: map[string]map[string]string{}, destinations: map[string]string{},
		run: &played{},
	}
	list := rules()
	for i := range c {
		n := len(r.broken)
		for _, rule := range list {
			r.rule = rule.name
			rule.check(r, &c[i])
		}
		slices.Sort(r.broken[n:])
		r.apply(&c[i])
	}
	return r.broken
}

// replay is what the events so far have come to.
type replay struct {
	rule   string
	broken []string

	people, departments map[string]map[string]orgsync.Known // target -> id -> what the state says
	touched             map[string]bool                     // target/id that a call was about
	tried               map[string]bool                     // target/id/key that was sent
	unsure              map[string]bool                     // target/record that is a person's if a call was carried out
	key                 map[string]string                   // target/id -> key that the target has acknowledged last
	again               map[string]bool                     // target/id of what is to be sent twice
	read                map[string]bool                     // ids, and id/field=hash, that the source ever gave
	started             map[string]bool                     // targets that were filled once
	unlisted            map[string]bool
	held                map[string]bool // ids that wait for an approval
	removed             map[string]bool // ids since the last full reading that was accepted
	meta                *orgsync.StoredMeta
	calls               map[int]*event
	pending             map[string]pending            // target/id -> an outcome that the state was not told yet
	acked               map[string]map[string]content // target -> record -> what it holds for sure
	accounts            map[string]map[string]string  // target -> record in service -> id
	destinations        map[string]string
	plan                *event
	plans               []*event
	approved            time.Time // when something was, last
	run                 *played
}

// played is the run under way.
type played struct {
	facts       runFacts
	departments *event
	listing     *event // of people, the last one
	rows        map[string]row
	points      []*event
	called      bool
	sinceLost   map[string]int  // calls by target, nil while the lease is held
	rank        map[string]int  // of the last call to a target
	started     map[string]bool // before the run
	before      map[string]map[string]orgsync.Known
	done        map[string]map[string]bool // target -> op/id that was called
	gone        map[string]map[string]bool // target -> ids that were, or may be, removed
	created     map[string]map[string]bool // target -> ids that were, or may be, created
	replaced    map[string]bool            // targets that were given everything at once
	retired     map[string]bool            // target/key that was removed
	again       map[string]bool            // what was to be sent twice when the run began to send
	exchanged   map[string]string          // target/id of those who lost a record in an exchange
	meta        *orgsync.StoredMeta        // before the run
	plan        *event
}

// pending is a record that a target has answered about.
type pending struct {
	item       sent
	outcome    string
	removes    bool
	superseded bool
}

type content struct{ id, digest string }

func (r *replay) fail(format string, args ...any) {
	r.broken = append(r.broken, r.rule+": "+fmt.Sprintf(format, args...))
}

func (p *played) full() bool { return p.listing != nil && p.listing.Since.Cursor == "" }

// whole reports whether nothing was set aside or went wrong in what was listed.
func (p *played) whole() bool {
	return p.departments != nil && p.listing != nil && len(p.departments.Refused)+len(p.listing.Refused) == 0 &&
		p.departments.Error == "" && p.listing.Error == ""
}

func (p *played) point(id string, answers ...string) *event {
	for _, e := range p.points {
		if e.ID == id && slices.Contains(answers, e.Answer) {
			return e
		}
	}
	return nil
}

// in says who holds the key of a record, or id where ids are the records.
func (r *replay) recordOf(target string, s sent) string {
	if r.run.facts.Keyed[target] && s.Key != "" {
		return s.Key
	}
	return s.ID
}

func isDepartmentOp(op string) bool { return strings.HasSuffix(op, "Departments") }

func removes(op string, s sent) bool { return strings.HasPrefix(op, "remove") || !s.Active }

// superseded reports whether a removal is that of an earlier key of a person who has
// another one for sure.
func (r *replay) superseded(target string, s sent) bool {
	k, held := r.people[target][s.ID]
	return held && r.run.facts.Keyed[target] && !k.Gone && k.Key != "" && s.Key != k.Key && r.key[target+"/"+s.ID] == k.Key
}

// allowed says how many of n a limit allows; removals never more than half.
func allowed(l orgsync.Limit, n int, half bool) int {
	most := l.Allowed(n)
	if half {
		most = min(most, max(1, n/2))
	}
	return most
}

// unapproved reports whether the guard had to have its way.
func (r *replay) unapproved(at time.Time) bool {
	f := r.run.facts
	return !f.Force && f.Approve == "" && f.Limits != nil && (r.approved.IsZero() || at.Sub(r.approved) > 8*24*time.Hour)
}

func sub[V any](m map[string]map[string]V, key string) map[string]V {
	if m[key] == nil {
		m[key] = map[string]V{}
	}
	return m[key]
}

func (r *replay) apply(e *event) {
	p := r.run
	switch e.Kind {
	case kindBegin:
		r.begin(e)
	case kindPlan:
		r.plan = e
		r.plans = append(r.plans, e)
	case kindDepartments:
		p.departments = e
	case kindPeople:
		p.listing = e
		if e.Since.Cursor == "" {
			p.rows = map[string]row{} // one that was suspicious counts no more
		}
		r.rows(e.Rows)
	case kindPoint:
		p.points = append(p.points, e)
		if _, listed := p.rows[e.ID]; listed {
			r.remember(e.Rows)
		} else {
			r.rows(e.Rows)
		}
	case kindLost:
		p.sinceLost = map[string]int{}
	case kindCall:
		r.called(e)
	case kindAnswer:
		r.answered(e)
	case kindWrite:
		for i := range e.Stored {
			r.store(&e.Stored[i])
		}
	case kindEnd:
	}
}

func (r *replay) begin(e *event) {
	if e.Options.Approve != "" {
		r.approved = e.At
	}
	for name, p := range r.pending { // the state was not told: a run died
		target, _, _ := strings.Cut(name, "/")
		r.unsure[target+"/"+r.recordOf(target, p.item)] = true
	}
	r.pending = map[string]pending{}
	r.run = &played{
		facts: *e.Options, rows: map[string]row{}, rank: map[string]int{}, done: map[string]map[string]bool{},
		gone: map[string]map[string]bool{}, created: map[string]map[string]bool{}, exchanged: map[string]string{},
		replaced: map[string]bool{}, retired: map[string]bool{}, started: maps.Clone(r.started), meta: r.meta, plan: r.plan,
	}
	r.plan = nil
}

// rows merges what was read into what is known of these ids.
func (r *replay) rows(rows []row) {
	r.remember(rows)
	for _, now := range rows {
		was, there := r.run.rows[now.ID]
		if there {
			fields := maps.Clone(was.Fields)
			maps.Copy(fields, now.Fields)
			now.Fields = fields
			if now.Status == "" {
				now.Status = was.Status
			}
			if now.No == "" {
				now.No = was.No
			}
		}
		r.run.rows[now.ID] = now
	}
}

func (r *replay) remember(rows []row) {
	for _, now := range rows {
		r.read[now.ID] = true
		for field, hash := range now.Fields {
			r.read[now.ID+"/"+field+"="+hash] = true
		}
	}
}

func (r *replay) called(e *event) {
	p := r.run
	p.called = true
	if p.before == nil {
		p.before, p.again = map[string]map[string]orgsync.Known{}, maps.Clone(r.again)
		for target, known := range r.people {
			p.before[target] = maps.Clone(known)
		}
	}
	if p.sinceLost != nil {
		p.sinceLost[e.Target]++
	}
	r.calls[e.Call] = e
	p.rank[e.Target] = rankOf(e)
	if r.destinations[e.Target] == "" || slices.Contains(p.facts.Adopt, e.Target) {
		r.destinations[e.Target] = e.Destination
	}
	for _, s := range e.Items {
		r.touched[e.Target+"/"+s.ID] = true
		r.tried[e.Target+"/"+s.ID+"/"+s.Key] = true
		sub(p.done, e.Target)[e.Op+"/"+s.ID] = true
	}
}

// rankOf is the stage of a push to which a call belongs.
func rankOf(e *event) int {
	switch e.Op {
	case "addDepartments", "updateDepartments":
		return 1
	case "addPeople", "updatePeople":
		if len(e.Items) > 0 && !slices.ContainsFunc(e.Items, func(s sent) bool { return s.Active }) {
			return 0 // keys of leavers are released
		}
		return 2
	case "removePeople":
		return 3
	case "removeDepartments":
		return 4
	}
	return 0
}

func (r *replay) answered(e *event) {
	call := r.calls[e.Call]
	items := call.Items
	if call.Op == opReplace {
		items = e.Items
		r.run.replaced[e.Target] = true
		dropOthers(sub(r.accounts, e.Target), e)
	}
	p := r.run
	for i, s := range items {
		if isDepartmentOp(call.Op) || i >= len(e.Outcomes) {
			continue
		}
		outcome := e.Outcomes[i]
		gone, superseded := removes(call.Op, s), false
		if gone {
			superseded = r.superseded(e.Target, s)
		}
		if call.Op != opReplace {
			r.pending[e.Target+"/"+s.ID] = pending{s, outcome, gone, superseded}
		}
		was, held := p.before[e.Target][s.ID]
		switch {
		case outcome == outcomeRejected, call.Op == opReplace:
		case gone && !superseded && held && !was.Gone:
			sub(p.gone, e.Target)[s.ID] = true
			r.removed[s.ID] = true
		case !gone && !held:
			sub(p.created, e.Target)[s.ID] = true
		}
		if gone && outcome == outcomeOK {
			p.retired[e.Target+"/"+s.Key] = true
		}
		if !gone && outcome == outcomeOK {
			r.key[e.Target+"/"+s.ID] = s.Key
		}
		if call.Op == opReplace && outcome != outcomeRejected { // what was acknowledged before is another content now
			maps.DeleteFunc(sub(r.acked, e.Target), func(_ string, c content) bool { return c.id == s.ID })
		}
		record, account := r.recordOf(e.Target, s), sub(r.accounts, e.Target)
		switch {
		case outcome == outcomeRejected:
		case gone: // whoever's it is
			delete(account, record)
		case !gone:
			account[record] = s.ID
			r.unsure[e.Target+"/"+record] = outcome == outcomeOpen
		}
	}
}

// dropOthers takes away whoever is not in a replacement.
func dropOthers(account map[string]string, e *event) {
	if slices.Contains(e.Outcomes, outcomeRejected) {
		return
	}
	maps.DeleteFunc(account, func(_, id string) bool {
		return !slices.ContainsFunc(e.Items, func(s sent) bool { return s.ID == id && s.Active })
	})
}

func (r *replay) store(s *stored) {
	switch {
	case s.Meta != nil:
		if r.meta == nil || !r.meta.LastFull.Equal(s.Meta.LastFull) {
			r.removed = map[string]bool{}
		}
		r.meta = s.Meta
	case s.Settled != nil:
		r.started[s.Key] = s.Settled.Started
	case s.Bucket == "unlisted":
		r.unlisted[s.Key] = !s.Deleted
	case s.Bucket == "held":
		r.held[s.Key] = !s.Deleted
	case s.Entity == "department":
		if s.Deleted {
			delete(sub(r.departments, s.Target), s.Key)
		} else {
			sub(r.departments, s.Target)[s.Key] = *s.Known
		}
	case s.Entity == "person":
		r.storePerson(s)
	}
}

func (r *replay) storePerson(s *stored) {
	name := s.Target + "/" + s.Key
	answer, waiting := r.pending[name]
	delete(r.pending, name)
	if s.Deleted {
		delete(sub(r.people, s.Target), s.Key)
		return
	}
	sub(r.people, s.Target)[s.Key] = *s.Known
	r.again[name] = s.Again
	acked := sub(r.acked, s.Target)
	if s.Known.Hash == "" || s.Known.Gone {
		maps.DeleteFunc(acked, func(_ string, c content) bool { return c.id == s.Key })
	} else if waiting && answer.outcome == outcomeOK && !answer.removes {
		acked[r.recordOf(s.Target, answer.item)] = content{s.Key, answer.item.Digest}
	}
}
