package yunzhijiatest

import (
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// syncPerson is the person record of openimport: all values are strings.
type syncPerson struct {
	OpenID       string  `json:"openId"`
	UID          string  `json:"uid"`
	Name         string  `json:"name"`
	Gender       string  `json:"gender"`
	Phone        string  `json:"phone"`
	IsHidePhone  string  `json:"isHidePhone"`
	Email        string  `json:"email"`
	JobNo        string  `json:"jobNo"`
	JobTitle     string  `json:"jobTitle"`
	OrgID        string  `json:"orgId"`
	Department   string  `json:"department"`
	OrgUserType  string  `json:"orgUserType"`
	Weights      string  `json:"weights"`
	Birthday     string  `json:"birthday"`
	HireDate     *string `json:"hireDate,omitempty"`
	PositiveDate *string `json:"positiveDate,omitempty"`
	StaffType    string  `json:"staffType,omitempty"`
	Status       string  `json:"status"`
	PhotoURL     string  `json:"photoUrl"`
	Contact      string  `json:"contact"`
}

// syncPeople makes records. changed ones lack what the vendor's sample of
// person/getAtTime lacks.
func (t *Team) syncPeople(people []yunzhijia.Person, changed bool) []syncPerson {
	tree := t.tree()
	out := make([]syncPerson, 0, len(people))
	for _, p := range people {
		d := t.directory.details[p.OpenID]
		r := syncPerson{
			OpenID: p.OpenID, UID: uid(p.OpenID), Name: p.Name, Gender: string(p.Gender),
			Phone: p.Phone, IsHidePhone: strconv.Itoa(digit(d.HidePhone)), Email: p.Email, JobNo: p.JobNo,
			JobTitle: p.JobTitle, OrgID: p.OrgID, Department: tree.longName(p.OrgID), OrgUserType: "0", Weights: "0",
			Birthday: d.Birthday, StaffType: d.StaffType, Status: string(p.Status), PhotoURL: p.PhotoURL, Contact: d.Contact,
		}
		if r.Contact == "" {
			r.Contact = "[]"
		}
		if t.server.masked || d.MaskPhone {
			r.Phone = starred(p.Phone)
		}
		if p.Status == yunzhijia.StatusLeft {
			r.Department = ""
		}
		if tree.heads[[2]string{p.OrgID, p.OpenID}] {
			r.OrgUserType = "1"
		}
		if !changed {
			r.HireDate, r.PositiveDate = &d.HireDate, &d.PositiveDate
		} else {
			r.StaffType = ""
		}
		out = append(out, r)
	}
	return out
}

// uid does not change when other people come and go.
func uid(openID string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(openID))
	return strconv.FormatUint(uint64(h.Sum32()), 10)
}

// starred hides a phone as the page's sample does: "137****0002".
func starred(phone string) string {
	const first, last = 3, 4
	if r := []rune(phone); len(r) > first+last {
		return string(r[:first]) + "****" + string(r[len(r)-last:])
	}
	return masked(phone)
}

// syncAllPeople has people in service alone: disabled people are not among them.
func (t *Team) syncAllPeople(data []byte) (any, *refusal) {
	var in syncPage
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	from, to, refused := in.window(maxCount)
	if refused != nil {
		return nil, refused
	}
	var active []yunzhijia.Person
	for _, p := range t.people {
		if p.Status == yunzhijia.StatusActive {
			active = append(active, p)
		}
	}
	return t.syncPeople(cut(active, from, to), false), nil
}

// syncSince is the moment and the page of data.
type syncSince struct {
	Time  *string `json:"time"`
	Begin *int    `json:"begin"`
	Count *int    `json:"count"`
	EID   *string `json:"eid"`
}

func (in syncSince) page() syncPage { return syncPage{Begin: in.Begin, Count: in.Count} }

// after reports whether something happened after the moment.
func (in syncSince) after() (func(at time.Time) bool, *refusal) {
	if in.Time == nil || !isMoment(*in.Time) {
		return nil, badParameter("参数错误: time must be yyyy-MM-dd HH:mm:ss")
	}
	moment, _ := time.ParseInLocation(momentLayout, *in.Time, beijing())
	return moment.Before, nil
}

// syncChangedPeople has each person once, as of now, whatever happened in between.
func (t *Team) syncChangedPeople(data []byte) (any, *refusal) {
	var in syncSince
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	happened, refused := in.after()
	if refused != nil {
		return nil, refused
	}
	from, to, refused := in.page().window(maxCount)
	if refused != nil {
		return nil, refused
	}
	seen := map[string]bool{}
	var changed []yunzhijia.Person
	for _, e := range t.events {
		i, there := t.index[e.person.OpenID]
		if there && !e.lost && happened(e.at) && !seen[e.person.OpenID] {
			seen[e.person.OpenID] = true
			changed = append(changed, t.people[i])
		}
	}
	return t.syncPeople(cut(changed, from, to), true), nil
}

// syncGetPeople leaves out who does not exist.
func (t *Team) syncGetPeople(data []byte) (any, *refusal) {
	in, refused := readIDs(data)
	if refused != nil {
		return nil, refused
	}
	if *in.Type == 1 {
		return t.syncPeople(t.byID(in.Array), false), nil
	}
	var people []yunzhijia.Person
	for _, p := range t.people {
		if p.Phone != "" && slices.Contains(in.Array, p.Phone) {
			people = append(people, p)
		}
	}
	return t.syncPeople(people, false), nil
}

func (t *Team) syncPhones(data []byte) (any, *refusal) {
	var in syncSince
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	happened, refused := in.after()
	if refused != nil {
		return nil, refused
	}
	var changes []yunzhijia.PhoneChange
	for _, c := range t.directory.phones {
		if at, _ := time.ParseInLocation(momentLayout, c.CreateTime, beijing()); happened(at) {
			changes = append(changes, c)
		}
	}
	return pageOf(in.page(), changes)
}

// syncJob is the place of a person in one department.
type syncJob struct {
	OrgID    string `json:"orgId"`
	JobTitle string `json:"jobTitle"`
	Weights  int64  `json:"weights"`
}

func (t *Team) syncJobs(data []byte) (any, *refusal) {
	var in struct {
		OpenIDs []string `json:"openIds"`
		EID     *string  `json:"eid"`
	}
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	if len(in.OpenIDs) == 0 || len(in.OpenIDs) > maxJobIDs {
		return nil, badParameter("参数错误: openIds must have 1 to 200 entries")
	}
	type personJobs struct {
		OpenID string    `json:"openId"`
		Main   *syncJob  `json:"masterInfo"`
		Sides  []syncJob `json:"slaveInfos"`
	}
	out := []personJobs{}
	for _, p := range t.byID(in.OpenIDs) {
		jobs := personJobs{OpenID: p.OpenID, Sides: []syncJob{}}
		if p.OrgID != "" {
			jobs.Main = &syncJob{OrgID: p.OrgID, JobTitle: p.JobTitle}
		}
		for _, s := range t.directory.sides[p.OpenID] {
			jobs.Sides = append(jobs.Sides, syncJob{s.OrgID, s.JobTitle, s.Weights})
		}
		out = append(out, jobs)
	}
	return out, nil
}
