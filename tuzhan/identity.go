package tuzhan

import (
	"strconv"
	"strings"
)

// identity is what the vendor knows a record by, its preferred way first; the
// zero name where there is none. For departments of type qywx that is wxDeptId >
// thirdDeptId > deptId, for outchannel thirdDeptId > deptId, for employees
// wxUserid > thirdUserId > channelId.
type identity [3]name

// name is an id in one of the three ways: a text, or a number, which 0 stands
// for the absence of.
type name struct {
	text   string
	number int64
}

func text(s string) name    { return name{text: s} }
func number(n int64) name   { return name{number: n} }
func (n name) exists() bool { return n != name{} }

// key is a name that differs from those of other ways.
type key struct {
	way  int
	name name
}

// way is the way by which the vendor goes, or the last one if there is none.
func (i identity) way() int {
	for way, n := range i {
		if n.exists() {
			return way
		}
	}
	return len(i) - 1
}

// first is the name by which the vendor goes, the zero key if there is none.
func (i identity) first() key {
	if way := i.way(); i[way].exists() {
		return key{way, i[way]}
	}
	return key{}
}

// same reports whether both are one record to the vendor: the first way that
// both have decides. It returns that way.
func (i identity) same(other identity) (way int, ok bool) {
	for way, n := range i {
		if n.exists() && other[way].exists() {
			return way, n == other[way]
		}
	}
	return 0, false
}

// index finds records by identity. Its maps are made for the ways that occur.
type index struct {
	self    func(at int) identity // of a record that was added
	added   int
	size    int
	texts   [3]map[string]owner
	numbers [3]map[int64]owner
}

// owner is the position of the first record with a name.
type owner struct {
	at     int
	shared bool // by another record
}

// newIndex makes an index for size records; self tells the identity of one that
// was added.
func newIndex(size int, self func(at int) identity) *index { return &index{size: size, self: self} }

// owner returns the owner of a name.
func (x *index) owner(way int, n name) (o owner, found bool) {
	switch {
	case n.text != "":
		o, found = x.texts[way][n.text]
	case n.number != 0:
		o, found = x.numbers[way][n.number]
	}
	return o, found
}

// claim appends the record at the next position, unless the vendor could not
// tell it from an earlier one: that one's position, and the way in which they
// meet, are then returned.
func (x *index) claim(i identity) (at, way int, duplicate bool) {
	owners := x.owners(i)
	for w, n := range i {
		if o := owners[w]; n.exists() && o.shared {
			if way, duplicate = x.self(o.at).same(i); duplicate {
				return o.at, way, true
			}
		}
	}
	x.put(i, owners)
	return 0, 0, false
}

// add appends the record at the next position.
func (x *index) add(i identity) { x.put(i, x.owners(i)) }

// owners returns who owns the names of i once i has been added.
func (x *index) owners(i identity) (owners [3]owner) {
	for way, n := range i {
		o, taken := x.owner(way, n)
		if !taken {
			o.at = x.added
		}
		o.shared = taken
		owners[way] = o
	}
	return owners
}

func (x *index) put(i identity, owners [3]owner) {
	for way, n := range i {
		switch {
		case n.text != "":
			if x.texts[way] == nil {
				x.texts[way] = make(map[string]owner, x.size)
			}
			x.texts[way][n.text] = owners[way]
		case n.number != 0:
			if x.numbers[way] == nil {
				x.numbers[way] = make(map[int64]owner, x.size)
			}
			x.numbers[way][n.number] = owners[way]
		}
	}
	x.added++
}

// find returns the position of the record that an answer's row means. Rows
// come back with nulls, so a lower identity has to do where the higher one is
// missing; one that several records have says nothing.
func (x *index) find(row identity) (at int, ok bool) {
	for way, n := range row {
		if o, found := x.owner(way, n); found && !o.shared {
			if _, ok := x.self(o.at).same(row); ok {
				return o.at, true
			}
		}
	}
	return 0, false
}

// echoed reads a numeric id that came back. One that is odd is a name that no
// record has: the row can still be told by another.
func echoed(id string) name {
	value := strings.TrimSpace(id)
	if value == "0" {
		return name{}
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && strconv.FormatInt(n, 10) == value {
		return number(n)
	}
	return text(value)
}
