package orgmodel

import (
	"fmt"
	"strings"
)

// ProblemKind is a kind of fault in a snapshot. It is an error, so that
// errors.Is(err, orgmodel.ErrCycle) asks a [*ValidationError] or
// a [Problem] for it.
type ProblemKind uint8

// Faults of the data, reported by [Directory.Validate]. Each says which ids its
// Problem holds.
const (
	ErrEmptyID           ProblemKind = iota + 1 // a record without an id, which nothing can refer to: no ids
	ErrDuplicateID                              // two records with one id in a pull that is no feed: the id
	ErrMissingParent                            // the parent is not in the snapshot: department, parent
	ErrUnknownParent                            // it is not known whether there is a parent: department
	ErrCycle                                    // departments above themselves: each followed by its parent
	ErrNoRoot                                   // no department is known to have no parent: no ids
	ErrSeveralRoots                             // more than one root: the roots
	ErrNoDepartment                             // a person with no known department: person
	ErrMissingDepartment                        // a person in a department that is not in the snapshot: person, department
	ErrEmptyName                                // a name that is known and empty: department or person
	ErrEmptyStatus                              // a status that is known and no status: department or person
)

// Reasons why a snapshot is not complete, reported by [Directory.Incomplete]
// together with ErrEmptyID, ErrDuplicateID, ErrMissingParent and ErrMissingDepartment.
const (
	ErrNotRead     ProblemKind = iota + 32 // no pull of this entity was made: no ids
	ErrPullFailed                          // a pull ended with an error or before its end: no ids
	ErrEmpty                               // a full pull had no record, which no real organisation has: no ids
	ErrQuarantined                         // a record could not be converted: the id
)

// Error returns the kind in words.
func (k ProblemKind) Error() string {
	switch k {
	case ErrEmptyID:
		return "empty id"
	case ErrDuplicateID:
		return "duplicate id"
	case ErrMissingParent:
		return "parent is missing"
	case ErrUnknownParent:
		return "parent is unknown"
	case ErrCycle:
		return "cycle"
	case ErrNoRoot:
		return "no root"
	case ErrSeveralRoots:
		return "several roots"
	case ErrNoDepartment:
		return "no department"
	case ErrMissingDepartment:
		return "department is missing"
	case ErrEmptyName:
		return "empty name"
	case ErrEmptyStatus:
		return "empty status"
	case ErrNotRead:
		return "not read"
	case ErrPullFailed:
		return "pull did not reach its end"
	case ErrEmpty:
		return "nothing there"
	case ErrQuarantined:
		return "quarantined"
	}
	return fmt.Sprintf("ProblemKind(%d)", uint8(k))
}

// Problem is one fault, with the ids of the records concerned and nothing else
// of them.
type Problem struct {
	Kind   ProblemKind
	Entity Entity
	IDs    []string // which, is said at each kind
}

// Error returns entity, kind and ids.
func (p Problem) Error() string {
	text := string(p.Entity) + ": " + p.Kind.Error()
	if len(p.IDs) > 0 {
		text += fmt.Sprintf(" %s", shorten(p.IDs, func(id string) string { return fmt.Sprintf("%q", id) }, ", "))
	}
	return text
}

// Unwrap returns the kind.
func (p Problem) Unwrap() error { return p.Kind }

// ValidationError holds every fault that [Directory.Validate] found.
type ValidationError struct{ Problems []Problem }

// Error names the first few problems and says how many there are.
func (e *ValidationError) Error() string {
	return "orgmodel: invalid directory: " + shorten(e.Problems, Problem.Error, "; ")
}

// Unwrap returns the problems.
func (e *ValidationError) Unwrap() []error { return asErrors(e.Problems) }

func asErrors(problems []Problem) []error {
	errs := make([]error, len(problems))
	for i, problem := range problems {
		errs[i] = problem
	}
	return errs
}

// shorten joins the first texts of a list that may have a hundred thousand.
func shorten[T any](list []T, text func(T) string, separator string) string {
	const most = 10
	var texts []string
	for _, item := range list[:min(len(list), most)] {
		texts = append(texts, text(item))
	}
	if more := len(list) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, separator)
}
