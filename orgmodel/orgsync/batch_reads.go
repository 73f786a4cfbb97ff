package orgsync

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// readEach reads people by their ids: many at once if the source can. Once the source has
// failed to answer several times in a row it is not asked any more.
func (r *run) readEach(ctx context.Context, ids []string) iter.Seq2[string, PointRead] {
	return func(yield func(string, PointRead) bool) {
		size := 1
		batch, can := r.config.Source.(BatchReader)
		if can {
			size = batchSize
		}
		failures := 0
		for chunk := range slices.Chunk(ids, size) {
			reads := []PointRead{{Err: errSourceDown}}
			switch {
			case failures >= maxFailures:
				reads = slices.Repeat(reads, len(chunk))
			case can:
				reads = readAll(ctx, batch, chunk)
			default:
				reads[0].Person, reads[0].Err = r.config.Source.Person(ctx, chunk[0])
			}
			if failures++; slices.ContainsFunc(reads, PointRead.answered) {
				failures = 0
			}
			for i, id := range chunk {
				if !yield(id, reads[i]) {
					return
				}
			}
		}
	}
}

// answered reports whether the source said anything about the person.
func (p PointRead) answered() bool {
	_, refused := errors.AsType[*orgmodel.ConversionError](p.Err)
	return p.Err == nil || refused || errors.Is(p.Err, ErrNotFound) || isUnclear(p.Err)
}

// readAll reads people, and those who do not come once more, as long as some of them then
// come: an answer about many may have been cut short.
func readAll(ctx context.Context, batch BatchReader, ids []string) []PointRead {
	all := make([]PointRead, len(ids))
	left := make([]int, len(ids))
	for i := range left {
		left[i] = i
	}
	for first := true; ; first = false {
		asked := make([]string, len(left))
		for i, at := range left {
			asked[i] = ids[at]
		}
		var missing []int
		for i, read := range persons(ctx, batch, asked) {
			if all[left[i]] = read; isUnclear(read.Err) {
				missing = append(missing, left[i])
			}
		}
		if len(missing) == 0 || len(ids) == 1 || !first && len(missing) == len(left) {
			return all
		}
		left = missing
	}
}

// persons reads people, and holds a source to returning as many answers.
func persons(ctx context.Context, batch BatchReader, ids []string) []PointRead {
	reads := batch.Persons(ctx, ids)
	if len(reads) != len(ids) {
		reads = slices.Repeat([]PointRead{{Err: errors.New("orgsync: the source did not answer about each person")}}, len(ids))
	}
	return reads
}

// readAhead reads the people who are to be confirmed next. Those who do not come are read
// once more, as long as some of them then come, and what their answers mean is measured
// over the very same call: two people who are certainly there are its first and its last,
// and two ids that no one has are among them. So neither an answer that was cut short nor
// one that lacks everyone is taken for absence.
func (c *confirmation) readAhead(ctx context.Context, batch BatchReader, ids []string) {
	known := c.certain(ctx, orgmodel.EntityPerson)
	c.ahead, c.measured = map[string]PointRead{}, map[string]*control{}
	left := c.readBatch(ctx, batch, known[:min(1, len(known))], ids)
	for len(left) > 0 && c.failures < maxFailures {
		measure := c.newControl(ctx, orgmodel.EntityPerson)
		if len(known) == 0 {
			c.measure(left, measure) // which says why
			return
		}
		madeUp := [2]string{madeUp(known[0], measure.taken), madeUp(known[0], measure.taken)}
		still := c.readBatch(ctx, batch, known[:1], left, append(madeUp[:], known[1:]...)...)
		measure.judge(c.ahead[known[0]].Err, madeUp, [2]error{c.ahead[madeUp[0]].Err, c.ahead[madeUp[1]].Err}, c.ahead[known[len(known)-1]].Err)
		if len(still) == len(left) {
			c.measure(left, measure)
			return
		}
		left = still
	}
}

// readBatch makes one call, and returns those among ids who did not come.
func (c *confirmation) readBatch(ctx context.Context, batch BatchReader, before, ids []string, after ...string) (missing []string) {
	asked := slices.Concat(before, ids, after)
	reads := persons(ctx, batch, asked)
	c.count(reads)
	for i, read := range reads {
		if c.ahead[asked[i]] = read; isUnclear(read.Err) && i >= len(before) && i < len(before)+len(ids) {
			missing = append(missing, asked[i])
		}
	}
	return missing
}

func (c *confirmation) measure(ids []string, by *control) {
	for _, id := range ids {
		c.measured[id] = by
	}
}

// count counts a call to which no answer came.
func (c *confirmation) count(reads []PointRead) {
	if c.failures++; slices.ContainsFunc(reads, PointRead.answered) {
		c.failures = 0
	}
}
