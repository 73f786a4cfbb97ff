package orgmodel

import "sort"

// Lookup finds people of a [Directory] whose ids are asked for more or less in order,
// as a merge of two sorted lists does: each search begins where the last one ended. A
// Lookup is not safe for concurrent use, but several of them may be used concurrently.
type Lookup struct {
	people *people
	at     int
}

// Lookup returns a new one.
func (d *Directory) Lookup() *Lookup { return &Lookup{people: &d.orEmpty().people} }

// Person returns the person with that id, as [Directory.Person] does.
func (l *Lookup) Person(id string) (Person, bool) {
	if !l.Has(id) {
		return Person{}, false
	}
	return l.people.at(l.at), true
}

// Index returns where the person found last is among [Directory.PersonIDs].
func (l *Lookup) Index() int { return l.at }

// Has reports whether there is a person with that id.
func (l *Lookup) Has(id string) bool {
	low, high, step := l.at, l.people.len(), 1
	if low < high && l.people.id(low) > id || low >= high {
		low, high = 0, min(low, high)
	}
	for low+step < high && l.people.id(low+step) <= id {
		low += step
		step *= 2
	}
	high = min(high, low+step)
	l.at = low + sort.Search(high-low, func(i int) bool { return l.people.id(low+i) >= id })
	return l.at < l.people.len() && l.people.id(l.at) == id
}
