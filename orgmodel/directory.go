package orgmodel

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"
)

// Directory is an immutable snapshot of an organisation, made by a [Builder]. It
// tolerates broken input: cycles, missing parents and the like are reported by
// [Directory.Validate] and never make a method loop.
//
// What its methods return is a copy that the caller may change. The texts of people
// are parts of the snapshot's memory: [Person.Clone] detaches a person
// who is kept longer. A Directory is safe for concurrent use; nil is an empty,
// incomplete one.
type Directory struct {
	departments []Department // sorted by id, as people are
	people      people
	inService   int

	departmentIndex map[string]int

	forest  forest
	tops    []int                     // departments without a parent in the snapshot: roots first
	members func() map[string][]int32 // people by department id

	evidence evidence
}

// NumDepartments returns how many departments there are.
func (d *Directory) NumDepartments() int { return len(d.orEmpty().departments) }

// NumPeople returns how many people there are, whatever their status.
func (d *Directory) NumPeople() int { return d.orEmpty().people.len() }

// Departments yields all departments, ordered by id.
func (d *Directory) Departments() iter.Seq[Department] {
	return func(yield func(Department) bool) {
		for _, department := range d.orEmpty().departments {
			if !yield(department.Clone()) {
				return
			}
		}
	}
}

// People yields all people whatever their status, ordered by id.
func (d *Directory) People() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		people := &d.orEmpty().people
		for i := range people.len() {
			if !yield(people.at(i)) {
				return
			}
		}
	}
}

// Department returns the department with that id.
func (d *Directory) Department(id string) (Department, bool) {
	i, found := d.orEmpty().departmentIndex[id]
	if !found {
		return Department{}, false
	}
	return d.departments[i].Clone(), true
}

// HasDepartment reports whether there is a department with that id.
func (d *Directory) HasDepartment(id string) bool {
	_, found := d.orEmpty().departmentIndex[id]
	return found
}

// Person returns the person with that id.
func (d *Directory) Person(id string) (Person, bool) {
	i, found := d.orEmpty().people.find(id)
	if !found {
		return Person{}, false
	}
	return d.people.at(i), true
}

// Roots returns the departments known to have no parent, in sibling order: by
// serial number (departments without one come last), then by id.
func (d *Directory) Roots() []Department {
	var roots []Department
	for _, i := range d.orEmpty().tops {
		if d.departments[i].IsRoot() {
			roots = append(roots, d.departments[i].Clone())
		}
	}
	return roots
}

// Children returns the departments directly below id, in sibling order as in
// [Directory.Roots].
func (d *Directory) Children(id string) []Department {
	i, found := d.orEmpty().departmentIndex[id]
	if !found {
		return nil
	}
	return d.pick(d.forest.children[i])
}

// Ancestors returns the parent of id, the parent's parent and so on. The chain
// ends at a root, at a parent that is missing or unknown, or before a department
// that it already holds (or starts from).
func (d *Directory) Ancestors(id string) []Department {
	i, found := d.orEmpty().departmentIndex[id]
	if !found {
		return nil
	}
	return d.pick(d.chain(i)[1:])
}

// PathNames returns the names from the root down to the department. It reports
// false when the chain does not reach a root or one of the names is not known.
func (d *Directory) PathNames(id string) ([]string, bool) {
	i, found := d.orEmpty().departmentIndex[id]
	if !found {
		return nil, false
	}
	chain := d.chain(i)
	if !d.departments[chain[len(chain)-1]].IsRoot() {
		return nil, false
	}
	var names []string
	for _, at := range slices.Backward(chain) {
		department := &d.departments[at]
		if !department.Known.Has(DepartmentName) || department.Name == "" {
			return nil, false
		}
		names = append(names, department.Name)
	}
	return names, true
}

// Walk yields every department with its depth, depth-first: a parent before its
// children, siblings in the order of [Directory.Roots]. Departments whose parent
// is missing or unknown come after the roots, at depth 0. Those in or below a
// cycle have no place in a tree and are not yielded; Validate names them.
func (d *Directory) Walk() iter.Seq2[int, Department] {
	d = d.orEmpty()
	return func(yield func(int, Department) bool) {
		stack := slices.Clone(d.tops)
		slices.Reverse(stack)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(d.forest.depth[i], d.departments[i].Clone()) {
				return
			}
			for _, child := range slices.Backward(d.forest.children[i]) {
				stack = append(stack, child)
			}
		}
	}
}

// Levels returns the departments by depth, each level ordered by id: the order to
// create them in. It leaves out what Walk leaves out; see [SortParentsFirst].
func (d *Directory) Levels() [][]Department {
	d = d.orEmpty()
	levels, _ := d.forest.levels(d.departments)
	return levels
}

// Members returns the people of whom a known department is id, as primary or
// not and whatever their status, ordered by person id.
func (d *Directory) Members(departmentID string) []Person {
	if d.NumPeople() == 0 {
		return nil
	}
	var members []Person
	for _, i := range d.members()[departmentID] {
		members = append(members, d.people.at(int(i)))
	}
	return members
}

func (d *Directory) orEmpty() *Directory {
	if d == nil {
		return &Directory{}
	}
	return d
}

// chain returns i, its parent, and so on up, each department once.
func (d *Directory) chain(i int) []int {
	var chain []int
	if d.forest.depth[i] != none { // it ends at a top
		for ; i != none; i = d.forest.parent[i] {
			chain = append(chain, i)
		}
		return chain
	}
	seen := map[int]bool{}
	for ; !seen[i]; i = d.forest.parent[i] {
		seen[i] = true
		chain = append(chain, i)
	}
	return chain
}

func (d *Directory) pick(indexes []int) []Department {
	var picked []Department
	for _, i := range indexes {
		picked = append(picked, d.departments[i].Clone())
	}
	return picked
}

// newDirectory indexes records that are normalized and sorted by id, with unique ids.
func newDirectory(departments []Department, people people) *Directory {
	d := &Directory{departments: departments, people: people, departmentIndex: indexByID(departments)}
	d.inService = people.numInService()
	d.members = sync.OnceValue(d.people.memberIndex)
	d.forest = newForest(departments, d.departmentIndex)
	for i, parent := range d.forest.parent {
		if parent == none {
			d.tops = append(d.tops, i)
		}
	}
	d.sortSiblings(d.tops)
	for _, children := range d.forest.children {
		d.sortSiblings(children)
	}
	return d
}

func (d *Directory) sortSiblings(indexes []int) {
	slices.SortFunc(indexes, func(i, j int) int {
		a, b := &d.departments[i], &d.departments[j]
		return cmp.Or(
			cmp.Compare(last(!a.IsRoot()), last(!b.IsRoot())),
			cmp.Compare(last(!a.Known.Has(DepartmentOrder)), last(!b.Known.Has(DepartmentOrder))),
			cmp.Compare(a.Order, b.Order),
			strings.Compare(a.ID, b.ID),
		)
	})
}

// last is a sort key: those with the trait come after those without.
func last(trait bool) int {
	if trait {
		return 1
	}
	return 0
}

func indexByID(departments []Department) map[string]int {
	index := make(map[string]int, len(departments))
	for i := range departments {
		index[departments[i].ID] = i
	}
	return index
}
