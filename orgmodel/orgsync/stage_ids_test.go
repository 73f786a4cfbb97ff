package orgsync_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// hostile are ids as no system should make them.
func hostile() map[string]string {
	return map[string]string{
		"forges a line":   "p-x\ntuzhan: done: nothing",
		"clears a screen": "p-x\x1b[2J\x1b[H",
		"right to left":   "p-\u202egnp.exe\u202c",
		"isolates":        "p-\u2067abc\u2069",
		"invisible":       "p-\u200b\ufeff1",
		"4 KB":            strings.Repeat("x", 4096),
		"quotes":          `p"';--\x00{"`,
		"invalid UTF-8":   "p-\xff\xfe",
		"NUL":             "p\x00x",
		"C1":              "p-\u009b2J",
		"carriage return": "good\rp-x",
		"tab":             "p\tx",
		"slashes":         "../../person/p",
		"blank":           " ",
		"empty":           "",
		"separator":       "p\u2028x",
	}
}

func requirePrintable(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		for _, r := range strings.TrimSuffix(line, "\n") {
			require.True(t, r >= ' ' && r != 0x7f && (r < 0x80 || r > 0x9f), "%q", line)
			require.NotContains(t, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff\u2028\u2029", string(r), "%q", line)
		}
		require.Less(t, len(line), 6000)
	}
}

// Ids drive no terminal and forge no line, wherever they turn up (oans #202); one that is
// absurd does not end the run.
func TestI35_oans202_ids(t *testing.T) {
	t.Parallel()
	for name, id := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := boltstore.Open(filepath.Join(t.TempDir(), "state.db"))
			require.NoError(t, err)
			t.Cleanup(func() { _ = store.Close() })
			var log strings.Builder
			target, refuses := newStageTarget("t"), newStageTarget("refuses")
			target.traits.Departments, refuses.traits.IdentifiesByKey = true, true
			p := newPlay(t, 30, target, refuses)
			p.store = store
			p.options = []orgsync.Option{orgsync.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))}
			bad := player(99, "d1")
			bad.ID = id
			p.src.raw = []orgmodel.Person{bad}
			refuses.reject[id] = "no"
			check := func(r *orgsync.Report, err error) {
				requirePrintable(t, r.Text())
				requirePrintable(t, r.Error)
				requirePrintable(t, log.String())
				text, jsonErr := json.Marshal(r)
				require.NoError(t, jsonErr)
				require.True(t, json.Valid(text))
				if err != nil {
					_, one := errors.AsType[*orgsync.TargetError](err)
					require.True(t, one, "%v", err)
				}
			}
			r, err := p.run(orgsync.RunOptions{})
			check(r, err)
			require.GreaterOrEqual(t, target.active(), 30)
			if name == "4 KB" || name == "invalid UTF-8" || name == "empty" {
				require.Len(t, r.Reading.Quarantined, 1, r.Text())
				require.NotContains(t, target.people, id)
			}
			plan, err := p.engine().Plan(t.Context(), orgsync.RunOptions{Full: true})
			require.NoError(t, err)
			_, err = json.Marshal(plan)
			require.NoError(t, err)
			bad.SetName("吴改名")
			p.src.raw[0] = bad
			check(p.run(orgsync.RunOptions{Full: true}))
			bad.SetStatus(orgmodel.StatusLeft)
			p.src.raw[0] = bad
			check(p.run(orgsync.RunOptions{}))
			p.src.raw = nil
			check(p.run(orgsync.RunOptions{Full: true}))
			p.src.put(player(31, "d2"))
			check(p.run(orgsync.RunOptions{}))
			require.GreaterOrEqual(t, target.active(), 31)
		})
	}
}

// The same for departments, by id, parent and name.
func TestI35_departments(t *testing.T) {
	t.Parallel()
	for name, id := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := boltstore.Open(filepath.Join(t.TempDir(), "state.db"))
			require.NoError(t, err)
			t.Cleanup(func() { _ = store.Close() })
			target := newStageTarget("t")
			target.traits.Departments = true
			p := newPlay(t, 200, target)
			p.store = store
			p.sync()
			p.src.departments = append(p.src.departments, stageDepartment(id, "root", "部门"),
				stageDepartment("below", id, "部门"), stageDepartment("named", "root", "研发\n"+strings.ToValidUTF8(id, "")))
			for n := 201; n <= 216; n++ {
				p.src.put(player(n, id))
			}
			r, _ := p.run(orgsync.RunOptions{Hold: true})
			requirePrintable(t, r.Text())
			require.GreaterOrEqual(t, target.active(), 200)
			p.src.leave(players(201, 212)...)
			r, err = p.run(orgsync.RunOptions{})
			requirePrintable(t, r.Text())
			if g, ok := errors.AsType[*orgsync.GuardError](err); ok {
				requirePrintable(t, g.Error())
				_, err = json.Marshal(g)
				require.NoError(t, err)
			}
			p.src.departments = p.src.departments[:9]
			r, _ = p.run(orgsync.RunOptions{Full: true})
			requirePrintable(t, r.Text())
		})
	}
}

// Names of targets and tenants, texts of vendors and of sources are printed in the same way.
func TestI35_otherTexts(t *testing.T) {
	t.Parallel()
	evil := "x\n\x1b[2Jall is well\u202e"
	target := newStageTarget(evil)
	p := newPlay(t, 300, target)
	p.tenant = evil
	target.reject[playerID(1)] = "拒绝" + evil
	r, err := p.run(orgsync.RunOptions{})
	require.Error(t, err)
	requirePrintable(t, r.Text())
	p.src.leave(players(1, 60)...)
	requirePrintable(t, p.stopped().Error())
	p.src.broken = errors.New("失败" + evil)
	r, err = p.run(orgsync.RunOptions{})
	require.Error(t, err)
	requirePrintable(t, r.Text())
	p.src.broken = nil
	target.place = "1"
	p.sync(orgsync.RunOptions{Force: true, Adopt: []string{evil}})
	target.place = "2"
	r, err = p.run(orgsync.RunOptions{})
	require.Error(t, err)
	requirePrintable(t, r.Text())
}

// A refusal names a colleague of whom this run has read nothing (swc-web #2513).
func TestI35_swcWeb2513_nameOfASilentColleague(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 3, 40)
	v.sync()
	other := v.yzj.People()[29]
	v.tz.RefuseRecord(seeded(5), "手机号已被员工"+other.Name+"使用")
	v.yzj.UpdatePerson(seeded(5), func(p *yunzhijia.Person) { p.Phone = other.Phone })
	r, err := v.run(orgsync.RunOptions{})
	require.Error(t, err)
	text, _ := json.Marshal(r)
	require.NotContains(t, string(text)+r.Text()+err.Error(), other.Name)
	require.Contains(t, r.Text(), "手机号已被员工***使用", "the rest stays readable")
}

// Whose name it is does not matter: of someone who left, was renamed, has never been sent
// anywhere, or stands at a border of the text.
func TestI35_namesOfOthers(t *testing.T) {
	t.Parallel()
	target, other := newStageTarget("t"), newStageTarget("other")
	target.demands, other.demands = true, true
	p := newPlay(t, 60, target, other)
	p.sync()
	newcomer := player(61, "d1") // is skipped everywhere
	newcomer.SetName("欧阳娜娜")
	newcomer.Forget(orgmodel.PersonMobile)
	late := player(62, "d1")
	late.SetName("阿依古丽·买买提")
	refused := player(63, "d1")
	refused.SetName("司马相如")
	other.reject[refused.ID], target.reject[refused.ID] = "no", "no"
	p.src.put(newcomer, late, refused)
	p.src.leave(playerID(3))
	old := p.src.people[playerID(4)].Name
	p.src.change(playerID(4), func(q *orgmodel.Person) { q.SetName("慕容复") })
	_, err := p.run(orgsync.RunOptions{})
	require.Error(t, err)
	clear(target.reject)
	clear(other.reject)
	p.sync()
	names := map[string]string{
		"left": p.src.people[playerID(3)].Name, "renamed": "慕容复", "before": old,
		"skipped": "欧阳娜娜", "long": "阿依古丽·买买提", "refused": "司马相如",
	}
	for what, name := range names {
		for _, text := range []string{"手机号已被" + name + "使用", name, "used by " + name + ".", name + name, "【" + name + "】"} {
			target.reject[playerID(9)] = text
			p.src.change(playerID(9), func(q *orgmodel.Person) {
				q.SetPosition(what + text)
				q.SetMobile(q.Mobile[:9] + fmt.Sprint(len(text)%10, len(what)))
			})
			r, err := p.run(orgsync.RunOptions{})
			require.Error(t, err)
			require.NotContains(t, r.Text()+err.Error(), name, what)
		}
	}
}

// A vendor's text proves an absence or an existence only as a whole message about the
// record itself (CIPP #814).
func TestI26_cipp814_freeText(t *testing.T) {
	t.Parallel()
	for text, gone := range map[string]bool{
		"企业不存在或已停用":              false,
		"部门不存在，请先创建部门":           false,
		"应用不存在":                  false,
		"员工存在未完成的任务":             false,
		"该员工不存在或无权限":             false,
		"操作失败：员工不存在的部门":          false,
		"上级部门不存在":                false,
		"员工不存在":                  true,
		"该员工不存在。":                true,
		" 人员 不存在 ":               true,
		"此用户不存在.":                true,
		"不存在":                    true,
		"员工" + seeded(5) + "不存在": true,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t, 3, 40)
			v.sync()
			v.tz.RefuseRecord(seeded(5), text)
			v.yzj.Leave(seeded(5))
			r, err := v.run(orgsync.RunOptions{})
			if gone {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.Contains(t, notedIDs(reportOf(r, "tuzhan").Failed), seeded(5))
		})
	}
}

// The same for an existence: a refusal that mentions one updates nothing.
func TestI26_existence(t *testing.T) {
	t.Parallel()
	for text, exists := range map[string]bool{
		"手机号已存在": false, "该手机号已存在于其他员工": false, "渠道名称已存在，请修改": false, "员工已存在": true, "已经存在": true, "员工渠道已存在。": true,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t, 3, 10)
			v.sync()
			v.tz.RefuseRecord("person-new", text)
			v.yzj.AddPerson(yunzhijia.Person{OpenID: "person-new", Name: "赵新", Phone: "13900000001", OrgID: "org-0002", JobNo: "E90001"})
			v.tz.Reset()
			_, err := v.run(orgsync.RunOptions{})
			require.Error(t, err, "the simulator refuses either way")
			require.Equal(t, exists, len(v.tz.RequestsTo(tuzhantest.OpEmployees)) > 1)
		})
	}
}

// What the source does not tell is left out, and what was set by hand stays (GAM #30).
func TestI33_gam30_deputiesSetByHand(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 4, 10)
	v.sync()
	e := v.staff()[seeded(2)]
	_, err := v.tt.Client.UpdateEmployees(t.Context(), []tuzhan.Employee{{
		ThirdUserID: e.ThirdUserID, UserType: e.UserType, ChannelName: e.ChannelName, Phone: e.Phone,
		ThirdDeptID: e.ThirdDeptID, RoleKeys: e.RoleKeys, DeputyDeptIDs: tuzhan.Set([]string{"org-0004"}),
	}})
	require.NoError(t, err)
	v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.JobTitle = "变更" })
	v.sync()
	require.Equal(t, []string{"org-0004"}, v.staff()[seeded(2)].DeputyDeptIDs.Or(nil))
	v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.OrgID = "org-0003" })
	v.sync(orgsync.RunOptions{Full: true})
	require.Equal(t, []string{"org-0004"}, v.staff()[seeded(2)].DeputyDeptIDs.Or(nil), "a move tells of the main department alone")
}

// Fields that an event leaves out stay what they are at every target.
func TestI33_fieldsNotTold(t *testing.T) {
	t.Parallel()
	v := newVendors(t, 4, 10)
	v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.JobTitle, p.Email = "工程师", "li@corp.example" })
	v.sync()
	before, member := v.staff()[seeded(2)], v.members()[seeded(2)]
	v.yzj.UpdatePerson(seeded(2), func(p *yunzhijia.Person) { p.JobTitle, p.Email, p.Phone, p.JobNo = "", "", "", "" })
	_, _ = v.run(orgsync.RunOptions{})
	require.Equal(t, before.Phone, v.staff()[seeded(2)].Phone)
	require.Equal(t, member.Account, v.members()[seeded(2)].Account)
	require.Equal(t, member.Mobile, v.members()[seeded(2)].Mobile)
}
