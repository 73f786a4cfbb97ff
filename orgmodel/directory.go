package orgmodel

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Directory is an immutable snapshot of an organisation, made by a [Builder]. It
// stands broken input: cycles, missing parents and the like are reported by
// [Directory.Validate] and never make a method loop.
//
// What its methods return is a copy that the caller may change. A Directory is
// safe for concurrent use; nil is an empty, incomplete one.
type Directory struct {
	departments []Department // sorted by id, as people are
	people      []Person

	departmentIndex map[string]int
	personIndex     map[string]int

	forest  forest
	tops    []int            // departments without a parent in the snapshot: roots first
	members map[string][]int // people by department id

	evidence evidence
}

// NumDepartments returns how many departments there are.
func (d *Directory) NumDepartments() int { return len(d.orEmpty().departments) }

// NumPeople returns how many people there are, whatever their status.
func (d *Directory) NumPeople() int { return len(d.orEmpty().people) }

// Departments yields all departments, ordered by id.
func (d *Directory) Departments() iter.Seq[Department] { return cloned(d.orEmpty().departments) }

// People yields all people whatever their status, ordered by id.
func (d *Directory) People() iter.Seq[Person] { return cloned(d.orEmpty().people) }

// Department returns the department with that id.
func (d *Directory) Department(id string) (Department, bool) {
	i, found := d.orEmpty().departmentIndex[id]
	if !found {
		return Department{}, false
	}
	return d.departments[i].Clone(), true
}

// Person returns the person with that id.
func (d *Directory) Person(id string) (Person, bool) {
	i, found := d.orEmpty().personIndex[id]
	if !found {
		return Person{}, false
	}
	return d.people[i].Clone(), true
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
	var members []Person
	for _, i := range d.orEmpty().members[departmentID] {
		members = append(members, d.people[i].Clone())
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
	chain := []int{}
	seen := map[int]bool{}
	for i != none && !seen[i] {
		seen[i] = true
		chain = append(chain, i)
		i = d.forest.parent[i]
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
func newDirectory(departments []Department, people []Person) *Directory {
	d := &Directory{
		departments:     departments,
		people:          people,
		departmentIndex: indexByID(departments),
		personIndex:     indexByID(people),
		members:         map[string][]int{},
	}
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
	for i := range people {
		for _, id := range people[i].DepartmentIDs {
			if listed := d.members[id]; len(listed) == 0 || listed[len(listed)-1] != i {
				d.members[id] = append(listed, i)
			}
		}
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

func indexByID[T interface{ key() string }](records []T) map[string]int {
	index := make(map[string]int, len(records))
	for i, record := range records {
		index[record.key()] = i
	}
	return index
}

func cloned[T interface{ Clone() T }](records []T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, record := range records {
			if !yield(record.Clone()) {
				return
			}
		}
	}
}
