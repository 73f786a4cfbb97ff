package orgmodel

import "slices"

// evidence is what a snapshot knows about how it was read.
type evidence struct {
	complete    bool
	incremental map[Entity]bool
	problems    []Problem // why it is not complete
	quarantined []*ConversionError
	duplicates  []Problem
}

// Complete reports whether the snapshot is what the source holds: departments and
// people were both read, every pull was read to its own end without an error, no
// record is quarantined, no id is repeated, every parent and department referred
// to is there, and neither part is empty. It is computed; nothing sets it.
//
// A snapshot from an [Incremental] pull can be complete as far as the pull goes;
// absence from it still means nothing ([Directory.IsIncremental]).
func (d *Directory) Complete() bool { return d.orEmpty().evidence.complete }

// Incomplete returns the reasons why the snapshot is not complete, and nil if it is.
func (d *Directory) Incomplete() []Problem {
	e := &d.orEmpty().evidence
	if !e.complete && len(e.problems) == 0 {
		return []Problem{{Kind: ErrNotRead, Entity: EntityDepartment}, {Kind: ErrNotRead, Entity: EntityPerson}}
	}
	return cloneProblems(e.problems)
}

// IsIncremental reports whether a pull of that entity yielded only changes.
func (d *Directory) IsIncremental(entity Entity) bool {
	return d.orEmpty().evidence.incremental[entity]
}

// Quarantined returns the records that could not be converted or have no id:
// departments first, and in each part those without an id before the others, which
// are ordered by id. They are unknown, not absent.
func (d *Directory) Quarantined() []*ConversionError {
	var refused []*ConversionError
	for _, e := range d.orEmpty().evidence.quarantined {
		refused = append(refused, new(*e))
	}
	return refused
}

// settle computes the evidence. It is called once, by Seal.
func (d *Directory) settle(departments, people tally) {
	e := &d.evidence
	e.incremental = map[Entity]bool{EntityDepartment: departments.incremental, EntityPerson: people.incremental}
	e.settle(EntityDepartment, departments)
	e.settle(EntityPerson, people)
	e.problems = append(e.problems, e.duplicates...)
	// An incremental read of departments refers to those it need not repeat.
	if !departments.incremental {
		e.problems = append(e.problems, d.missingParents()...)
		e.problems = append(e.problems, d.missingDepartments()...)
	}
	e.complete = len(e.problems) == 0
}

func (e *evidence) settle(entity Entity, t tally) {
	add := func(kind ProblemKind, ids ...string) {
		e.problems = append(e.problems, Problem{Kind: kind, Entity: entity, IDs: ids})
	}
	if t.begun == 0 {
		add(ErrNotRead)
	} else if t.ended < t.begun {
		add(ErrPullFailed)
	} else if t.records == 0 && !t.incremental {
		add(ErrEmpty)
	}
	for range t.nameless {
		add(ErrEmptyID)
	}
	e.quarantined = append(e.quarantined, t.nameless...)
	for _, refused := range t.quarantined {
		add(ErrQuarantined, refused.ID)
	}
	e.quarantined = append(e.quarantined, t.quarantined...)
	for _, id := range t.duplicates {
		e.duplicates = append(e.duplicates, Problem{Kind: ErrDuplicateID, Entity: entity, IDs: []string{id}})
	}
}

func cloneProblems(problems []Problem) []Problem {
	clone := slices.Clone(problems)
	for i := range clone {
		clone[i].IDs = slices.Clone(clone[i].IDs)
	}
	return clone
}
