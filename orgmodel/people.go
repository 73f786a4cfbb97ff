package orgmodel

import (
	"iter"
	"sort"
)

// people are the packed people of a snapshot, each id once, in order.
type people struct {
	chunks  []string
	records []locator
}

// locator says where a packed record is: the number of its chunk, then its offset
// there. Later records have greater locators.
type locator uint64

func (l locator) in(chunks []string) unpacker {
	return unpacker{chunk: chunks[l>>32], at: int(l & 0xffffffff)}
}

// head returns mark and id of a record.
func (l locator) head(chunks []string) (mark, string) {
	u := l.in(chunks)
	m := mark(u.byte())
	return m, u.text()
}

func (p *people) len() int { return len(p.records) }

func (p *people) id(i int) string {
	_, id := p.records[i].head(p.chunks)
	return id
}

// find returns the index of an id.
func (p *people) find(id string) (int, bool) {
	i := sort.Search(len(p.records), func(i int) bool { return p.id(i) >= id })
	return i, i < len(p.records) && p.id(i) == id
}

// at returns the person at index i: lists and attributes are the caller's, texts are
// parts of a chunk.
func (p *people) at(i int) Person {
	var person Person
	p.read(i, &person)
	return person
}

// read is at, for loops that look at one person after the other: the lists of the
// one before are used again.
func (p *people) read(i int, into *Person) {
	*into = Person{DepartmentIDs: into.DepartmentIDs[:0], ManagerIDs: into.ManagerIDs[:0]}
	u := p.records[i].in(p.chunks)
	m := mark(u.byte())
	into.ID = u.text()
	u.person(m, into)
}

// each yields all people in one Person, which is used again and again.
func (p *people) each() iter.Seq2[int, *Person] {
	return func(yield func(int, *Person) bool) {
		var person Person
		for i := range p.records {
			p.read(i, &person)
			if !yield(i, &person) {
				return
			}
		}
	}
}

// numInService counts who is known to be active, without reading more of a record.
func (p *people) numInService() int {
	n := 0
	for _, at := range p.records {
		u := at.in(p.chunks)
		u.byte()
		u.text()
		known := FieldSet[PersonField]{uint32(u.uvarint())} //nolint:gosec // it was packed from 32 bits
		if known.Has(PersonStatus) && Status(u.byte()) == StatusActive {
			n++
		}
	}
	return n
}

// memberIndex lists people by department.
func (p *people) memberIndex() map[string][]int32 {
	members := map[string][]int32{}
	for i, person := range p.each() {
		for _, id := range person.DepartmentIDs {
			index := int32(i) //nolint:gosec // fewer than 2^31 people
			if listed := members[id]; len(listed) == 0 || listed[len(listed)-1] != index {
				members[id] = append(listed, index)
			}
		}
	}
	return members
}

// PersonIDs yields the ids of all people whatever their status, in order.
func (d *Directory) PersonIDs() iter.Seq[string] {
	return func(yield func(string) bool) {
		people := &d.orEmpty().people
		for i := range people.len() {
			if !yield(people.id(i)) {
				return
			}
		}
	}
}

// HasPerson reports whether there is a person with that id.
func (d *Directory) HasPerson(id string) bool {
	_, found := d.orEmpty().people.find(id)
	return found
}

// NumInService returns how many people are known to be active.
func (d *Directory) NumInService() int { return d.orEmpty().inService }
