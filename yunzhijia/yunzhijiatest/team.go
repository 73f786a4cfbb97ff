package yunzhijiatest

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// Team is a 工作圈: departments, people, roles and partners. Its methods that
// change something by id panic if there is no such id: a test that went on
// would prove nothing.
type Team struct {
	server    *Server
	eid, name string
	tokens    tokens // of openimport

	mu       sync.Mutex
	orgs     []yunzhijia.Org    // InChargers holds openIds only
	people   []yunzhijia.Person // state of each, in the order they came
	index    map[string]int     // openId → people
	events   []event
	selected map[string][]string // openId → superiors
	roles    []role
	partners []partner
	networks []network

	directory directory
}

// event is one row of getallpersons.
type event struct {
	at     time.Time
	person yunzhijia.Person
	lost   bool // person/getAtTime does not tell of it
}

type role struct {
	id, name string
	openIDs  []string
}

func newTeam(s *Server, eid, name string) *Team {
	return &Team{
		server: s, eid: eid, name: name, index: map[string]int{}, selected: map[string][]string{},
		tokens: tokens{kind: "sync " + eid}, directory: newDirectory(),
	}
}

// EID returns the team's id.
func (t *Team) EID() string { return t.eid }

// AddOrg adds departments. Of InChargers the openIds count. Neither parent nor
// heads need exist, so that broken directories can be played, too.
func (t *Team) AddOrg(orgs ...yunzhijia.Org) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, org := range orgs {
		org.InChargers = slices.Clone(org.InChargers)
		t.orgs = append(t.orgs, org)
		t.noteOrg(org, yunzhijia.OrgAdded)
	}
}

// UpdateOrg changes a department.
func (t *Team) UpdateOrg(orgID string, change func(*yunzhijia.Org)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.mustFindOrg(orgID)
	change(&t.orgs[i])
	t.noteOrg(t.orgs[i], yunzhijia.OrgChanged)
}

// RemoveOrg removes a department. People in it and departments below it stay.
func (t *Team) RemoveOrg(orgID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.mustFindOrg(orgID)
	t.noteOrg(t.orgs[i], yunzhijia.OrgDeleted)
	t.orgs = slices.Delete(t.orgs, i, i+1)
}

// AddPerson adds people and appends an event for each. Someone without a
// Status is in service. An empty Department is answered as the name of the
// department with OrgID. The same OpenID again, or none, is only an event more.
func (t *Team) AddPerson(people ...yunzhijia.Person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range people {
		t.put(p, t.server.now())
	}
}

// UpdatePerson changes a person and appends an event.
func (t *Team) UpdatePerson(openID string, change func(*yunzhijia.Person)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.people[t.mustFindPerson(openID)]
	change(&p)
	t.put(p, t.server.now())
}

// Leave sets a person's status to left and appends an event.
func (t *Team) Leave(openID string) {
	t.UpdatePerson(openID, func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusLeft })
}

// RemovePerson forgets a person and all events of that person, as if there had
// never been one.
func (t *Team) RemovePerson(openID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.mustFindPerson(openID)
	t.people = slices.Delete(t.people, i, i+1)
	delete(t.index, openID)
	for id, at := range t.index {
		if at > i {
			t.index[id] = at - 1
		}
	}
	t.events = slices.DeleteFunc(t.events, func(e event) bool { return e.person.OpenID == openID })
}

// SetSuperiors sets the superiors that were selected for a person (指定上级).
func (t *Team) SetSuperiors(openID string, superiors ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mustFindPerson(openID)
	t.selected[openID] = slices.Clone(superiors)
}

// AddRole adds a role and who has it.
func (t *Team) AddRole(roleID, name string, openIDs ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roles = append(t.roles, role{id: roleID, name: name, openIDs: slices.Clone(openIDs)})
}

// Orgs returns the departments as they are now.
func (t *Team) Orgs() []yunzhijia.Org {
	t.mu.Lock()
	defer t.mu.Unlock()
	orgs := slices.Clone(t.orgs)
	for i := range orgs {
		orgs[i].InChargers = slices.Clone(orgs[i].InChargers)
	}
	return orgs
}

// People returns the people as they are now, those who left included, without
// masks.
func (t *Team) People() []yunzhijia.Person {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.people)
}

// put is called with the lock held.
func (t *Team) put(p yunzhijia.Person, at time.Time) {
	if p.Status == "" {
		p.Status = yunzhijia.StatusActive
	}
	if p.Gender == "" {
		p.Gender = yunzhijia.GenderUnknown
	}
	t.events = append(t.events, event{at: at, person: p})
	if i, ok := t.index[p.OpenID]; ok {
		t.notePhone(t.people[i], p, at)
		t.people[i] = p
		return
	}
	if p.OpenID != "" {
		t.index[p.OpenID] = len(t.people)
	}
	t.people = append(t.people, p)
}

func (t *Team) findOrg(orgID string) int {
	return slices.IndexFunc(t.orgs, func(o yunzhijia.Org) bool { return o.OrgID == orgID })
}

func (t *Team) mustFindOrg(orgID string) int {
	i := t.findOrg(orgID)
	if i < 0 {
		panic("yunzhijiatest: no department " + strconv.Quote(orgID))
	}
	return i
}

func (t *Team) mustFindPerson(openID string) int {
	i, ok := t.index[openID]
	if !ok {
		panic("yunzhijiatest: no person " + strconv.Quote(openID))
	}
	return i
}
