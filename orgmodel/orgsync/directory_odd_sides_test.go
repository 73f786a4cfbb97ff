package orgsync_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// A side job in a department that does not exist is left out and told of. Everything else
// of the person reaches the targets, and absences are proved as ever.
func TestDirectory_sideJobInNoDepartment(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-gone"}, yunzhijia.SideJob{OrgID: "org-0004"})
	report := w.synced(t)
	assert.Contains(t, report.Text(), "department org-gone does not exist: its side jobs (1) are left out")
	assert.True(t, report.Reading.Complete)
	assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))
	w.source.RemovePerson(person(9))
	w.synced(t, orgsync.RunOptions{Full: true})
	assert.Equal(t, aiguanhuai.StatusDisabled, w.atCare(person(9)).Status)

	w.source.UpdatePerson(person(7), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
	report = w.synced(t)
	assert.False(t, report.Reading.Full)
	assert.Equal(t, "首席顾问", w.atCare(person(7)).Position.Or(""))
	assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))

	w.source.AddOrg(yunzhijia.Org{OrgID: "org-gone", ParentID: "org-0002", Name: "重建部门"})
	report = w.synced(t)
	assert.Empty(t, report.Notes)
	assert.Equal(t, []string{"org-0002", "org-0004", "org-gone"}, w.atCare(person(7)).DepartmentID.Or(nil))
	w.requireInStep()
}

// The same where the list is in doubt about a person, who is asked for then.
func TestDirectory_sideJobInNoDepartmentAndInDoubt(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-gone"}, yunzhijia.SideJob{OrgID: "org-0004"})
	w.edit("company/queryPartTimeJobs", func(rows []any) []any {
		for _, row := range rows {
			if field(row, "orgId") == "org-0004" {
				row.(map[string]any)["orgId"] = []any{}
			}
		}
		return rows
	})
	report := w.synced(t)
	assert.Positive(t, w.source.Count("relation/queryPersonOrgJobInfo"))
	assert.Contains(t, report.Text(), "department org-gone does not exist")
	assert.True(t, report.Reading.Complete)
	assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))
}

// Whether a department of side jobs exists is believed only if the vendor answers.
func TestDirectory_sideJobInNoDepartmentUnanswered(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yunzhijiatest.Fault{
		"refused": yunzhijiatest.Refuse(5003, "系统繁忙"), "nothing": yunzhijiatest.MutateBody(editRows(func([]any) []any { return []any{} })),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDirectory(t, 5, 40, yunzhijiatest.WithListedRoot())
			w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-0004"})
			w.synced(t)
			w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-gone"}, yunzhijia.SideJob{OrgID: "org-0004"})
			w.source.Inject(fault.On("dept/get").Always())
			report, err := w.run(orgsync.RunOptions{})
			require.NoError(t, err)
			assert.Empty(t, report.Notes)
			assert.Equal(t, []string{person(7)}, ids(target(report, "tuzhan").Skipped))
			assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))
		})
	}
}

// Who has two main departments in one answer stays in the one that is known, and is named.
func TestDirectory_twoMainDepartments(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 40)
	w.synced(t)
	w.source.UpdatePerson(person(8), func(p *yunzhijia.Person) { p.JobTitle = "首席顾问" })
	w.edit("person/get", func(rows []any) []any {
		for _, row := range rows {
			if field(row, "openId") == person(8) {
				second := maps.Clone(row.(map[string]any))
				second["orgId"] = "org-0005"
				return append(rows, second)
			}
		}
		return rows
	})
	for range 2 { // the second one, because the person is owed
		report, err := w.run(orgsync.RunOptions{})
		require.NoError(t, err)
		assert.Equal(t, []string{person(8)}, ids(report.Reading.Quarantined))
		assert.Contains(t, report.Text(), "comes twice, with different records")
		assert.Zero(t, w.writes())
	}
	w.source.ClearFaults()
	w.synced(t)
	w.requireInStep()
	w.synced(t)
	assert.Zero(t, w.source.Count("person/get"), "no longer owed")
}

// The same in the list: a record by id says which of the two it is.
func TestDirectory_twoMainDepartmentsInTheList(t *testing.T) {
	t.Parallel()
	twice := func(first bool) func(rows []any) []any {
		return func(rows []any) []any {
			for i, row := range rows {
				if field(row, "openId") == person(8) {
					second := maps.Clone(row.(map[string]any))
					second["orgId"] = "org-0005"
					if first {
						return slices.Insert(rows, i, any(second))
					}
					return slices.Insert(rows, i+1, any(second))
				}
			}
			return rows
		}
	}
	for _, first := range []bool{true, false} {
		w := newDirectory(t, 5, 40)
		w.synced(t)
		w.onePage(t, twice(first))
		report := w.synced(t, orgsync.RunOptions{Full: true})
		assert.Empty(t, report.Reading.Quarantined)
		assert.Zero(t, w.writes())
		assert.Equal(t, 1, w.source.Count("person/get"))

		w.edit("person/get", twice(first))
		report, err := w.watched(orgsync.RunOptions{Full: true})
		require.NoError(t, err)
		assert.Equal(t, []string{person(8)}, ids(report.Reading.Quarantined))
		assert.Zero(t, w.writes())
	}
}

// A department that is founded, or dissolved, while people are read is settled by the next run.
func TestDirectory_departmentChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"founded": func(w *world) {
			w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"})
			w.source.UpdatePerson(person(8), func(p *yunzhijia.Person) { p.OrgID = "org-new" })
		},
		"dissolved": func(w *world) {
			for _, p := range w.source.People() {
				if p.OrgID == "org-0005" {
					w.source.UpdatePerson(p.OpenID, func(p *yunzhijia.Person) { p.OrgID = "org-0002" })
				}
			}
			w.endSideJobs("org-0005")
			w.source.RemoveOrg("org-0005")
		},
	} {
		for _, full := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newDirectory(t, 5, 40)
				w.source.SetSideJobs(person(12), yunzhijia.SideJob{OrgID: "org-0005"})
				w.synced(t)
				first := true
				w.source.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte {
					if first { // after dept/getall, before people
						first = false
						change(w)
					}
					return body
				}).On("company/queryPartTimeJobs").Always())
				_, err := w.watched(orgsync.RunOptions{Full: full})
				require.NoError(t, err)
				require.False(t, first)
				w.source.ClearFaults()
				report := w.synced(t)
				assert.Contains(t, report.Reading.Why, "departments changed")
				w.requireInStep()
			})
		}
	}
}

// Of several rows of one department in dept/getAtTime the last holds, and one that is called
// deleted and is there when asked for stays.
func TestDirectory_deletedTwice(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 6, 30)
	w.synced(t)
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0002", Name: "新部门"})
	w.synced(t)
	w.source.RemoveOrg("org-new")
	w.source.AddOrg(yunzhijia.Org{OrgID: "org-new", ParentID: "org-0003", Name: "新部门"})
	w.edit("dept/getall", func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return field(row, "id") == "org-new" })
	})
	_, _ = w.watched(orgsync.RunOptions{})
	there := func() bool {
		return slices.ContainsFunc(w.a.Departments(), func(d aiguanhuai.Department) bool {
			return d.DepartmentID == "org-new" && d.Status == aiguanhuai.StatusActive
		})
	}
	assert.True(t, there(), "it is there when asked for")
	w.source.ClearFaults()
	w.settle(orgsync.RunOptions{Full: true})
	w.requireInStep()
}

// Someone whose side job ended and who does not come when asked for keeps it, whatever the
// next readings say, until one of them can tell.
func TestDirectory_sideJobEndsAndNobodyComes(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 30)
	w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-0004"})
	w.synced(t)
	w.source.SetSideJobs(person(7))
	w.edit("person/get", func([]any) []any { return []any{} })
	for range 2 {
		report := w.synced(t)
		assert.Contains(t, report.Text(), "1 of those concerned could not be asked")
		assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))
	}
	w.source.ClearFaults()
	assert.Empty(t, w.synced(t).Notes)
	assert.Equal(t, []string{"org-0002"}, w.atCare(person(7)).DepartmentID.Or(nil))
}

// The same if it is the call about their jobs that does not tell.
func TestDirectory_sideJobEndsAndNoOneTells(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 30)
	w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-0004"})
	w.source.SetSideJobs(person(9), yunzhijia.SideJob{OrgID: "org-0005"})
	w.synced(t)
	w.edit("company/queryPartTimeJobs", func([]any) []any { return []any{} })
	w.source.Inject(yunzhijiatest.Refuse(5003, "系统繁忙").On("relation/queryPersonOrgJobInfo").Always())
	for range 3 {
		report, _ := w.watched(orgsync.RunOptions{})
		assert.Contains(t, report.Text(), person(7))
		assert.Contains(t, report.Text(), person(9))
		assert.Zero(t, w.writes())
	}
	w.source.ClearFaults()
	w.synced(t)
	w.requireInStep()
}
