package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const rosterHeader = "openId,employeeNo,mobile,email,birthday,joinDate\n"

func TestRosterRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":               {"", "line 1 is not a header with the column openId: the file is empty"},
		"no header":           {"person-00001,E1,canary,,,\n", "line 1 is not a header with the column openId"},
		"no openId":           {"employeeNo,mobile\n", "line 1 is not a header with the column openId"},
		"column twice":        {"openId,mobile,email,Mobile\n", "line 1, column 4 (mobile) is there twice: column 2 is too"},
		"mixed encodings":     {rosterHeader + "p1,员工号,,,,\np2,\xd5\xc5,,,,\n", "line 3 is not UTF-8, and others are"},
		"marked, not UTF-8":   {"\ufeff" + rosterHeader + "p2,\xd5\xc5,,,,\n", "line 2 is not UTF-8, and others are"},
		"no encoding":         {rosterHeader + "p1,\xff\xff,,,,\n", "line 2 is neither UTF-8 nor GB18030"},
		"UTF-16":              {"\xff\xfeo\x00p\x00", "line 1 is UTF-16"},
		"UTF-16, big":         {"\xfe\xff\x00o\x00p", "line 1 is UTF-16"},
		"UTF-16, unmarked":    {"o\x00p\x00e\x00n\x00", "line 1 has a NUL character, as in UTF-16"},
		"a cell too few":      {rosterHeader + "p1,E1,canary,,\n", "line 2, column 6 is wrong: the row has 5 cells, the header 6"},
		"a cell too many":     {rosterHeader + "p1,E1,canary,,,,\n", "line 2, column 7 is wrong: the row has 7 cells, the header 6"},
		"quote within a cell": {rosterHeader + "p1,E1,can\"ary,,,\n", "line 2, column 3 has a quote within a cell"},
		"quote without end":   {rosterHeader + "p1,\"canary,,,,\np2,,,,,\n", "line 2 has a quote that is not closed"},
		"line break":          {rosterHeader + "p1,E1,\"canary\n13800000001\",,,\n", "line 2, column 3 (mobile) has a line break"},
		"openId twice":        {rosterHeader + "p1,E1,,,,\np2,,,,,\n p1 ,canary,,,,\n", "line 4, column 1 (openId) has the openId of line 2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseRoster([]byte(test.text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
			assert.NotContains(t, err.Error(), "canary")
			assert.NotContains(t, err.Error(), "p1")
		})
	}
	_, err := parseRoster([]byte(rosterHeader + strings.Repeat("p1,,,,,\n", 1000)))
	assert.Len(t, strings.Split(err.Error(), "\n"), 20, "no more than anyone reads")
}

func TestRosterRead(t *testing.T) {
	t.Parallel()
	r, err := parseRoster([]byte("\ufeff" + strings.ReplaceAll(rosterHeader+
		"p1, E1 ,13800000001,\"a,b@example.com\",1990-02-28,2020-01-01\n"+
		"\n,,,,,\n"+
		"p2,,138****0002,***@example.com,19**-**-**,\n"+
		"p3,E3,,,1990-02-30,20200101\n"+
		",E4,13800000004,,,\n", "\n", "\r\n")))
	require.NoError(t, err)
	p1 := orgmodel.Person{ID: "p1"}
	p1.SetEmployeeNo("E1")
	p1.SetMobile("13800000001")
	p1.SetEmail("a,b@example.com")
	p1.SetBirthday(orgmodel.Date{Year: 1990, Month: 2, Day: 28})
	p1.SetJoinDate(orgmodel.Date{Year: 2020, Month: 1, Day: 1})
	p3 := orgmodel.Person{ID: "p3"}
	p3.SetEmployeeNo("E3")
	assert.Equal(t, map[string]orgmodel.Person{"p1": p1, "p2": {ID: "p2"}, "p3": p3}, r.people)
	var faults []string
	for _, fault := range r.faults {
		faults = append(faults, fault.String())
	}
	assert.Equal(t, []string{
		"line 6, birthday: is no date like 2006-01-02, so it is not used",
		"line 6, joinDate: is no date like 2006-01-02, so it is not used",
		"line 7, openId: is empty, so the row is not used",
	}, faults)
}

func TestRosterPrecedence(t *testing.T) {
	t.Parallel()
	r, err := parseRoster([]byte(rosterHeader + "p1,E1,13800000001,,1990-02-28,\n"))
	require.NoError(t, err)
	p := orgmodel.Person{ID: "p1"}
	p.SetEmployeeNo("J1")
	p.SetMobile("13800000009")
	p.SetEmail("kept@example.com")
	merged, err := r.enrich(p)
	require.NoError(t, err)
	assert.Equal(t, "J1", merged.EmployeeNo, "云之家 knows the number")
	assert.Equal(t, "13800000001", merged.Mobile)
	assert.Equal(t, "kept@example.com", merged.Email, "an empty cell clears nothing")
	assert.Equal(t, "1990-02-28", merged.Birthday.String())

	merged, err = r.enrich(orgmodel.Person{ID: "p1"})
	require.NoError(t, err)
	assert.Equal(t, "E1", merged.EmployeeNo, "an empty number is filled")
	assert.Equal(t, "E1", r.people["p1"].EmployeeNo, "the roster itself stays as it is")

	other := orgmodel.Person{ID: "p2"}
	merged, err = r.enrich(other)
	require.NoError(t, err)
	assert.Equal(t, other, merged)
}

func TestRosterReachesEveryTarget(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	w.source.UpdatePerson("person-00002", func(p *yunzhijia.Person) { p.JobNo, p.Phone, p.Email = "", "", "" })
	w.source.UpdatePerson("person-00003", func(p *yunzhijia.Person) { p.Phone = "" })
	path := filepath.Join(t.TempDir(), "roster.csv")
	w.env[rosterVariable] = path
	write := func(rows string) { require.NoError(t, os.WriteFile(path, []byte(rosterHeader+rows), 0o600)) }

	write("person-00002,E2,13800000002,two@example.com,1990-02-28,2020-01-01\n")
	require.Equal(t, statusDone, w.sync(t).status)
	require.Len(t, w.t.Employees(), 19)
	assert.Equal(t, "13800000002", w.t.Employees()[1].Phone)
	users := w.y.Users()
	require.Len(t, users, 19)
	user := users[slices.IndexFunc(users, func(u yunjian.User) bool { return u.UserNo == "E2" })]
	assert.Equal(t, "two@example.com", user.EmailAddress.Or(""))
	birthday, _ := user.Birthday.Get()
	assert.Equal(t, 28, birthday.Day)
	second := w.a.People()[1]
	assert.Equal(t, "E2", second.Account)
	assert.Equal(t, "13800000002", second.Mobile.Or(""))
	joined, _ := second.JoinDate.Get()
	assert.Equal(t, 2020, joined.Year)

	require.Equal(t, statusDone, w.sync(t).status)
	assert.Zero(t, w.writes())

	// The feed has nothing to tell of this.
	write("person-00002,E2,13800000012,,,\nperson-00003,,13800000003,,1990-31-12,\n")
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status, "a cell is bad")
	assert.Equal(t, []finding{{3, "person-00003", "birthday", "is no date like 2006-01-02, so it is not used"}}, r.report.Roster)
	assert.Len(t, w.t.Employees(), 20, "the rest of the row counts")
	assert.Equal(t, "13800000012", w.a.People()[1].Mobile.Or(""))

	// It is told again while it is there, and keeps no one from being disabled.
	w.source.Leave("person-00003")
	status, text := w.text(t)
	assert.Equal(t, statusFailed, status)
	assert.Contains(t, text, "roster: line 3, birthday: is no date")
	assert.Len(t, w.t.Employees(), 19)

	write("person-00002,E2\n")
	r = w.sync(t)
	assert.Equal(t, statusUsage, r.status)
	assert.Contains(t, r.stderr, "ORGSYNC_ROSTER")
	assert.Zero(t, w.source.Count(""), "nothing is read")
}

// A full reading knows everyone, so it tells which rows belong to no one.
func TestRosterRowsOfNoOne(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	path := filepath.Join(t.TempDir(), "roster.csv")
	w.env[rosterVariable] = path
	write := func(rows string) { require.NoError(t, os.WriteFile(path, []byte(rosterHeader+rows), 0o600)) }
	const reason = "belongs to no one at the source"

	write("PERSON-00001,,13900000001,,,\nperson-00002,,13900000002,,,\n5.00E+12,,13900000003,,,\n")
	r := w.sync(t)
	assert.Equal(t, statusDone, r.status, "they do no harm")
	assert.Equal(t, []finding{{Line: 2, Column: "openId", Reason: reason}, {Line: 4, Column: "openId", Reason: reason}}, r.report.Roster)
	_, text := w.text(t, "-full")
	assert.Contains(t, text, "roster: 2 of 3 rows belong to no one at the source: line 2, 4\n")
	assert.Equal(t, &rosterCounts{Rows: 3, Matched: 1, NoOne: 2}, r.report.RosterCounts)
	assert.NotContains(t, text, "PERSON", "a cell may hold anything")
	assert.Empty(t, w.sync(t).report.Roster, "an incremental reading cannot tell")

	write("PERSON-00001,,13900000001,,,\n5.00E+12,,13900000003,,,\n")
	r = w.sync(t)
	assert.Equal(t, statusFailed, r.status, "a roster of no one is another company's")
	assert.Len(t, r.report.Roster, 2)

	// A person who is set aside is there nevertheless.
	write("person-00002,,13900000002,,,\nperson-00003,,13900000003,,,\n")
	w.source.UpdatePerson("person-00003", func(p *yunzhijia.Person) { p.Status = "7" })
	r = w.sync(t, "-full")
	assert.Empty(t, r.report.Roster)
}

// An id is data: it must not drive a terminal.
func TestFindingIsEscaped(t *testing.T) {
	t.Parallel()
	f := finding{Line: 2, ID: "p\n\x1b[2J", Column: "birthday", Reason: "is no date"}
	assert.Equal(t, `line 2, birthday: is no date (person p\n\x1b[2J)`, f.String())
	f.ID = "人员-7"
	assert.Equal(t, "line 2, birthday: is no date (person 人员-7)", f.String())
}

// An export that went wrong leaves the header. That is not a roster that knows no one.
func TestRosterOfNoRows(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	path := filepath.Join(t.TempDir(), "roster.csv")
	w.env[rosterVariable] = path
	for _, text := range []string{rosterHeader, rosterHeader + ",,,,,\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		r := w.sync(t)
		assert.Equal(t, statusFailed, r.status, "%q", text)
		require.Len(t, r.report.Roster, 1)
		assert.Equal(t, finding{Line: 1, Column: idColumn, Reason: reasonNoRow}, r.report.Roster[0])
	}
	w.assertInStep(t)
}

// A whole column is not used, in a roster of a large company: its findings are not looked
// through once a person.
func TestRosterOfFaults(t *testing.T) {
	t.Parallel()
	const people = 200_000
	var text strings.Builder
	text.WriteString(rosterHeader)
	for i := range people {
		fmt.Fprintf(&text, "p%d,,1.38E+10,,,2024-02-30\n", i)
	}
	r, err := parseRoster([]byte(text.String()))
	require.NoError(t, err)
	begin := time.Now()
	for i := range people {
		_, err := r.enrich(orgmodel.Person{ID: fmt.Sprint("p", i)})
		require.NoError(t, err)
	}
	assert.Less(t, time.Since(begin), 20*time.Second)
	require.Len(t, r.faults, 2*people)
	for i, f := range r.faults {
		require.Equal(t, fmt.Sprint("p", i/2), f.ID)
	}
}
