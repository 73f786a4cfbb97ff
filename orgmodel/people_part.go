package orgmodel

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// chunkSize is how large a chunk grows before the next one is begun.
const chunkSize = 1 << 20

// maxReordered is how many chunks are copied for the sake of their order: for a moment
// there are two of each.
const maxReordered = 64

// peoplePart is what was pulled of people: every record as it came, repeated ones
// and refusals among them. What holds is decided once, when it is sealed.
type peoplePart struct {
	pulls

	open    []byte // the chunk being filled
	chunks  []string
	arrived []locator
	refused []*ConversionError
}

func (*peoplePart) idOf(p *Person) string { return p.ID }

func (b *peoplePart) take(p *Person, lastWins bool) {
	tidied := *p
	tidied.tidy()
	var m mark
	if lastWins {
		m = markLastWins
	}
	b.arrive()
	b.open = appendPerson(b.open, &tidied, m)
}

func (b *peoplePart) quarantine(refused *ConversionError) {
	b.arrive()
	b.open = appendText(append(b.open, byte(markQuarantined)), refused.ID)
	b.open = binary.AppendUvarint(b.open, uint64(len(b.refused)))
	b.refused = append(b.refused, refused)
}

// arrive notes where the next record will be.
func (b *peoplePart) arrive() {
	if len(b.open) >= chunkSize {
		b.closeChunk()
	}
	b.arrived = append(b.arrived, locator(len(b.chunks))<<32|locator(len(b.open)))
}

func (b *peoplePart) closeChunk() {
	b.chunks = append(b.chunks, string(b.open))
	b.open = b.open[:0]
}

// seal sorts what arrived by id, and settles which record of each id holds.
func (b *peoplePart) seal() (people, tally) {
	b.closeChunk()
	sorted, behind := sortByID(b.chunks, b.arrived)
	t := tally{pulls: b.pulls}
	kept := sorted[:0]
	for start := 0; start < len(sorted); {
		m, id := sorted[start].head(b.chunks)
		end := start + 1
		for end < len(sorted) && idAt(b.chunks, sorted[end]) == id {
			end++
		}
		if end == start+1 && m&markQuarantined == 0 {
			kept = append(kept, sorted[start])
		} else if holds, found := b.replay(sorted[start:end], &t); found {
			kept = append(kept, holds)
		}
		start = end
	}
	t.records = len(kept)
	sealed := people{chunks: b.chunks, records: kept}
	switch dropped := len(b.arrived) - len(kept); {
	case dropped > len(kept)/3, behind > len(kept)/3 && len(b.chunks) <= maxReordered:
		// Everyone is read in order, several times: what lies in order is read much faster.
		sealed = sealed.compact()
	case cap(kept)-len(kept) > len(kept)/8:
		sealed.records = slices.Clone(kept)
	}
	return sealed, t
}

// replay goes through the records of one id in the order of their arrival.
func (b *peoplePart) replay(arrivals []locator, t *tally) (holds locator, found bool) {
	var refused *ConversionError
	duplicate := false
	for _, at := range arrivals {
		m, _ := at.head(b.chunks)
		switch {
		case m&markQuarantined != 0:
			refused, found = b.refusal(at), false
		case m&markLastWins != 0:
			holds, found, refused = at, true, nil
		case refused != nil: // which of the two is right is unknown
		case found:
			duplicate = true
		default:
			holds, found = at, true
		}
	}
	if refused != nil {
		t.quarantined = append(t.quarantined, refused)
	}
	if duplicate {
		t.duplicates = append(t.duplicates, strings.Clone(idAt(b.chunks, arrivals[0])))
	}
	return holds, found
}

func (b *peoplePart) refusal(at locator) *ConversionError {
	u := at.in(b.chunks)
	u.byte()
	u.text()
	return b.refused[u.uvarint()]
}

func idAt(chunks []string, at locator) string {
	_, id := at.head(chunks)
	return id
}

// compact copies the records, in their order, into chunks without those that were dropped.
func (p *people) compact() people {
	var to peoplePart
	var person Person
	for _, at := range p.records {
		u := at.in(p.chunks)
		start := u.at
		m := mark(u.byte())
		u.text()
		person = Person{DepartmentIDs: person.DepartmentIDs[:0], ManagerIDs: person.ManagerIDs[:0]}
		u.person(m, &person)
		to.arrive()
		to.open = append(to.open, u.chunk[start:u.at]...)
	}
	to.closeChunk()
	return people{chunks: to.chunks, records: slices.Clip(to.arrived)}
}

// sortByID returns the records sorted by id, those of one id as they arrived.
// Records that come mostly in order, as a source's listings do, are merged rather
// than sorted: only those behind one with a greater id are sorted separately.
// behind counts those.
func sortByID(chunks []string, arrived []locator) (sorted []locator, behind int) {
	var late []locator
	ahead := arrived[:0]
	greatest := ""
	for _, at := range arrived {
		id := idAt(chunks, at)
		if len(ahead) > 0 && id < greatest {
			late = append(late, at)
			continue
		}
		ahead, greatest = append(ahead, at), id
	}
	if behind = len(late); behind == 0 {
		return ahead, 0
	}
	sortLate(chunks, late)
	sorted = make([]locator, 0, len(ahead)+len(late))
	for len(ahead) > 0 && len(late) > 0 {
		if compareRecords(chunks, ahead[0], late[0]) < 0 {
			sorted, ahead = append(sorted, ahead[0]), ahead[1:]
		} else {
			sorted, late = append(sorted, late[0]), late[1:]
		}
	}
	return append(append(sorted, ahead...), late...), behind
}

func compareRecords(chunks []string, a, b locator) int {
	return cmp.Or(strings.Compare(idAt(chunks, a), idAt(chunks, b)), cmp.Compare(a, b))
}

// sortLate sorts by the first eight bytes behind what all ids begin with, which
// decides nearly always without a look at the records.
func sortLate(chunks []string, late []locator) {
	type keyed struct {
		key uint64
		at  locator
	}
	common := idAt(chunks, late[0])
	for _, at := range late {
		common = commonPrefix(common, idAt(chunks, at))
	}
	list := make([]keyed, len(late))
	for i, at := range late {
		var key [8]byte
		copy(key[:], idAt(chunks, at)[len(common):])
		list[i] = keyed{binary.BigEndian.Uint64(key[:]), at}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return compareRecords(chunks, a.at, b.at)
	})
	for i, k := range list {
		late[i] = k.at
	}
}

func commonPrefix(a, b string) string {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return a[:i]
		}
	}
	return a[:n]
}
