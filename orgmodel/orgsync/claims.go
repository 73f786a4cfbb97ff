package orgsync

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// owners returns the entries whose key is the given one.
type owners func(key string) ([]heldEntry, error)

// settleClaims grants keys, or sets aside people who claim one that belongs to another
// person. A key that was acknowledged for a person stays theirs as long as the reading
// gives it to them. A key that its owner gives up in this same run passes on once the
// target has acknowledged that.
func (t *planner) settleClaims(owned owners) error {
	if err := t.grant(owned); err != nil {
		return err
	}
	claimed := map[string]string{} // who takes a key that is, or was, another person's
	moving := map[string]bool{}    // who gives up the one they have
	passing := t.traits.IdentifiesByKey && (len(t.steps[stepRemovePeople]) > 0 ||
		slices.ContainsFunc(t.claims, func(c claim) bool { return c.live() }))
	for i := range t.claims {
		c := &t.claims[i]
		if c.state == contested {
			t.withhold(orgmodel.EntityPerson, c.id, t.actionOf(&c.change), say(RemarkKeyTaken))
			t.colliding = append(t.colliding, c.id)
			t.owed[c.id] = true
			if c.live() {
				t.staying[c.held.place] = true
			}
			continue
		}
		if passing {
			claimed[c.key] = c.id
			moving[c.id] = true
		}
	}
	for i := range t.claims {
		if c := &t.claims[i]; c.state == contested && c.live() {
			if err := t.resend(c, claimed, owned); err != nil {
				return err
			}
		}
	}
	for i := range t.claims {
		c := &t.claims[i]
		if c.state != granted {
			continue
		}
		t.planned++
		t.steps[c.step] = append(t.steps[c.step], c.change)
		if c.held == nil {
			continue
		}
		e := *c.held
		if c.live() && e.key != "" {
			e.old = append(slices.Clone(e.old), e.key)
		}
		t.retire(c.id, e, c.key, c.id)
	}
	t.claims = nil
	return t.passOn(claimed, moving, owned)
}

// resend sends a person whose claim is contested once more under the key that was
// acknowledged, if another one was tried with an unknown outcome: that may have taken the
// record away from them.
func (t *planner) resend(c *claim, claimed map[string]string, owned owners) error {
	if !t.traits.IdentifiesByKey || !c.held.isUncertain() || c.held.key == "" || len(c.held.old) == 0 || claimed[c.held.key] != "" {
		return nil
	}
	holders, err := owned(c.held.key)
	if err != nil || slices.ContainsFunc(holders, func(e heldEntry) bool { return e.id != c.id && !e.gone }) {
		return err
	}
	t.detailFor(&c.change).key = c.held.key
	t.steps[c.step] = append(t.steps[c.step], c.change)
	return nil
}

// grant decides every claim.
func (t *planner) grant(owned owners) error {
	t.contest()
	var byID map[string]int
	var leaving map[string]int
	for i := range t.claims {
		c := &t.claims[i]
		if c.state == contested {
			continue
		}
		holders, err := owned(c.key)
		if err != nil {
			return err
		}
		for _, owner := range holders {
			if owner.id == c.id {
				continue
			}
			if byID == nil {
				byID, leaving = t.fates()
			}
			t.claimFrom(c, owner, byID, leaving)
		}
	}
	for i := range t.claims {
		t.follow(int32(i)) // #nosec G115 -- far below
	}
	return nil
}

// contest finds the keys that several people claim. They are sorted by a hash, which
// decides nearly always without a look at the keys.
func (t *planner) contest() {
	type hashed struct {
		hash  uint64
		claim int32
	}
	seed := maphash.MakeSeed()
	list := make([]hashed, len(t.claims))
	for i := range t.claims {
		t.claims[i].from = -1
		list[i] = hashed{maphash.String(seed, t.claims[i].key), int32(i)} // #nosec G115 -- far below
	}
	slices.SortFunc(list, func(a, b hashed) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return strings.Compare(t.claims[a.claim].key, t.claims[b.claim].key)
	})
	for i := range list[min(1, len(list)):] {
		if a, b := &t.claims[list[i].claim], &t.claims[list[i+1].claim]; a.key == b.key {
			a.state, b.state = contested, contested
		}
	}
}

// fates says who claims another key, and who is leaving: by index of the claim and of
// the removal.
func (t *planner) fates() (byID, leaving map[string]int) {
	byID, leaving = map[string]int{}, map[string]int{}
	for i := range t.claims {
		byID[t.claims[i].id] = i
	}
	for i := range t.steps[stepRemovePeople] {
		c := &t.steps[stepRemovePeople][i]
		if d := t.detailOf(c); !d.unsettled && t.reasonOf(c) != ReasonSuperseded {
			leaving[c.id] = i
		}
	}
	return byID, leaving
}

// claimFrom decides about a key that has an owner.
func (t *planner) claimFrom(c *claim, owner heldEntry, byID, leaving map[string]int) {
	from, renamed := byID[owner.id]
	removal, leaves := leaving[owner.id]
	switch {
	case owner.gone && t.returning[owner.key] == owner.id:
		c.state = contested // it is theirs again
	case owner.gone && t.traits.IdentifiesByKey:
		// The record becomes that of the heir; the tombstone must not answer to it.
		t.add(stepRemovePeople, owner.id, OpRemovePeople, t.removing(), ReasonHandedOver,
			detail{key: c.key, place: owner.place, handover: true, tombstone: true, after: c.id})
	case owner.gone && !renamed:
		t.release(c, owner)
	case renamed:
		c.from = int32(from) // #nosec G115 -- far below
	case leaves && t.traits.IdentifiesByKey:
		// passOn turns the removal into a hand-over.
	case leaves:
		change := &t.steps[stepRemovePeople][removal]
		d := &t.details[change.detail]
		d.key, d.was = owner.id, d.key
		change.step, change.op, change.reason = stepReleaseKeys, OpUpdatePeople, code(reasonCodes(), ReasonReleased)
		t.steps[stepReleaseKeys] = append(t.steps[stepReleaseKeys], *change)
		change.id = "" // dropped by passOn
		t.detailFor(&c.change).after = owner.id
	default:
		c.state = contested
	}
}

// release gives a tombstone its own id as key, if the target can be told.
func (t *planner) release(c *claim, owner heldEntry) {
	p, there := t.departing[owner.id]
	if !there {
		if p, there = t.org.Person(owner.id); !there || inService(p) {
			return
		}
	}
	if _, err := t.maker.record(t.leaving(p), owner.id); err != nil {
		return // the target may refuse the heir, who is named then
	}
	t.add(stepReleaseKeys, owner.id, OpUpdatePeople, Disable, ReasonReleased, detail{key: owner.id, place: owner.place, tombstone: true})
	t.detailFor(&c.change).after = owner.id
}

// follow grants a claim after the one it waits for. Claims that wait for each other in
// a ring are granted together, and go in one Push.
func (t *planner) follow(i int32) {
	var chain []int32
	for at := i; at >= 0 && t.claims[at].state == open; at = t.claims[at].from {
		t.claims[at].state = visiting
		chain = append(chain, at)
	}
	for n, at := range slices.Backward(chain) {
		c := &t.claims[at]
		if c.state != visiting {
			continue
		}
		if c.from < 0 {
			c.state = granted
			continue
		}
		before := &t.claims[c.from]
		switch before.state {
		case visiting: // the ring closes here
			t.ring(chain[slices.Index(chain, c.from) : n+1])
		case granted:
			c.state = granted
			t.detailFor(&c.change).after = before.id
			if c.step == before.step {
				t.detailFor(&c.change).wave = t.detailOf(&before.change).wave + 1
			}
		default:
			c.state = contested
		}
	}
}

func (t *planner) ring(members []int32) {
	state := granted
	if len(members) > t.traits.Batch {
		state = contested
	}
	t.rings++
	for _, at := range members {
		c := &t.claims[at]
		c.state = state
		t.detailFor(&c.change).ring = t.rings
	}
}

// passOn turns the removal of a key that belongs to another person by now, or will once
// the target has acknowledged it, into a hand-over, for which nothing is sent. Of
// several removals of one key, one is sent.
func (t *planner) passOn(claimed map[string]string, moving map[string]bool, owned owners) error {
	t.steps[stepRemovePeople] = slices.DeleteFunc(t.steps[stepRemovePeople], func(c change) bool { return c.id == "" })
	if !t.traits.IdentifiesByKey {
		return nil
	}
	removed := map[string]string{} // by whose removal a key goes
	leaving := map[string]bool{}
	for i := range t.steps[stepRemovePeople] {
		c := &t.steps[stepRemovePeople][i]
		leaving[c.id] = leaving[c.id] || t.reasonOf(c) != ReasonSuperseded && !t.detailOf(c).unsettled
	}
	for i := range t.steps[stepRemovePeople] {
		c := &t.steps[stepRemovePeople][i]
		d := t.detailOf(c)
		if d.handover || c.detail < 0 || d.key == "" {
			continue
		}
		heir, passes := claimed[d.key]
		if back := t.returning[d.key]; !passes && back != "" {
			heir, passes = back, true
		}
		if passes = passes && heir != c.id; !passes {
			holders, err := owned(d.key)
			if err != nil {
				return err
			}
			heir = ""
			for _, e := range holders {
				if e.id == c.id || e.gone || leaving[e.id] {
					continue
				}
				if moving[e.id] { // it is theirs until they have another one
					t.details[c.detail].also, d.also = e.id, e.id
					continue
				}
				passes = true
			}
		}
		if !passes {
			heir, passes = removed[d.key]
		}
		if !passes {
			removed[d.key] = c.id
			continue
		}
		d.handover, d.after = true, heir
		t.details[c.detail] = d
		c.reason = code(reasonCodes(), ReasonHandedOver)
	}
	return nil
}

// tombstones returns the people whose tombstones hold claimed keys, where that is in
// the way, and whom this reading does not know: the source has to be asked about them.
func (t *planner) tombstones(owned owners) ([]string, error) {
	if t.traits.IdentifiesByKey || !t.traits.UniqueKeys {
		return nil, nil
	}
	var ids []string
	for i := range t.claims {
		holders, err := owned(t.claims[i].key)
		if err != nil {
			return nil, err
		}
		for _, owner := range holders {
			if _, known := t.departing[owner.id]; owner.gone && owner.id != t.claims[i].id && !known && !t.org.HasPerson(owner.id) {
				ids = append(ids, owner.id)
			}
		}
	}
	return ids, nil
}
