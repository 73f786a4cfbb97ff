package orgmodel

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// pulls counts the pulls of one entity.
type pulls struct {
	begun, ended int
	incremental  bool
	nameless     []*ConversionError // records without an id
}

// tally is what the pulls of one entity came to.
type tally struct {
	pulls
	records     int
	quarantined []*ConversionError // ordered by id
	duplicates  []string           // ids, ordered
}

type record interface{ Person | Department }

// keeper takes in the records of one entity in the order of their arrival.
type keeper[T record] interface {
	// take keeps a record; it must not keep its memory.
	take(r *T, lastWins bool)
	// quarantine also drops an earlier record with the id: in a feed the unreadable
	// one replaces it, elsewhere it is unknown which of the two is right.
	quarantine(refused *ConversionError)
	idOf(r *T) string
}

// pullAll reads one pull to its end.
func pullAll[T record](to keeper[T], p *pulls, entity Entity, pull iter.Seq2[T, error], options []PullOption) error {
	// Counted at both ends, so that a panic in the pull leaves an unended one.
	p.begun++
	if pull == nil {
		return fmt.Errorf("orgmodel: %s pull is nil", entity)
	}
	lastWins := slices.Contains(options, LastWins)
	p.incremental = p.incremental || slices.Contains(options, Incremental)
	for r, err := range pull {
		refused, isRefusal := errors.AsType[*ConversionError](err)
		switch {
		case isRefusal && blank(refused.ID):
			p.nameless = append(p.nameless, refused)
		case isRefusal:
			kept := *refused
			kept.ID = strings.Clone(kept.ID)
			to.quarantine(&kept)
		case err != nil:
			return fmt.Errorf("orgmodel: %s pull: %w", entity, err)
		case blank(to.idOf(&r)):
			p.nameless = append(p.nameless, noID(entity, "id"))
		default:
			to.take(&r, lastWins)
		}
	}
	p.ended++
	return nil
}

// departmentPart is what was pulled of departments. There are few of them.
type departmentPart struct {
	pulls

	records     map[string]Department
	duplicates  map[string]bool
	quarantined map[string]*ConversionError
}

func (p *departmentPart) idOf(d *Department) string { return d.ID }

func (p *departmentPart) ready() {
	if p.records == nil {
		p.records, p.duplicates, p.quarantined = map[string]Department{}, map[string]bool{}, map[string]*ConversionError{}
	}
}

func (p *departmentPart) take(d *Department, lastWins bool) {
	p.ready()
	_, bad := p.quarantined[d.ID]
	_, taken := p.records[d.ID]
	switch {
	case lastWins:
		delete(p.quarantined, d.ID)
	case bad:
		return
	case taken:
		p.duplicates[strings.Clone(d.ID)] = true
		return
	}
	kept := d.normalized().detached()
	p.records[kept.ID] = kept
}

func (p *departmentPart) quarantine(refused *ConversionError) {
	p.ready()
	delete(p.records, refused.ID)
	p.quarantined[refused.ID] = refused
}

func (p *departmentPart) seal() ([]Department, tally) {
	departments := make([]Department, 0, len(p.records))
	for _, id := range slices.Sorted(maps.Keys(p.records)) {
		departments = append(departments, p.records[id])
	}
	t := tally{pulls: p.pulls, records: len(departments), duplicates: slices.Sorted(maps.Keys(p.duplicates))}
	for _, id := range slices.Sorted(maps.Keys(p.quarantined)) {
		t.quarantined = append(t.quarantined, p.quarantined[id])
	}
	return departments, t
}
