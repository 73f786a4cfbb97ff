package orgsync

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// hashed returns the key of a record that was made, and what the state remembers of
// it, or why there is no record.
func (t *targetPlan) hashed(record Record, err error) (key string, sum hash, _ error) {
	if err != nil {
		return "", hash{}, err
	}
	text, err := json.Marshal(record.Value)
	if err != nil {
		return "", hash{}, errors.New("cannot be written as JSON")
	}
	return record.Key, t.run.state.hash([]byte(record.Key), text), nil
}

// shortKey leaves out a key that is the id, which most are.
func shortKey(key, id string) string {
	if key == id {
		return ""
	}
	return key
}

// without returns keys less one.
func without(keys []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == key })
}

// claim takes a key for somebody in service. Two cannot have it: which one the
// target means would be a guess. Where the source's id is the key, nobody can.
func (t *targetPlan) claim(key, id string) {
	if key == "" {
		return
	}
	if owner, taken := t.claims[key]; taken && owner != id {
		t.contested[key] = true
		return
	}
	t.claims[key] = id
}

// claimForSilent takes the keys of those whom this reading says nothing about.
func (t *targetPlan) claimForSilent() {
	absent := map[string]bool{}
	for _, id := range t.rd.absentPeople {
		absent[id] = true
	}
	for id, e := range t.state.people {
		if _, leaves := t.rd.leavers[id]; e.Gone || e.Key == "" || leaves || absent[id] {
			continue
		}
		if _, read := t.rd.org.Person(id); !read {
			t.claim(e.Key, id)
		}
	}
}

// settleClaims sets aside whoever shares a key, and sees to it that nobody is
// disabled under a number that has passed to somebody else.
func (t *targetPlan) settleClaims() {
	for _, people := range []*[]item{&t.additions.newPeople, &t.additions.changedPeople} {
		*people = slices.DeleteFunc(*people, func(it item) bool {
			shared := it.next.Key != "" && t.contested[it.next.Key]
			if shared {
				t.withheld[it.id] = true
				t.skip(orgmodel.EntityPerson, it.id, "has a key that is somebody else's as well")
			}
			return shared
		})
	}
	for i := range t.removals.people {
		it := &t.removals.people[i]
		owner, taken := t.claims[it.key]
		it.handover = t.traits.IdentifiesByKey && taken && owner != it.id
	}
	t.claims, t.contested = nil, nil
}

func clearsAttributes(p orgmodel.Person) bool {
	for _, value := range p.Attributes {
		if value == "" {
			return true
		}
	}
	return false
}

// withoutCleared makes what the source says is empty unknown again: an incomplete
// reading is not believed about that.
func withoutCleared(p orgmodel.Person) orgmodel.Person {
	p = p.Clone()
	for field := range p.Cleared().All() {
		p.Forget(field)
	}
	maps.DeleteFunc(p.Attributes, func(_, value string) bool { return value == "" })
	return p
}

// departmentItem makes the record of a planned department again, to be sent.
func (t *targetPlan) departmentItem(it *item) (Item, error) {
	d, there := t.rd.org.Department(it.id)
	if !there {
		d = it.next.department(it.id)
	}
	if it.action == Disable {
		d.SetStatus(orgmodel.StatusDisabled)
	}
	record, err := t.target.Department(d)
	return Item{ID: it.id, Value: record.Value}, err
}

// department is what the state knows of a department that is gone.
func (e entry) department(id string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(e.Parent)
	d.SetName(e.Name)
	d.SetStatus(orgmodel.StatusDisabled)
	return d
}

// personItem does the same for a person.
func (t *targetPlan) personItem(it *item) (Item, error) {
	out := Item{ID: it.id, Key: it.key}
	p, _ := t.rd.org.Person(it.id)
	if it.leaver != nil {
		p = it.leaver.Clone()
	}
	if it.action == Disable || it.action == Delete {
		p = t.leaving(p, it.outside || it.retire)
	} else {
		p, _ = t.area.person(p)
	}
	if it.withhold {
		p = withoutCleared(p)
	}
	record, err := t.target.Person(p, t.rd.org)
	out.Value = record.Value
	if out.Key == "" {
		out.Key = record.Key
	}
	return out, err
}

func heldOf(ids []string, entries map[string]entry) []string {
	var held []string
	for _, id := range ids {
		if e, ok := entries[id]; ok && !e.Gone {
			held = append(held, id)
		}
	}
	return held
}

// childrenFirst orders departments by their depth in what the target holds.
func childrenFirst(ids []string, entries map[string]entry) []string {
	depth := func(id string) int {
		n := 0
		for at := entries[id].Parent; at != "" && n <= len(entries); at = entries[at].Parent {
			n++
		}
		return n
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(depth(b), depth(a)) })
	return ids
}
