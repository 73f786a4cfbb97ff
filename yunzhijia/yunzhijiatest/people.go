package yunzhijiatest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// oPerson is OPerson with all values as strings. Phone and email are "not
// opened": left out unless the server was made with [WithContacts].
type oPerson struct {
	PhotoURL   string  `json:"photoUrl"`
	Gender     string  `json:"gender"`
	Phone      *string `json:"phone,omitempty"`
	Email      *string `json:"email,omitempty"`
	OpenID     string  `json:"openId"`
	JobTitle   string  `json:"jobTitle"`
	JobNo      string  `json:"jobNo"`
	Name       string  `json:"name"`
	GlobalID   string  `json:"globalId"`
	IsAdmin    string  `json:"isAdmin"`
	Department string  `json:"department"`
	OrgID      string  `json:"orgId"`
	Status     string  `json:"status"`
}

func (t *Team) oPerson(p yunzhijia.Person) oPerson {
	o := oPerson{
		PhotoURL: p.PhotoURL, Gender: string(p.Gender), OpenID: p.OpenID, JobTitle: p.JobTitle, JobNo: p.JobNo,
		Name: p.Name, GlobalID: p.GlobalID, IsAdmin: strconv.Itoa(digit(p.IsAdmin)), Department: t.department(p),
		OrgID: p.OrgID, Status: string(p.Status),
	}
	if t.server.contacts {
		o.Phone, o.Email = &p.Phone, &p.Email
	}
	return o
}

func (t *Team) oPersons(people []yunzhijia.Person) []oPerson {
	out := make([]oPerson, 0, len(people))
	for _, p := range people {
		out = append(out, t.oPerson(p))
	}
	return out
}

// byID returns the people with these openIds, without those who are unknown.
func (t *Team) byID(openIDs []string) []yunzhijia.Person {
	var people []yunzhijia.Person
	for _, id := range openIDs {
		if i, ok := t.index[id]; ok {
			people = append(people, t.people[i])
		}
	}
	return people
}

// within returns the people in service in any of the departments.
func (t *Team) within(orgIDs []string) []yunzhijia.Person {
	var people []yunzhijia.Person
	for _, p := range t.people {
		if p.Status != yunzhijia.StatusLeft && slices.Contains(orgIDs, p.OrgID) {
			people = append(people, p)
		}
	}
	return people
}

func (t *Team) department(p yunzhijia.Person) string {
	if i := t.findOrg(p.OrgID); p.Department == "" && i >= 0 {
		return t.orgs[i].Name
	}
	return p.Department
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// beginning is what the page names for a first pull.
const beginning = "2008-08-02 01:40:38"

func beijing() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

func (t *Team) getAllPersons(in values) (any, *refusal) {
	since, err := time.ParseInLocation(momentLayout, in.text("time"), beijing())
	if err != nil {
		return nil, badParameter("time is malformed")
	}
	// The page's value for a first pull means everything, also for a clock that
	// stands before it: testing/synctest begins in the year 2000.
	everything := in.text("time") == beginning
	var changed []yunzhijia.Person
	for _, e := range t.events {
		if everything || e.at.After(since) {
			changed = append(changed, e.person)
		}
	}
	from, to := in.window(maxCount)
	return struct {
		Persons []oPerson `json:"persons"`
		Time    string    `json:"time"`
	}{t.oPersons(cut(changed, from, to)), t.server.now().In(beijing()).Format(momentLayout)}, nil
}

func (t *Team) getPerson(in values) (any, *refusal) {
	return t.oPersons(t.byID([]string{in.text("openId")})), nil
}

func (t *Team) getOrgPersons(in values) (any, *refusal) {
	var out struct {
		InChargers []oPerson `json:"inChargers"`
		Members    []oPerson `json:"members"`
	}
	from, to := in.window(maxCount)
	if i := t.findOrg(in.text("orgId")); i >= 0 && from == 0 {
		out.InChargers = t.heads(t.orgs[i])
	}
	out.Members = t.oPersons(cut(t.within([]string{in.text("orgId")}), from, to))
	return out, nil
}

func (t *Team) getParentPerson(in values) (any, *refusal) {
	var out struct {
		Default   []oPerson `json:"defaultParentPersons"`
		Secondary []oPerson `json:"defaultParentSecPersons"`
		Selected  []oPerson `json:"selectParentPersons"`
	}
	openID := in.text("openId")
	i, ok := t.index[openID]
	if !ok {
		return out, nil
	}
	// The heads of the nearest department that has a head other than this person.
	for _, org := range t.ancestors(t.people[i].OrgID) {
		heads := slices.DeleteFunc(t.heads(org), func(p oPerson) bool { return p.OpenID == openID })
		if len(heads) > 0 {
			out.Default = heads
			break
		}
	}
	out.Secondary = []oPerson{}
	if superiors := t.selected[openID]; len(superiors) > 0 {
		out.Selected = t.oPersons(t.byID(superiors))
	}
	return out, nil
}

func (t *Team) getAdminOids(values) (any, *refusal) {
	var ids []string
	for _, p := range t.people {
		if p.IsAdmin && p.Status != yunzhijia.StatusLeft {
			ids = append(ids, p.OpenID)
		}
	}
	return struct {
		OpenIDs string `json:"oids"`
	}{strings.Join(ids, ",")}, nil
}

// orgUser is a person of getUserInfoRelyOrgIds: isAdmin and status are numbers.
type orgUser struct {
	PhotoURL   string `json:"photoUrl"`
	Gender     string `json:"gender"`
	Phone      string `json:"phone"`
	OpenID     string `json:"openId"`
	JobTitle   string `json:"jobTitle"`
	JobNo      string `json:"jobNo"`
	Name       string `json:"name"`
	IsAdmin    int    `json:"isAdmin"`
	Department string `json:"department"`
	Email      string `json:"email"`
	OrgID      string `json:"orgId"`
	Status     any    `json:"status"`
}

func (t *Team) getUserInfo(in values) (any, *refusal) {
	var orgIDs []string
	for id := range strings.SplitSeq(in.text("orgIds"), ",") {
		orgIDs = append(orgIDs, id)
		if in.flag("isIncludeSub") {
			for _, org := range t.below(id) {
				orgIDs = append(orgIDs, org.OrgID)
			}
		}
	}
	from, to := in.window(maxCountOrgUsers)
	users := []orgUser{}
	for _, p := range cut(t.within(orgIDs), from, to) {
		u := orgUser{
			PhotoURL: p.PhotoURL, Gender: string(p.Gender), Phone: p.Phone, OpenID: p.OpenID, JobTitle: p.JobTitle,
			JobNo: p.JobNo, Name: p.Name, IsAdmin: digit(p.IsAdmin), Department: t.department(p), Email: p.Email,
			OrgID: p.OrgID, Status: string(p.Status),
		}
		if n, err := strconv.Atoi(string(p.Status)); err == nil {
			u.Status = n
		}
		if !t.server.contacts {
			u.Phone = masked(p.Phone)
		}
		users = append(users, u)
	}
	return users, nil
}

// masked hides a phone as the page's sample does: "1326*******4".
func masked(phone string) string {
	const first, last = 4, 1
	switch r := []rune(phone); {
	case len(r) == 0:
		return ""
	case len(r) <= first+last:
		return "*******"
	default:
		return string(r[:first]) + "*******" + string(r[len(r)-last:])
	}
}
