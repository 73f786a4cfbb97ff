package orgsync

import (
	"errors"
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Enrichment adds to what the source knows of people, from a roster of the human
// resources department for instance. 云之家 rarely grants mobiles, which 兔展 and 云简
// demand.
type Enrichment struct {
	// Person returns p with what else is known, most often by [orgmodel.Person.Merge].
	// An error sets the person aside; its text is reported and must not hold values.
	// It is called for one person after another.
	Person func(p orgmodel.Person) (orgmodel.Person, error)
	// Digest changes whenever Person would return something else for anyone. All people are
	// then read again, although the source has nothing new to tell. nil means never.
	Digest func() string
}

func (e Enrichment) digest() string {
	if e.Digest == nil {
		return ""
	}
	return e.Digest()
}

// apply enriches people on their way. Whatever is wrong with one of them is about
// that one alone.
func (e Enrichment) apply(people iter.Seq2[orgmodel.Person, error]) iter.Seq2[orgmodel.Person, error] {
	if e.Person == nil {
		return people
	}
	return func(yield func(orgmodel.Person, error) bool) {
		for p, err := range people {
			if err == nil {
				p, err = e.one(p)
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

func (e Enrichment) one(p orgmodel.Person) (orgmodel.Person, error) {
	enriched, err := e.call(p.Clone())
	switch {
	case err == nil && enriched.ID != p.ID:
		return orgmodel.Person{}, refusePerson(p.ID, "id", "was changed by the enrichment")
	case err == nil:
		return enriched, nil
	}
	if refused, ok := errors.AsType[*orgmodel.ConversionError](err); ok {
		return orgmodel.Person{}, refusePerson(p.ID, refused.Field, refused.Reason)
	}
	return orgmodel.Person{}, refusePerson(p.ID, "enrichment", err.Error())
}

// call calls Person, whose panics are errors of that person.
func (e Enrichment) call(p orgmodel.Person) (enriched orgmodel.Person, err error) {
	defer recoverTo(&err)
	return e.Person(p)
}

func refusePerson(id, field, reason string) *orgmodel.ConversionError {
	return &orgmodel.ConversionError{Entity: orgmodel.EntityPerson, ID: id, Field: field, Reason: reason}
}

// maybe enriches one person outside of a sequence.
func (e Enrichment) maybe(p orgmodel.Person) (orgmodel.Person, error) {
	if e.Person == nil {
		return p, nil
	}
	return e.one(p)
}
