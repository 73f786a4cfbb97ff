package orgsync

import (
	"iter"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// batches cuts a sequence into slices, whose memory is used again.
func batches[T any](records iter.Seq[T], size int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		batch := make([]T, 0, size)
		for record := range records {
			if batch = append(batch, record); len(batch) == size {
				if !yield(batch) {
					return
				}
				batch = batch[:0]
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// only yields the records that fit.
func only[T any](records iter.Seq[T], fits func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for record := range records {
			if fits(record) && !yield(record) {
				return
			}
		}
	}
}

const planBatch = 1000

func inService(p orgmodel.Person) bool {
	return p.Known.Has(orgmodel.PersonStatus) && p.Status == orgmodel.StatusActive
}

func idsOf(people []orgmodel.Person) []string {
	ids := make([]string, len(people))
	for i := range people {
		ids[i] = people[i].ID
	}
	return ids
}
