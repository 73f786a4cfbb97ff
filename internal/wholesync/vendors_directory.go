package main

import (
	"encoding/json"
	"fmt"
	"net/url"
)

const pathOpenimport = "/gateway/openimport/open/"

// maxDirectoryIDs is how many people one call of openimport returns by their ids.
const maxDirectoryIDs = 100

// everySide is how many people there are for each one who has a side job.
const everySide = 20

// sideJobs is how many people have a side job.
func (c company) sideJobs() int {
	n := 0
	for i := range c.people {
		if _, has := c.side(i); has {
			n++
		}
	}
	return n
}

// side returns the number of the department in which person i has a side job.
func (c company) side(i int) (department int, has bool) {
	department = (i/everySide + 1) % c.departments
	return department, i%everySide == everySide/2 && department != i%c.departments
}

// appendDirectoryPerson appends the record of person i in openimport.
func (c company) appendDirectoryPerson(b []byte, i int, e edition) []byte {
	department := i % c.departments
	id := personID(i)
	return fmt.Appendf(b, `{"openId":"%s","uid":"9%08d","name":"%s","gender":"%d","phone":"1380%07d","isHidePhone":"0",`+
		`"email":"u%07d@example.com","jobNo":"E%07d","jobTitle":"%s","orgId":"%s","department":"%s","orgUserType":"0",`+
		`"weights":"0","birthday":"19%02d-05-17","hireDate":"20%02d-03-01","positiveDate":"20%02d-06-01",`+
		`"staffType":"IN_STAFF","status":"1","photoUrl":"https://static.yunzhijia.com/space/c/photo/load?id=%s",`+
		`"contact":"[{\"name\":\"短号\",\"type\":\"O\",\"publicid\":\"77aa\",\"permission\":\"W\",\"value\":\"6%07d\"}]"}`,
		id, i, personName(i), 1+i%2, i, i, i, jobTitle(i, e), departmentID(department), departmentName(department),
		60+i%40, i%25, i%25, id, i)
}

func (c company) appendDirectoryOrg(b []byte, i int) []byte {
	parent := ""
	if i > 0 {
		parent = departmentID((i - 1) / childrenEach)
	}
	return fmt.Appendf(b, `{"id":"%s","parentId":"%s","name":"%s","department":"%s","weights":%d,"businessUnit":0}`,
		departmentID(i), parent, departmentName(i), departmentName(i), i)
}

func (c company) appendSideJob(b []byte, i, department int) []byte {
	return fmt.Appendf(b, `{"openId":"%s","orgId":"%s","jobTitle":"顾问","weights":2147483647}`, personID(i), departmentID(department))
}

func (c company) appendJobs(b []byte, i int, e edition) []byte {
	b = fmt.Appendf(b, `{"openId":"%s","masterInfo":{"orgId":"%s","jobTitle":"%s","weights":0},"slaveInfos":[`,
		personID(i), departmentID(i%c.departments), jobTitle(i, e))
	if department, has := c.side(i); has {
		b = fmt.Appendf(b, `{"orgId":"%s","jobTitle":"顾问","weights":2147483647}`, departmentID(department))
	}
	return append(b, `]}`...)
}

// openimportData is what any call asks for.
type openimportData struct {
	Begin   int      `json:"begin"`
	Count   int      `json:"count"`
	Array   []string `json:"array"`
	OpenIDs []string `json:"openIds"`
}

// openimport are the calls of the directory interface and what they answer with.
func (v *vendors) openimport() map[string]func(in openimportData) []byte {
	return map[string]func(in openimportData) []byte{
		"dept/getall":               func(openimportData) []byte { return v.orgs.all() },
		"dept/getAtTime":            func(openimportData) []byte { return nil },
		"dept/get":                  v.directoryOrgs,
		"person/getall":             func(in openimportData) []byte { return v.list(&v.feed).page(in.Begin, in.Count) },
		"person/getAtTime":          func(in openimportData) []byte { return v.list(&v.changed).page(in.Begin, in.Count) },
		"person/get":                func(in openimportData) []byte { return v.peopleOf(in.Array, v.company.appendDirectoryPerson) },
		"company/queryPartTimeJobs": func(in openimportData) []byte { return v.jobs.page(in.Begin, in.Count) },
		"relation/queryPersonOrgJobInfo": func(in openimportData) []byte {
			return v.peopleOf(in.OpenIDs, v.company.appendJobs)
		},
	}
}

func readOpenimport(form url.Values) (in openimportData) {
	_ = json.Unmarshal([]byte(form.Get("data")), &in) // what cannot be read is not there
	return in
}

// list returns one of the lists that an edition has.
func (v *vendors) list(of *rows) rows {
	v.mu.Lock()
	defer v.mu.Unlock()
	return *of
}

// peopleOf joins records of people by their ids. An id that does not exist has none.
func (v *vendors) peopleOf(ids []string, appendRow func(b []byte, i int, e edition) []byte) (out []byte) {
	v.mu.Lock()
	e := v.edition
	v.mu.Unlock()
	for _, id := range ids {
		if i, ok := numbered(id, v.company.people, personID); ok {
			out = append(appendRow(out, i, e), ',')
		}
	}
	return withoutComma(out)
}

func (v *vendors) directoryOrgs(in openimportData) (out []byte) {
	for _, id := range in.Array {
		if i, ok := numbered(id, v.company.departments, departmentID); ok {
			out = append(v.company.appendDirectoryOrg(out, i), ',')
		}
	}
	return withoutComma(out)
}

func withoutComma(list []byte) []byte { return list[:max(0, len(list)-1)] }

// publishJobs renders the side jobs, which no edition changes.
func (v *vendors) publishJobs() {
	for i := range v.company.people {
		if department, has := v.company.side(i); has {
			v.jobs.add(func(b []byte) []byte { return v.company.appendSideJob(b, i, department) })
		}
	}
}
