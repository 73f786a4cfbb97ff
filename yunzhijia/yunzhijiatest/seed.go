package yunzhijiatest

import (
	"fmt"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	seedFanOut = 8   // departments below one
	seedRepeat = 100 // every so many people one has a second event
)

// Seed fills the first team with so many departments and people, always the
// same and all invented:
//
//   - Departments "org-0001" and so on. The first is the root; each has up to 8
//     below it.
//   - People "person-00001" and so on, spread over the departments in turn, with
//     job numbers and phones counted up from 13800000001. The first in a
//     department is its head, the first of all an administrator. Every
//     hundredth has two events in the feed.
//
// All of it happened within the hour that ends one minute before the clock's
// now. People need at least one department.
func Seed(orgs, people int) Option {
	return func(s *Server) {
		s.seeds = append(s.seeds, func(t *Team) { t.seed(orgs, people) })
	}
}

func (t *Team) seed(orgs, people int) {
	for i := range orgs {
		org := yunzhijia.Org{OrgID: seedOrgID(i), Name: t.name}
		if i > 0 {
			org.ParentID = seedOrgID((i - 1) / seedFanOut)
			org.Name = fmt.Sprintf("%s%d组", seedDepartments[i%len(seedDepartments)], i)
		}
		if i < people {
			org.InChargers = []yunzhijia.Person{{OpenID: seedOpenID(i)}}
		}
		t.AddOrg(org)
	}
	if orgs <= 0 {
		return
	}
	from := t.server.now().Add(-time.Hour)
	step := 59 * time.Minute / time.Duration(max(people, 1)+1)
	for i := range people {
		p := seedPerson(i, orgs)
		at := from.Add(time.Duration(i) * step)
		if i%seedRepeat == seedRepeat-1 {
			before := p
			before.JobTitle = "实习生"
			t.put(before, at)
		}
		t.put(p, at)
	}
}

func seedPerson(i, orgs int) yunzhijia.Person {
	title := seedTitles[i%len(seedTitles)]
	if i < orgs {
		title = "经理"
	}
	return yunzhijia.Person{
		OpenID:   seedOpenID(i),
		GlobalID: fmt.Sprintf("global-%05d", i+1),
		Name:     seedSurnames[i%len(seedSurnames)] + seedGivenNames[i/len(seedSurnames)%len(seedGivenNames)],
		PhotoURL: fmt.Sprintf("https://photo.example.com/%05d", i+1),
		Phone:    fmt.Sprintf("138%08d", i+1),
		Email:    fmt.Sprintf("person-%05d@example.com", i+1),
		OrgID:    seedOrgID(i % orgs),
		JobTitle: title,
		Gender:   [...]yunzhijia.Gender{yunzhijia.GenderMale, yunzhijia.GenderFemale}[i%2],
		IsAdmin:  i == 0,
		JobNo:    fmt.Sprintf("E%05d", i+1),
	}
}

func seedOrgID(i int) string { return fmt.Sprintf("org-%04d", i+1) }

func seedOpenID(i int) string { return fmt.Sprintf("person-%05d", i+1) }

// Written once, never changed.
var (
	seedDepartments = [...]string{"研发", "产品", "市场", "销售", "客服", "财务", "人事", "运维", "法务"}
	seedTitles      = [...]string{"工程师", "专员", "顾问", "设计师", "分析师"}
	seedSurnames    = [...]string{
		"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨", "朱", "秦", "许",
	}
	seedGivenNames = [...]string{
		"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛",
	}
)
