package orgsync

import (
	"github.com/orgbridge/orgbridge/orgmodel"
)

// snapshot is what planning is a function of, besides what a target has acknowledged
// and how it makes records.
type snapshot struct {
	org            *orgmodel.Directory
	badDepartments map[string]bool
	evidence       evidence
	departing      map[string]orgmodel.Person // leavers and the absent, with what was sealed of them
	fits           bool                       // the reading is believed
	scope          Scope
	area           area
	places         *places
	shorts         shorts
}

// planner plans for one target. It does no I/O: entries are handed to it.
type planner struct {
	*snapshot
	*targetPlan

	maker     *maker
	claims    []claim
	rings     int32
	returning map[string]string // who is back under the key of their tombstone, by key
	started   bool              // the target was filled before
	outsiders []string          // departments to be removed because of the scope
}

func newPlanner(s *snapshot, m *maker) *planner {
	return &planner{snapshot: s, maker: m, returning: map[string]string{}, targetPlan: &targetPlan{
		name: m.target.Name(), traits: m.target.Traits(),
		owed: map[string]bool{}, occupied: map[string]bool{}, staying: map[place]bool{}, dropped: map[string]bool{}, titles: map[string]string{},
	}}
}

// absent is the proof for what a complete reading that fits lacks.
func (s *snapshot) absent(entity orgmodel.Entity, id string) (proof, bool) {
	v, org := s.evidence.people[id], s.org
	if entity == orgmodel.EntityDepartment {
		v = s.evidence.departments[id]
	}
	ok := s.fits && org.Complete() && (entity == orgmodel.EntityDepartment || !org.IsIncremental(entity))
	return proof{ReasonAbsent, v == confirmed}, ok && (v == confirmed || v == pending)
}

// claim is the change of a person whose key at the target is to become another one.
// Two people cannot have one key: which of them the target means would be a guess.
type claim struct {
	change

	key   string
	held  *entry // nil for a person whom the target was not told of
	from  int32  // index of the claim of the key's present owner, which has to go first; -1
	state claimState
}

func (c *claim) live() bool { return c.held != nil && !c.held.gone }

type claimState uint8

const (
	open claimState = iota
	visiting
	granted
	contested
)

// dissolved is a department that a target holds and the source lacks.
type dissolved struct {
	heldEntry

	target string
}
