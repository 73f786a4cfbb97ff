package orgmodel

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// ErrSealed says that records were given to a builder after [Builder.Seal].
var ErrSealed = errors.New("orgmodel: the directory is sealed")

// PullOption says how to read one pull.
type PullOption uint8

const (
	// LastWins reads the pull as an event feed, in which a record replaces an
	// earlier one with the same id, as getallpersons of 云之家 demands. Without it
	// a repeated id is a fault: pages that overlap also have gaps.
	LastWins PullOption = iota + 1
	// Incremental says that the pull starts from a cursor and so yields only what
	// has changed. Who is missing from it is not gone; see [Changes.RemovedPeople].
	Incremental
)

// Builder accumulates the pulls that make up one snapshot and keeps the evidence
// of whether they were complete, which nobody can set by hand: a pull counts only
// if its iterator was read to its own end without an error. The zero Builder is
// empty and ready. Use one for one snapshot, from one goroutine and without copying
// it; after a failed pull start with a new one.
type Builder struct {
	departments part[Department]
	people      part[Person]
	sealed      *Directory
}

// AddDepartments reads a pull of departments to its end. It returns the error that
// ended the pull, if one did. A [*ConversionError] ends nothing: that record is
// quarantined and the pull goes on, and so is a record without an id.
func (b *Builder) AddDepartments(pull iter.Seq2[Department, error], options ...PullOption) error {
	if b.sealed != nil {
		return ErrSealed
	}
	return b.departments.add(EntityDepartment, pull, options)
}

// AddPeople reads a pull of people, as AddDepartments does with departments.
// Masked values become unknown on the way.
func (b *Builder) AddPeople(pull iter.Seq2[Person, error], options ...PullOption) error {
	if b.sealed != nil {
		return ErrSealed
	}
	return b.people.add(EntityPerson, pull, options)
}

// Seal ends the building and returns the snapshot. From then on the builder takes
// no more records, and Seal returns the same snapshot again.
func (b *Builder) Seal() *Directory {
	if b.sealed == nil {
		b.sealed = newDirectory(b.departments.sorted(), b.people.sorted())
		b.sealed.settle(&b.departments, &b.people)
	}
	return b.sealed
}

// Convert turns a vendor's rows into records, for [Builder]. A row that cannot be
// converted yields its error and the loop goes on; an error of the pull itself
// ends it.
func Convert[V, T any](rows iter.Seq2[V, error], convert func(V) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(convert(row)) {
				return
			}
		}
	}
}

// part is what was pulled of one entity.
type part[T record[T]] struct {
	records     map[string]T
	duplicates  map[string]bool
	quarantined map[string]*ConversionError
	nameless    []*ConversionError // records without an id
	begun       int
	ended       int
	incremental bool
}

type record[T any] interface {
	key() string
	normalized() T
}

func (p *part[T]) add(entity Entity, pull iter.Seq2[T, error], options []PullOption) error {
	// Counted at both ends, so that a panic in the pull leaves an unended one.
	p.begun++
	if pull == nil {
		return fmt.Errorf("orgmodel: %s pull is nil", entity)
	}
	if p.records == nil {
		p.records, p.duplicates, p.quarantined = map[string]T{}, map[string]bool{}, map[string]*ConversionError{}
	}
	lastWins := slices.Contains(options, LastWins)
	p.incremental = p.incremental || slices.Contains(options, Incremental)
	for record, err := range pull {
		if refused, ok := errors.AsType[*ConversionError](err); ok {
			p.quarantine(refused)
			continue
		}
		if err != nil {
			return fmt.Errorf("orgmodel: %s pull: %w", entity, err)
		}
		if blank(record.key()) {
			p.quarantine(&ConversionError{Entity: entity, Field: "id", Reason: "is empty"})
			continue
		}
		p.take(record, lastWins)
	}
	p.ended++
	return nil
}

func (p *part[T]) take(record T, lastWins bool) {
	id := record.key()
	_, bad := p.quarantined[id]
	_, taken := p.records[id]
	switch {
	case lastWins:
		delete(p.quarantined, id)
	case bad:
		return
	case taken:
		p.duplicates[id] = true
		return
	}
	p.records[id] = record.normalized()
}

// quarantine also drops an earlier record with the id: in a feed the unreadable
// one replaces it, elsewhere nobody can tell which of the two is right.
func (p *part[T]) quarantine(refused *ConversionError) {
	if blank(refused.ID) {
		p.nameless = append(p.nameless, refused)
		return
	}
	delete(p.records, refused.ID)
	p.quarantined[refused.ID] = refused
}

func (p *part[T]) sorted() []T {
	records := make([]T, 0, len(p.records))
	for _, record := range p.records {
		records = append(records, record)
	}
	slices.SortFunc(records, func(a, b T) int { return cmp.Compare(a.key(), b.key()) })
	return records
}
