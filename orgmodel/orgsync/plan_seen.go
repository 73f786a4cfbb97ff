package orgsync

import (
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Directory returns the organisation as it was read, so that people can look at a plan
// with names instead of ids. It lives in memory alone and is never part of JSON: a plan
// that was unmarshalled has none, and the result is nil, which is an empty one. After
// an incremental reading it holds all departments, and the people who changed.
func (p *Plan) Directory() *orgmodel.Directory { return p.org }

// FormerName returns the name by which targets know a department that is renamed or
// removed, "" if there is none. Like [Plan.Directory] it is in memory alone.
func (p *Plan) FormerName(departmentID string) string { return p.titles[departmentID] }

// Directory returns the organisation as it was read, as [Plan.Directory] does. It is
// nil if the reading failed, and after unmarshalling.
func (r *Report) Directory() *orgmodel.Directory { return r.org }

// Plan returns the plan of a dry run, and nil for any other run and after unmarshalling.
func (r *Report) Plan() *Plan { return r.plan }

// Objection is what the guard has against a plan: a limit, and the records that it is
// about. There are none where the limit is about a number or about a target as a whole.
type Objection struct {
	Violation

	Records []Note
}

// Added returns what the guard objects to in p and did not object to in seen, which was
// made earlier: a decision about seen does not cover it. The records are the new ones
// alone. It needs two plans of this process, because plans in JSON do not hold all that
// it compares; of any others, it returns everything unless the digests are equal.
func (p *Plan) Added(seen *Plan) []Objection {
	if p.GuardDigest == seen.GuardDigest {
		return nil
	}
	approved := &approval{Digest: seen.GuardDigest, Sets: map[string][]string{}, Numbers: map[string]int{}}
	for i := range seen.objections {
		if o := &seen.objections[i]; o.set == nil {
			approved.Numbers[o.name()] = o.number
		} else {
			approved.Sets[o.name()] = o.set
		}
	}
	if len(p.objections) == 0 { // it was unmarshalled
		added := make([]Objection, len(p.Violations))
		for i, v := range p.Violations {
			added[i] = Objection{Violation: v}
		}
		return added
	}
	var added []Objection
	for i := range p.objections {
		if o := &p.objections[i]; !approved.covers(o, p.GuardDigest) {
			added = append(added, Objection{Violation: o.Violation, Records: approved.newOf(o)})
		}
	}
	return added
}

// names reports whether a digest is that of this plan, which knows what it stands for.
func (p *Plan) names(digest, tenant string) bool {
	return p != nil && len(p.objections) > 0 && p.GuardDigest == digest && p.Tenant == tenant
}

// newOf returns the records of a set that were not approved.
func (a *approval) newOf(o *objection) []Note {
	var notes []Note
	kind := o.Kind
	if kind == KindSubtree {
		kind = KindPeople
	}
	for _, item := range o.set {
		if o.Kind == KindSettings || o.Kind == KindReplace || a.lists(kind, o.Target, item) {
			continue
		}
		n := Note{Entity: orgmodel.EntityPerson, ID: item}
		if kind == KindPeople || kind == KindDepartments {
			name, _, _ := strings.Cut(item, "\x00")
			entity, id, _ := strings.Cut(name, "/")
			n = Note{Entity: orgmodel.Entity(entity), ID: id}
		}
		notes = append(notes, n)
	}
	return slices.Clip(notes)
}

// Outline returns the plan without its changes and names: what [Approve] and
// [Plan.Added] need of it, to be kept while the plan itself is forgotten.
func (p *Plan) Outline() *Plan {
	outline := *p
	outline.Targets, outline.org, outline.titles = nil, nil, nil
	return &outline
}
