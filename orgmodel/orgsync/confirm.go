package orgsync

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// confirm asks the source about everything and everyone that a target would lose:
// leavers, and what a complete reading lacks.
func (r *run) confirm(ctx context.Context, rd *reading) error {
	rd.evidence = newEvidence()
	leavers, err := r.heldLeavers(ctx, rd)
	if err != nil {
		return err
	}
	c := &confirmation{run: r, rd: rd, missing: map[string]int{}, left: maxConfirmations}
	if r.deciding() {
		c.left = math.MaxInt
	}
	if err := c.leavers(ctx, leavers); err != nil {
		return r.sourceError(ctx, err)
	}
	if !rd.org.Complete() {
		return nil
	}
	for _, entity := range []orgmodel.Entity{orgmodel.EntityDepartment, orgmodel.EntityPerson} {
		if entity == orgmodel.EntityPerson && !rd.full() || entity == orgmodel.EntityDepartment && !r.departmentsDue(rd) {
			continue
		}
		lacking, err := r.lacking(ctx, rd, entity)
		if err != nil {
			return err
		}
		if err := c.absences(ctx, entity, lacking); err != nil {
			return r.sourceError(ctx, err)
		}
	}
	if rd.full() {
		r.missing = c.missing
	}
	return nil
}

// departmentsDue reports whether departments are planned by this run: an unchanged
// tree is at every target already, unless one of them refused a part of it.
func (r *run) departmentsDue(rd *reading) bool {
	if rd.full() {
		return true
	}
	for _, t := range r.state.targets {
		if t.DepartmentsOwed {
			return true
		}
	}
	return false
}

// heldLeavers returns the people who, by the reading, are not in service and whom a
// target holds; the others are noted.
func (r *run) heldLeavers(ctx context.Context, rd *reading) ([]orgmodel.Person, error) {
	var held []orgmodel.Person
	gone := only(rd.org.People(), func(p orgmodel.Person) bool {
		return p.Known.Has(orgmodel.PersonStatus) && p.Status != orgmodel.StatusActive
	})
	for batch := range batches(gone, planBatch) {
		ids := idsOf(batch)
		known, holding := map[string]bool{}, map[string]bool{}
		for _, t := range r.state.targets {
			found, err := r.state.entriesOf(ctx, t, orgmodel.EntityPerson, ids...)
			if err != nil {
				return nil, err
			}
			for id, e := range found {
				known[id] = true
				holding[id] = holding[id] || e.holds()
			}
		}
		for _, p := range batch {
			switch {
			case holding[p.ID]:
				held = append(held, p.Clone())
			case !known[p.ID] && !rd.full(): // which tells of all who ever left
				r.unknownLeavers = append(r.unknownLeavers, p.ID)
			}
		}
	}
	return held, nil
}

type confirmation struct {
	run      *run
	rd       *reading
	missing  map[string]int
	left     int
	failures int                  // in a row
	asked    []string             // people to be asked for, in their order
	ahead    map[string]PointRead // what a BatchReader answered about some of them
	measured map[string]*control  // of the call that told so, of those who did not come
	controls map[orgmodel.Entity]*control
	known    []string // people who are certainly there, once looked for
}

// read makes one point read.
func (c *confirmation) read(ctx context.Context, entity orgmodel.Entity, id string) (p orgmodel.Person, err error) {
	if entity == orgmodel.EntityPerson {
		read, err := c.person(ctx, id)
		if err != nil {
			return read, err
		}
		return c.run.set.enrichment.maybe(read)
	}
	if c.failures >= maxFailures {
		return p, errSourceDown
	}
	_, err = c.run.config.Source.Department(ctx, id)
	c.count([]PointRead{{Err: err}})
	return p, err
}

// person reads one person, or many at once if the source can and they are asked for next.
func (c *confirmation) person(ctx context.Context, id string) (orgmodel.Person, error) {
	if _, there := c.ahead[id]; !there && c.failures >= maxFailures {
		return orgmodel.Person{}, errSourceDown
	}
	batch, can := c.run.config.Source.(BatchReader)
	if at := slices.Index(c.asked, id); can && at >= 0 {
		next := c.asked[at:min(at+confirmBatch, len(c.asked))]
		c.asked = c.asked[at+len(next):]
		c.readAhead(ctx, batch, next)
	}
	if read, there := c.ahead[id]; there {
		delete(c.ahead, id)
		return read.Person, read.Err
	}
	p, err := c.run.config.Source.Person(ctx, id)
	c.count([]PointRead{{Err: err}})
	return p, err
}

func (c *confirmation) leavers(ctx context.Context, leavers []orgmodel.Person) error {
	c.asked = idsOf(leavers[:min(len(leavers), c.left)])
	for _, p := range leavers {
		if c.left == 0 {
			c.rd.evidence.leavers[p.ID], c.rd.reread[p.ID] = pending, true
			continue
		}
		c.left--
		now, err := c.read(ctx, orgmodel.EntityPerson, p.ID)
		v := unanswered
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && inService(now):
			v = contradicted
			c.rd.doubt(orgmodel.EntityPerson, p.ID, say(RemarkInService))
		case err == nil && now.Known.Has(orgmodel.PersonStatus):
			v = confirmed
		case err == nil:
			c.rd.doubt(orgmodel.EntityPerson, p.ID, say(RemarkStatusless))
		case c.control(ctx, orgmodel.EntityPerson, p.ID).proves(ctx, p.ID, err):
			v = confirmed
		default:
			c.rd.doubt(orgmodel.EntityPerson, p.ID,
				c.because(ctx, orgmodel.EntityPerson, p.ID, RemarkLeftUnanswered, "left by the reading, which could not be confirmed: ", err))
		}
		c.rd.evidence.leavers[p.ID] = v
		if v != confirmed {
			c.rd.reread[p.ID] = true
		}
		c.rd.unanswered = c.rd.unanswered || v == unanswered
	}
	return nil
}

// because says why an answer proves nothing.
func (c *confirmation) because(ctx context.Context, entity orgmodel.Entity, id string, code RemarkCode, text string, err error) said {
	text += err.Error()
	why := c.control(ctx, entity, id).why
	if why != "" {
		text += " (" + remarkTexts[why] + ")"
	}
	return because(code, text, remarkOf(err), string(why))
}

// absences asks about what is missing, beginning with those never asked about.
func (c *confirmation) absences(ctx context.Context, entity orgmodel.Entity, ids []string) error {
	verdicts := c.rd.evidence.people
	if entity == orgmodel.EntityDepartment {
		verdicts = c.rd.evidence.departments
	}
	before := c.run.state.missing
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(before[entityKey(entity, a)], before[entityKey(entity, b)]), strings.Compare(a, b))
	})
	if c.asked = nil; entity == orgmodel.EntityPerson {
		c.asked = ids[:min(len(ids), c.left)]
	}
	for _, id := range ids {
		key := entityKey(entity, id)
		if c.left == 0 {
			verdicts[id] = pending
			if before[key] > 0 {
				c.missing[key] = before[key]
			}
			c.rd.doubt(entity, id, say(RemarkMissingPending))
			c.run.fullDue = remarkTexts[RemarkMoreMissing]
			continue
		}
		c.left--
		p, err := c.read(ctx, entity, id)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && entity == orgmodel.EntityPerson && p.Known.Has(orgmodel.PersonStatus) && p.Status != orgmodel.StatusActive:
			c.rd.evidence.found[id] = p
		case err == nil:
			verdicts[id] = contradicted
			c.listed(entity, id, say(RemarkThere))
		case c.control(ctx, entity, id).proves(ctx, id, err):
			c.missing[key] = before[key] + 1
			if verdicts[id] = confirmed; c.missing[key] < c.run.set.grace {
				verdicts[id] = unanswered
				c.rd.doubt(entity, id, say(RemarkMissingCounted, strconv.Itoa(c.missing[key]), strconv.Itoa(c.run.set.grace)))
			}
		default:
			verdicts[id], c.rd.unanswered = unanswered, true
			c.run.fullDue = remarkTexts[RemarkAbsenceOpen]
			c.rd.doubt(entity, id, c.because(ctx, entity, id, RemarkMissingUnanswered, "missing, which could not be confirmed: ", err))
		}
	}
	return nil
}

// listed notes that something is there although the reading lacks it: the reading does
// not fit, unless the one before lacked the same.
func (c *confirmation) listed(entity orgmodel.Entity, id string, reason said) {
	c.rd.doubt(entity, id, reason)
	key := entityKey(entity, id)
	c.run.unlisted[key] = true
	if !c.run.state.unlisted[key] {
		c.rd.unfit = append(c.rd.unfit, say(RemarkUnlisted, string(entity), printable(id)))
	}
}

// control returns the control for a call: the one that was measured with it or, of a call
// about one record, the one for all of them, which is made when first needed.
func (c *confirmation) control(ctx context.Context, entity orgmodel.Entity, id string) *control {
	if measured := c.measured[id]; measured != nil && entity == orgmodel.EntityPerson {
		return measured
	}
	if c.controls == nil {
		c.controls = map[orgmodel.Entity]*control{}
	}
	if c.controls[entity] == nil {
		c.controls[entity] = c.newControl(ctx, entity)
	}
	return c.controls[entity]
}

func (c *confirmation) newControl(ctx context.Context, entity orgmodel.Entity) *control {
	return &control{
		ask: func(ctx context.Context, id string) error {
			_, err := c.read(ctx, entity, id)
			return err
		},
		known: c.certain(ctx, entity),
		taken: func(id string) bool { return c.rd.has(entity, id) },
	}
}

// certain returns up to two ids that certainly exist: of this reading or, where
// that lists none, of what is held and not in question.
func (c *confirmation) certain(ctx context.Context, entity orgmodel.Entity) []string {
	if entity == orgmodel.EntityPerson {
		if c.known == nil {
			c.known = c.certainPeople(ctx)
		}
		return c.known
	}
	var ids []string
	for d := range c.rd.org.Departments() {
		if ids = append(ids, d.ID); len(ids) == 2 {
			break
		}
	}
	return ids
}

func (c *confirmation) certainPeople(ctx context.Context) []string {
	ids := []string{}
	for p := range c.rd.org.People() {
		if inService(p) {
			if ids = append(ids, p.ID); len(ids) == 2 {
				return ids
			}
		}
	}
	if c.rd.full() {
		return ids // whom it lacks is in question
	}
	for _, t := range c.run.state.targets {
		for e, err := range c.run.state.scan(ctx, t, orgmodel.EntityPerson) {
			if err != nil || len(ids) == 2 {
				return ids
			}
			if _, inQuestion := c.rd.evidence.leavers[e.id]; !inQuestion && !e.gone && !c.rd.org.HasPerson(e.id) && !slices.Contains(ids, e.id) {
				ids = append(ids, e.id)
			}
		}
	}
	return ids
}

// lacking returns the ids that some target holds and the reading lacks.
func (r *run) lacking(ctx context.Context, rd *reading, entity orgmodel.Entity) ([]string, error) {
	ids := map[string]bool{}
	for _, t := range r.state.targets {
		has := rd.org.HasDepartment
		if entity == orgmodel.EntityPerson {
			has = rd.org.Lookup().Has // both are in order
		}
		for stored, err := range r.state.all(ctx, t.entries(entity)) {
			if err != nil {
				return nil, err
			}
			if holds(stored.Value) && !has(stored.Key) {
				ids[stored.Key] = true
			}
		}
	}
	return slices.Collect(maps.Keys(ids)), nil
}
