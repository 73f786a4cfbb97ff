package orgmodel

import (
	"errors"
	"iter"

	"github.com/orgbridge/orgbridge/yunzhijia"
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
	// has changed. People who are missing from it are not gone.
	Incremental
)

// Builder accumulates the pulls that make up one snapshot and keeps the evidence of
// whether they were complete. That cannot be set by hand: a pull counts only if its
// iterator was read to its own end without an error. The zero Builder is empty and
// ready. Use one for one snapshot, from one goroutine and without copying it; after
// a failed pull start with a new one.
type Builder struct {
	departments departmentPart
	people      peoplePart
	sealed      *Directory
}

// AddDepartments reads a pull of departments to its end. It returns the error that
// ended the pull, if one did. A [*ConversionError] ends nothing: that record is
// quarantined and the pull goes on, and so is a record without an id.
func (b *Builder) AddDepartments(pull iter.Seq2[Department, error], options ...PullOption) error {
	if b.sealed != nil {
		return ErrSealed
	}
	return pullAll(&b.departments, &b.departments.pulls, EntityDepartment, pull, options)
}

// AddPeople reads a pull of people, as AddDepartments does with departments.
// Texts are cleaned on the way, and a text that is not a value becomes unknown.
// The builder copies what it takes, so that a page and its texts can be freed.
func (b *Builder) AddPeople(pull iter.Seq2[Person, error], options ...PullOption) error {
	if b.sealed != nil {
		return ErrSealed
	}
	return pullAll(&b.people, &b.people.pulls, EntityPerson, pull, options)
}

// Seal ends the building and returns the snapshot. From then on the builder takes
// no more records, and Seal returns the same snapshot again.
func (b *Builder) Seal() *Directory {
	if b.sealed == nil {
		departments, sent := b.departments.seal()
		people, met := b.people.seal()
		b.sealed = newDirectory(departments, people)
		b.sealed.settle(sent, met)
		b.departments, b.people = departmentPart{}, peoplePart{}
	}
	return b.sealed
}

var errNothing = errors.New("orgmodel: rows or conversion is nil")

// Convert turns a vendor's rows into records, for [Builder]. A row that cannot be
// read or converted yields a [*ConversionError] and the loop goes on; an error of the
// pull itself ends it.
func Convert[V, T any](rows iter.Seq2[V, error], convert func(V) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if rows == nil || convert == nil {
			var none T
			yield(none, errNothing)
			return
		}
		for row, err := range rows {
			if unreadable, ok := errors.AsType[*yunzhijia.RowError](err); ok {
				var none T
				if !yield(none, unread(none, unreadable)) {
					return
				}
				continue
			}
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

// unread is the error of a row that the client could not read.
func unread(record any, err *yunzhijia.RowError) *ConversionError {
	entity := EntityPerson
	if _, ok := record.(Department); ok {
		entity = EntityDepartment
	}
	return &ConversionError{Entity: entity, ID: err.ID, Field: err.Field, Reason: err.Problem}
}
