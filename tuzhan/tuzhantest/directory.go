package tuzhantest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// ids are what a record may be known by, in the vendor's order, "" where it has
// none.
type ids [3]string

func text(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// directory holds records by each of their ids.
type directory[T any] struct {
	byID    [3]map[string]*T
	arrival map[*T]int
	arrived int
}

func newDirectory[T any]() directory[T] {
	d := directory[T]{arrival: make(map[*T]int)}
	for i := range d.byID {
		d.byID[i] = make(map[string]*T)
	}
	return d
}

// find goes by the first id there is, and by no other (匹配标识).
func (d *directory[T]) find(by ids) *T {
	for i, id := range by {
		if id != "" {
			return d.byID[i][id]
		}
	}
	return nil
}

// taken reports whether a record other than self has one of the ids.
func (d *directory[T]) taken(by ids, self *T) bool {
	for i, id := range by {
		if other := d.byID[i][id]; id != "" && other != nil && other != self {
			return true
		}
	}
	return false
}

func (d *directory[T]) put(record *T, by ids) {
	if _, held := d.arrival[record]; !held {
		d.arrived++
		d.arrival[record] = d.arrived
	}
	for i, id := range by {
		if id != "" {
			d.byID[i][id] = record
		}
	}
}

func (d *directory[T]) remove(record *T, by ids) {
	d.forget(record, by)
	delete(d.arrival, record)
}

// forget takes ids away from a record, which keeps its place.
func (d *directory[T]) forget(record *T, by ids) {
	for i, id := range by {
		if d.byID[i][id] == record {
			delete(d.byID[i], id)
		}
	}
}

// list returns all records in order of arrival.
func list[T, P any](d directory[T], public func(*T) P) []P {
	records := slices.SortedFunc(maps.Keys(d.arrival), func(a, b *T) int {
		return cmp.Compare(d.arrival[a], d.arrival[b])
	})
	out := make([]P, len(records))
	for i, r := range records {
		out[i] = public(r)
	}
	return out
}
