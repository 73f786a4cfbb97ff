package orgsync

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// An intent says that a batch is about to be sent. If what became of it is never
// learned, its records still count as ours and are sent again. It is one entry for
// the whole batch, and is deleted when the entries that settle it are written.
type intent struct {
	entity orgmodel.Entity
	rows   []intentRow
}

type intentRow struct {
	id, key string // key as it is sent
	at      whereabouts
	removal bool
}

const intentFormat = 1

func (in intent) encode() []byte {
	size := 16
	for i := range in.rows {
		r := &in.rows[i]
		size += len(r.id) + len(r.key) + len(r.at.parent) + len(r.at.title) + 24
	}
	b := append(make([]byte, 0, size), intentFormat, 0)
	if in.entity == orgmodel.EntityDepartment {
		b[1] = 1
	}
	b = binary.AppendUvarint(b, uint64(len(in.rows)))
	for _, r := range in.rows {
		var flags byte
		if r.removal {
			flags = 1
		}
		b = append(b, flags)
		b = appendText(b, r.id)
		b = appendText(b, r.key)
		if in.entity == orgmodel.EntityPerson {
			b = r.at.place.append(b)
		} else {
			b = appendText(b, r.at.parent)
		}
		b = appendText(b, r.at.title)
	}
	return b
}

func decodeIntent(b []byte) (intent, error) {
	r := reader{rest: b}
	in := intent{entity: orgmodel.EntityPerson}
	format := r.byte()
	if r.byte() == 1 {
		in.entity = orgmodel.EntityDepartment
	}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		row := intentRow{removal: r.byte() == 1, id: r.text(), key: r.text()}
		if in.entity == orgmodel.EntityPerson {
			row.at.place = r.place()
		} else {
			row.at.parent = r.text()
		}
		row.at.title = r.text()
		in.rows = append(in.rows, row)
	}
	if r.bad || len(r.rest) > 0 || format != intentFormat {
		return intent{}, fmt.Errorf("%w: an intent", ErrCorrupt)
	}
	return in, nil
}

func intentKey(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// settleIntents turns what a run that died was about to send into uncertain entries.
// Where the lease could pass on while that run was stopped, it may still get a
// request out after us: such records are sent by this run and once more by the next.
func (s *state) settleIntents(ctx context.Context) error {
	var writes []Entry
	owed := map[string]bool{}
	for _, t := range s.targets {
		rows := map[orgmodel.Entity]map[string]intentRow{orgmodel.EntityPerson: {}, orgmodel.EntityDepartment: {}}
		for stored, err := range s.all(ctx, t.bucket(bucketIntents)) {
			if err != nil {
				return err
			}
			in, err := decodeIntent(stored.Value)
			if err != nil {
				return err
			}
			for _, row := range in.rows {
				rows[in.entity][row.id] = row
			}
			writes = append(writes, Entry{Bucket: stored.Bucket, Key: stored.Key})
		}
		for entity, byID := range rows {
			ids := slices.Sorted(maps.Keys(byID))
			found, err := s.entriesOf(ctx, t, entity, ids...)
			if err != nil {
				return err
			}
			for _, id := range ids {
				e := s.interrupted(t, entity, byID[id], found[id])
				writes = append(writes, t.stored(entity, id, &e))
				if entity == orgmodel.EntityPerson {
					owed[id] = true
				} else {
					t.DepartmentsOwed = true
				}
			}
		}
	}
	if len(writes) == 0 {
		return nil
	}
	for _, id := range s.owed {
		delete(owed, id)
	}
	for _, id := range slices.Sorted(maps.Keys(owed)) {
		writes = append(writes, Entry{Bucket: bucketOwed, Key: id, Value: []byte{}})
		s.owed = append(s.owed, id)
	}
	slices.Sort(s.owed)
	// Counts and indexes know nothing of these.
	s.clean, s.Clean = false, false
	return s.put(ctx, append(writes, storedJSON(bucketMeta, keyMeta, s.meta))...)
}

// interrupted is the entry of a record that was being sent when a run died.
func (s *state) interrupted(t *targetState, entity orgmodel.Entity, row intentRow, before entry) entry {
	e := before.uncertain(row.key, t.traits.IdentifiesByKey && !row.removal)
	if entity == orgmodel.EntityPerson && (e.place == 0 || !row.removal) {
		e.place = row.at.place
	} else if entity == orgmodel.EntityDepartment && !row.removal {
		e.parent, e.title = row.at.parent, row.at.title
	}
	if !row.removal {
		e.gone = false
	}
	e.again = !s.lease.Until().IsZero()
	return e
}

// whereabouts say where a record is held: the place of a person, or parent and title of a
// department.
type whereabouts struct {
	place         place
	parent, title string
}
