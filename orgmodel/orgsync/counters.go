package orgsync

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func encodeCounts(counts map[place]int) []byte {
	var b []byte
	for _, at := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[at]; n > 0 {
			b = binary.AppendUvarint(at.append(b), uint64(n))
		}
	}
	return append([]byte{}, b...)
}

func decodeCounts(b []byte) (map[place]int, error) {
	counts := map[place]int{}
	for r := (reader{rest: b}); len(r.rest) > 0; {
		at, n := r.place(), r.uvarint()
		if r.bad {
			return nil, fmt.Errorf("%w: counts of people", ErrCorrupt)
		}
		counts[at] = int(n) // #nosec G115 -- people
	}
	return counts, nil
}

// counts returns how many people each target holds in each department, for those whose
// plans remove any.
func (r *run) counts(ctx context.Context) (map[string]map[place]int, error) {
	counts := map[string]map[place]int{}
	for _, t := range r.planners {
		removes := false
		for range t.removedPeople {
			removes = true
			break
		}
		if !removes {
			continue
		}
		held, err := r.heldByDepartment(ctx, r.state.targets[t.name])
		if err != nil {
			return nil, err
		}
		counts[t.name] = held
	}
	return counts, nil
}

// heldByDepartment reads the counts of a target, or counts its entries where that is
// not to be trusted.
func (r *run) heldByDepartment(ctx context.Context, t *targetState) (map[place]int, error) {
	if r.state.clean && !r.state.fresh {
		values, err := r.state.get(ctx, t.bucket(bucketCounts), keyCounts)
		if err != nil {
			return nil, err
		}
		if values[0] != nil {
			return decodeCounts(values[0])
		}
	}
	held := map[place]int{}
	for e, err := range r.state.scan(ctx, t, orgmodel.EntityPerson) {
		if err != nil {
			return nil, err
		}
		if !e.gone {
			held[e.place]++
		}
	}
	return held, nil
}
