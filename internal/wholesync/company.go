package main

import (
	"fmt"
	"strconv"
)

// maxPeople is how many people have a mobile of their own.
const maxPeople = 10_000_000

// company is made of numbers: person i and department i are always the same, so that they need
// not be stored.
type company struct{ people, departments int }

// edition is what changed since the company was founded: in edition n > 0, one person in Every
// has the n-th job title after the first.
type edition struct {
	Number int `json:"number"`
	Every  int `json:"every"`
}

// changes reports whether the edition says something new about person i.
func (e edition) changes(i int) bool { return e.Number > 0 && i%e.Every == 0 }

// count is how many of a company's people the edition changes.
func (e edition) count(c company) int {
	if e.Number == 0 {
		return 0
	}
	return (c.people + e.Every - 1) / e.Every
}

var (
	surnames   = []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗")
	givenNames = []rune("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉建华国志")
	jobTitles  = []string{"工程师", "高级工程师", "销售经理", "客户经理", "财务专员", "人事主管", "行政助理", "产品经理", "仓库管理员", "司机"}
)

// appendPerson appends the row of person i in the feed of people.
func (c company) appendPerson(b []byte, i int, e edition) []byte {
	department := i % c.departments
	id := personID(i)
	return fmt.Appendf(b, `{"photoUrl":"https://static.yunzhijia.com/space/c/photo/load?id=%s","gender":"%d","openId":"%s",`+
		`"jobTitle":"%s","jobNo":"E%07d","name":"%s","globalId":"%s","isAdmin":"0","department":"%s","orgId":"%s",`+
		`"status":"1","phone":"1380%07d","email":"u%07d@example.com"}`,
		id, 1+i%2, id, jobTitle(i, e), i, personName(i), id, departmentName(department), departmentID(department), i, i)
}

func personName(i int) string {
	return string([]rune{surnames[i%len(surnames)], givenNames[i/7%len(givenNames)], givenNames[i/211%len(givenNames)]})
}

func jobTitle(i int, e edition) string {
	if e.changes(i) {
		i += e.Number
	}
	return jobTitles[i%len(jobTitles)]
}

// childrenEach is how many departments are below each other one.
const childrenEach = 10

// appendDepartment appends the row of department i. Each has up to ten below it, and they come
// after it.
func (c company) appendDepartment(b []byte, i int) []byte {
	parent := ""
	if i > 0 {
		parent = departmentID((i - 1) / childrenEach)
	}
	return fmt.Appendf(b, `{"inChargers":[],"name":"%s","orgId":"%s","parentId":"%s"}`,
		departmentName(i), departmentID(i), parent)
}

func departmentName(i int) string { return "业务部门" + strconv.Itoa(i) }

// An id looks random, so that ids are not in the order of the rows, and ends with its number.
func personID(i int) string     { return fmt.Sprintf("%016x%08x", mix(uint64(2*i+1)), i) } //nolint:gosec // i is not negative
func departmentID(i int) string { return fmt.Sprintf("%016x%08x", mix(uint64(2*i)), i) }   //nolint:gosec // i is not negative

// numbered returns the number that an id ends with, if it is the id of one of n.
func numbered(id string, n int, idOf func(int) string) (int, bool) {
	i, err := strconv.ParseUint(id[max(0, len(id)-8):], 16, 31)
	if err != nil || int(i) >= n || idOf(int(i)) != id {
		return 0, false
	}
	return int(i), true
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// rows are JSON values joined by commas, so that any page of them is one slice.
type rows struct {
	text   []byte
	starts []int // of each row, and of one more behind the last
}

func (r *rows) add(appendRow func([]byte) []byte) {
	if r.starts == nil {
		r.starts = []int{0}
	}
	r.text = append(appendRow(r.text), ',')
	r.starts = append(r.starts, len(r.text))
}

// all returns all rows.
func (r rows) all() []byte { return r.page(0, len(r.starts)) }

// page returns at most count rows from begin on.
func (r rows) page(begin, count int) []byte {
	n := max(0, len(r.starts)-1)
	begin = min(max(0, begin), n)
	end := min(begin+max(0, count), n)
	if begin == end {
		return nil
	}
	return r.text[r.starts[begin] : r.starts[end]-1]
}
