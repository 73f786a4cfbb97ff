package yunzhijiatest

import (
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// directory is what openimport knows of a team beyond the other calls.
type directory struct {
	details map[string]Details
	sides   map[string][]yunzhijia.SideJob
	orgs    []orgEvent
	phones  []yunzhijia.PhoneChange
	nonces  map[string]bool
}

func newDirectory() directory {
	return directory{details: map[string]Details{}, sides: map[string][]yunzhijia.SideJob{}, nonces: map[string]bool{}}
}

// orgEvent is one row of dept/getAtTime.
type orgEvent struct {
	at     time.Time
	org    yunzhijia.Org
	change yunzhijia.ChangeType
}

// Details are what only openimport tells of a person, beside the phone and e-mail that
// [yunzhijia.Person] has. Days are of the form yyyy-MM-dd, "" where nothing is known.
type Details struct {
	Birthday, HireDate, PositiveDate string
	StaffType                        string // IN_STAFF, OFF_STAFF
	Contact                          string // JSON, "" for "[]"
	HidePhone                        bool
	MaskPhone                        bool // as [WithMaskedPhones] does for everyone
}

// SyncClient returns a client of openimport for the team, see [Server.Client].
func (t *Team) SyncClient(options ...yunzhijia.Option) *yunzhijia.Client {
	return simkit.NewClient(t.server.sim, yunzhijia.New, t.SyncConfig(), options)
}

// SyncConfig returns the configuration of a client of openimport for the team.
func (t *Team) SyncConfig() yunzhijia.Config {
	return yunzhijia.Config{
		BaseURL: t.server.URL(), EID: t.eid, Credentials: yunzhijia.SyncCredentials(t.eid, syncSecret),
	}
}

// SetDetails sets what only openimport tells of a person, which is a change of the
// person.
func (t *Team) SetDetails(openID string, details Details) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.people[t.mustFindPerson(openID)]
	t.directory.details[openID] = details
	t.put(p, t.server.now())
}

// SetSideJobs sets the side jobs (兼职) of a person. Of the given ones the OpenID does not
// count. person/getAtTime does not tell of it: whether the vendor's does is not documented.
func (t *Team) SetSideJobs(openID string, jobs ...yunzhijia.SideJob) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mustFindPerson(openID)
	jobs = slices.Clone(jobs)
	for i := range jobs {
		jobs[i].OpenID = openID
	}
	t.directory.sides[openID] = jobs
}

// SideJobs returns the side jobs of a person.
func (t *Team) SideJobs(openID string) []yunzhijia.SideJob {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.directory.sides[openID])
}

// LoseChanges makes person/getAtTime silent about what happened to a person so far, as
// the vendor's may be about a change that was not recorded.
func (t *Team) LoseChanges(openID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mustFindPerson(openID)
	for i := range t.events {
		if t.events[i].person.OpenID == openID {
			t.events[i].lost = true
		}
	}
}

func (t *Team) noteOrg(org yunzhijia.Org, change yunzhijia.ChangeType) {
	t.directory.orgs = append(t.directory.orgs, orgEvent{t.server.now(), org, change})
}

func (t *Team) notePhone(before, after yunzhijia.Person, at time.Time) {
	if before.Phone != after.Phone {
		t.directory.phones = append(t.directory.phones, yunzhijia.PhoneChange{
			EID: t.eid, OpenID: after.OpenID, OldPhone: before.Phone, NewPhone: after.Phone,
			CreateTime: at.In(beijing()).Format(momentLayout),
		})
	}
}
