package orgsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// confirm asks the source for everything that some target holds and a complete
// reading lacks.
func (r *run) confirm(ctx context.Context, rd *reading) error {
	if _, complete := prove(rd.org); !complete {
		return nil
	}
	c := &confirmation{run: r, rd: rd, missing: map[string]int{}, left: maxConfirmations}
	if r.options.Force {
		c.left = math.MaxInt
	}
	if err := c.departments(ctx); err != nil {
		return err
	}
	if rd.full() {
		if err := c.people(ctx); err != nil {
			return err
		}
		rd.missing = c.missing
	}
	return nil
}

type confirmation struct {
	run     *run
	rd      *reading
	missing map[string]int
	left    int
	failed  bool
}

func (c *confirmation) people(ctx context.Context) error {
	for _, id := range c.lacking(orgmodel.EntityPerson, func(id string) bool {
		_, there := c.rd.org.Person(id)
		return there
	}) {
		if c.settled(orgmodel.EntityPerson, id) {
			c.rd.absentPeople = append(c.rd.absentPeople, id)
			continue
		}
		if !c.may(orgmodel.EntityPerson, id) {
			continue
		}
		p, err := c.run.config.Source.Person(ctx, id)
		if err == nil {
			p, err = c.run.set.enrichment.maybe(p)
		}
		switch {
		case errors.Is(err, ErrNotFound):
			if c.outOfGrace(orgmodel.EntityPerson, id) {
				c.rd.absentPeople = append(c.rd.absentPeople, id)
			}
		case err == nil && p.Known.Has(orgmodel.PersonStatus) && p.Status != orgmodel.StatusActive:
			c.rd.leavers[id] = p
		case err == nil:
			c.doubt(orgmodel.EntityPerson, id, "is missing from the full reading, but there when asked for")
		default:
			if err := c.fail(ctx, orgmodel.EntityPerson, id, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *confirmation) departments(ctx context.Context) error {
	for _, id := range c.lacking(orgmodel.EntityDepartment, func(id string) bool {
		_, there := c.rd.org.Department(id)
		return there
	}) {
		if c.settled(orgmodel.EntityDepartment, id) {
			c.rd.absentDepts = append(c.rd.absentDepts, id)
			continue
		}
		if !c.may(orgmodel.EntityDepartment, id) {
			continue
		}
		_, err := c.run.config.Source.Department(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			if c.outOfGrace(orgmodel.EntityDepartment, id) {
				c.rd.absentDepts = append(c.rd.absentDepts, id)
			}
		case err == nil:
			c.doubt(orgmodel.EntityDepartment, id, "is missing from the listing, but there when asked for")
		default:
			if err := c.fail(ctx, orgmodel.EntityDepartment, id, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// may reports whether another point read is due; what is not asked stays.
func (c *confirmation) may(entity orgmodel.Entity, id string) bool {
	if c.left == 0 || c.failed {
		if key := missingKey(entity, id); c.run.state.missing[key] > 0 {
			c.missing[key] = c.run.state.missing[key]
		}
		c.rd.unconfirmed = true
		c.doubt(entity, id, "is missing, which is not confirmed yet")
		return false
	}
	c.left--
	return true
}

func (c *confirmation) outOfGrace(entity orgmodel.Entity, id string) bool {
	key := missingKey(entity, id)
	c.missing[key] = c.run.state.missing[key] + 1
	if c.missing[key] >= c.run.set.grace {
		return true
	}
	c.doubt(entity, id, fmt.Sprintf("is missing for the %d. time, of %d", c.missing[key], c.run.set.grace))
	return false
}

// fail treats a point read that failed as no answer. Of a source that is down no
// more is asked: it would be asked once for each.
func (c *confirmation) fail(ctx context.Context, entity orgmodel.Entity, id string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	c.failed, c.rd.unconfirmed = unreachable(err), true
	c.doubt(entity, id, "is missing, and asking for it failed: "+err.Error())
	return nil
}

func (c *confirmation) doubt(entity orgmodel.Entity, id, reason string) {
	c.rd.doubts = append(c.rd.doubts, Note{Entity: entity, ID: id, Reason: reason})
}

// lacking returns the ids that some target holds and the reading lacks, those first
// that were never asked about: else a few who cannot be removed kept asking for
// themselves for ever.
func (c *confirmation) lacking(entity orgmodel.Entity, there func(id string) bool) []string {
	ids := map[string]bool{}
	for _, t := range c.run.state.targets {
		for id, e := range t.entries(entity) {
			if !e.Gone && !ids[id] && !there(id) {
				ids[id] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(ids), func(a, b string) int {
		missing := c.run.state.missing
		return cmp.Or(cmp.Compare(missing[missingKey(entity, a)], missing[missingKey(entity, b)]), strings.Compare(a, b))
	})
}

// settled reports whether the absence was confirmed by an earlier run, and nothing
// can come of it: whoever still holds the record cannot remove it.
func (c *confirmation) settled(entity orgmodel.Entity, id string) bool {
	key := missingKey(entity, id)
	if c.run.state.missing[key] < c.run.set.grace {
		return false
	}
	for _, target := range c.run.config.Targets {
		e, held := c.run.state.targets[target.Name()].entries(entity)[id]
		if held && !e.Gone && (entity == orgmodel.EntityDepartment || target.Traits().DeletesLeavers || replaceFirst(target)) {
			return false
		}
	}
	c.missing[key] = c.run.state.missing[key]
	return true
}

func missingKey(entity orgmodel.Entity, id string) string { return string(entity) + "/" + id }
