package sandbox

import (
	"fmt"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

const (
	company = "青禾示例科技"
	root    = "D000"
	people  = 800
)

// division is a part of the company with the departments below it.
type division struct {
	name        string
	departments []string
}

func divisions() []division {
	return []division{
		{"研发中心", []string{"平台研发部", "应用研发部", "数据智能部", "质量保障部", "基础设施部"}},
		{"产品中心", []string{"产品规划部", "用户体验部", "行业方案部"}},
		{"营销中心", []string{"华东大区", "华南大区", "华北大区", "西南大区", "渠道合作部"}},
		{"客户成功中心", []string{"实施交付部", "客户服务部", "培训认证部"}},
		{"运营中心", []string{"财务部", "人力资源部", "行政部", "法务合规部", "信息安全部"}},
	}
}

// found fills a team with the company: divisions, departments, two groups in each, and
// people spread over the groups.
func found(team *yunzhijiatest.Team) {
	team.AddOrg(yunzhijia.Org{OrgID: root, Name: company})
	var groups []string
	for i, division := range divisions() {
		top := fmt.Sprintf("D%d00", i+1)
		team.AddOrg(yunzhijia.Org{OrgID: top, ParentID: root, Name: division.name})
		for j, name := range division.departments {
			id := fmt.Sprintf("D%d%d0", i+1, j+1)
			team.AddOrg(yunzhijia.Org{OrgID: id, ParentID: top, Name: name})
			for k, group := range []string{"一组", "二组"} {
				at := fmt.Sprintf("D%d%d%d", i+1, j+1, k+1)
				team.AddOrg(yunzhijia.Org{OrgID: at, ParentID: id, Name: name + group})
				groups = append(groups, at)
			}
		}
	}
	for i := range people {
		team.AddPerson(person(i, groups[i*5%len(groups)]))
	}
}

// person is an invented one.
func person(i int, org string) yunzhijia.Person {
	surnames := []rune("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶")
	first := []rune("子若思雨嘉文明晓志安欣怡")
	second := []rune("涵宁远轩琪博然悦航晨")
	name := string([]rune{surnames[i%len(surnames)], first[i/len(surnames)%len(first)], second[(i/7+i)%len(second)]})
	return yunzhijia.Person{
		OpenID: fmt.Sprintf("U%05d", i+1), Name: name, OrgID: org, JobNo: fmt.Sprintf("E%05d", i+1),
		Phone: fmt.Sprintf("139%08d", i+1), Email: fmt.Sprintf("e%05d@example.com", i+1),
		Gender: []yunzhijia.Gender{yunzhijia.GenderFemale, yunzhijia.GenderMale}[i%2],
	}
}

// next returns a number below n. The same buttons have the same effect in every sandbox.
func (s *Sandbox) next(n int) int {
	s.random = s.random*6364136223846793005 + 1442695040888963407
	return int(s.random>>33) % n // #nosec G115 -- 31 bits
}

func (s *Sandbox) active() []yunzhijia.Person {
	var list []yunzhijia.Person
	for _, p := range s.source.People() {
		if p.Status == yunzhijia.StatusActive {
			list = append(list, p)
		}
	}
	return list
}

func (s *Sandbox) hire(n int) {
	orgs := s.source.Orgs()
	for range n {
		org := orgs[1+s.next(len(orgs)-1)]
		s.source.AddPerson(person(people+s.hired, org.OrgID))
		s.hired++
	}
}

// leave lets some people go who are in service. One stays.
func (s *Sandbox) leave(n int) {
	list := s.active()
	for range min(n, len(list)-1) {
		i := s.next(len(list))
		s.source.Leave(list[i].OpenID)
		list[i] = list[len(list)-1]
		list = list[:len(list)-1]
	}
}

func (s *Sandbox) back() {
	for _, p := range s.source.People() {
		if p.Status != yunzhijia.StatusActive {
			s.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusActive })
		}
	}
}

// move puts a department below another division, and renames it.
func (s *Sandbox) move() {
	all := divisions()
	i := s.moved % len(all)
	j := s.moved / len(all) % len(all[i].departments)
	s.moved++
	to := fmt.Sprintf("D%d00", (i+1)%len(all)+1)
	s.source.UpdateOrg(fmt.Sprintf("D%d%d0", i+1, j+1), func(o *yunzhijia.Org) {
		o.ParentID, o.Name = to, all[i].departments[j]+"（新）"
	})
}
