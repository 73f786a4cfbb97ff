package tuzhan

import (
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// identity is what the vendor knows a record by, its preferred way first; ""
// where there is none. For departments of type qywx that is wxDeptId >
// thirdDeptId > deptId, for outchannel thirdDeptId > deptId, for employees
// wxUserid > thirdUserId > channelId.
type identity [3]string

// id is the text of a numeric id, which 0 stands for the absence of.
func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// keys are the identity's names, different in each of its three ways.
func (i identity) keys() []string {
	keys := make([]string, 0, len(i))
	for way, value := range i {
		if value != "" {
			keys = append(keys, key(way, value))
		}
	}
	return keys
}

// way is the way by which the vendor goes, or the last one if there is none.
func (i identity) way() int {
	for way, value := range i {
		if value != "" {
			return way
		}
	}
	return len(i) - 1
}

// first is the name by which the vendor goes, "" if there is none.
func (i identity) first() string {
	if way := i.way(); i[way] != "" {
		return key(way, i[way])
	}
	return ""
}

func key(way int, value string) string { return strconv.Itoa(way) + ":" + value }

// same reports whether both are one record to the vendor: the first way that
// both have decides. It returns that way.
func (i identity) same(other identity) (way int, ok bool) {
	for way, value := range i {
		if value != "" && other[way] != "" {
			return way, value == other[way]
		}
	}
	return 0, false
}

// index finds records by identity.
type index struct {
	ids    []identity
	owners map[string]int // position of the first record with that key
	shared map[string]bool
}

func newIndex(size int) *index {
	return &index{
		ids:    make([]identity, 0, size),
		owners: make(map[string]int, 2*size),
		shared: make(map[string]bool),
	}
}

// add appends the record at the next position.
func (x *index) add(i identity) {
	for _, k := range i.keys() {
		if _, taken := x.owners[k]; taken {
			x.shared[k] = true
		} else {
			x.owners[k] = len(x.ids)
		}
	}
	x.ids = append(x.ids, i)
}

// duplicate returns the position of an earlier record that the vendor could
// not tell from i, and the way in which they meet.
func (x *index) duplicate(i identity) (at, way int, ok bool) {
	for _, k := range i.keys() {
		if at, found := x.owners[k]; found {
			if way, ok := x.ids[at].same(i); ok {
				return at, way, true
			}
		}
	}
	return 0, 0, false
}

// find returns the position of the record that an answer's row means. Rows
// come back with nulls, so a lower identity has to do where the higher one is
// missing; one that several records have says nothing.
func (x *index) find(row identity) (at int, ok bool) {
	for _, k := range row.keys() {
		if at, found := x.owners[k]; found && !x.shared[k] {
			if _, ok := x.ids[at].same(row); ok {
				return at, true
			}
		}
	}
	return 0, false
}

// order cuts records into waves, parents before children.
func order[T any](records []batch.Record[T], self, parent func(T) identity) (waves [][]batch.Record[T], cyclic []batch.Record[T]) {
	return batch.Waves(records,
		func(r T) []string { return self(r).keys() },
		func(r T) string { return parent(r).first() })
}

// Echoed ids are compared as text: a row that holds something odd in one of
// them can still be told by another.
func echoed(text wire.Text) string {
	value := strings.TrimSpace(string(text))
	if value == "0" {
		return ""
	}
	return value
}
