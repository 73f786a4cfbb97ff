package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// What spreadsheets leave in cells is no value of any column.
func TestResidueIsNotUsed(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		"1.38E+10", `"1,38E+10"`, "5e-3", "#N/A", "#REF!", "########", "-", "--", "—", "0", "000", "N/A", "null", "NaN", "无", "？", "/",
		"\u202d13800138001\u202c", "1380\u200b0138001", "13800138001.0", "'13800138001", `"=""13800138001"""`, "\ufffd\ufffd", "TRUE", "\x07",
	} {
		for i, column := range columns()[1:] {
			row := []string{"p1", "", "", "", "", ""}
			row[i+1] = cell
			r, err := parseRoster([]byte(rosterHeader + strings.Join(row, ",") + "\np2,E2,,,,\n"))
			require.NoError(t, err, "%+q", cell)
			require.Len(t, r.faults, 1, "%+q as %s", cell, column)
			assert.Equal(t, 2, r.faults[0].Line)
			assert.Equal(t, column, r.faults[0].Column)
			assert.Zero(t, r.people["p1"].Known, "%+q as %s", cell, column)
			assert.True(t, r.failed(r.faults))
		}
	}
	for column, cells := range map[string][]string{
		mobileColumn:     {"abc", "123", "1380013800a", "11111111111", "12345678901234567890", "19**-**-**x"},
		emailColumn:      {"two", "@example.com", "two@", "a@b@c", "a b@example.com"},
		birthdayColumn:   {"1990/2/28", "19900228", "44927", "1990-02-30", "0000-00-00", "1900-01-00", "1899-12-30", "1900-01-01"},
		employeeNoColumn: {"12.00", "1E+5"},
	} {
		for _, cell := range cells {
			r, err := parseRoster([]byte("openId," + column + "\np1," + cell + "\n"))
			require.NoError(t, err)
			if strings.Contains(cell, "*") {
				assert.Empty(t, r.faults, "masked")
				continue
			}
			assert.Len(t, r.faults, 1, "%s as %s", cell, column)
			assert.Zero(t, r.people["p1"].Known)
		}
	}
	for column, cells := range map[string][]string{
		mobileColumn:     {"13800138001", "+86 138-0013-8001", "１３８００１３８００１", "+1 (415) 555-0100", "00852 9123 4567", "010-62781234"},
		employeeNoColumn: {"1E5", "A-0", "007", "员工7", "NA-1", "0.5"},
		emailColumn:      {"a+b@example.com", "张@例子.cn"},
	} {
		for _, cell := range cells {
			r, err := parseRoster([]byte("openId," + column + "\np1," + cell + "\n"))
			require.NoError(t, err)
			assert.Empty(t, r.faults, "%s as %s", cell, column)
			assert.NotZero(t, r.people["p1"].Known, "%s as %s", cell, column)
		}
	}
}

// Excel writes what the computer's region says; people move and add columns.
func TestRosterForms(t *testing.T) {
	t.Parallel()
	plain := "部门,mobile,openId,employeeNo\n研发部,13800000001,p1,工1\n,,p2,\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"UTF-8": plain, "marked": "\ufeff" + plain, "GB18030": gb,
		"semicolons":  strings.ReplaceAll(plain, ",", ";"),
		"tabs":        strings.ReplaceAll(plain, ",", "\t"),
		"GB and tabs": strings.ReplaceAll(gb, ",", "\t"),
		"sep":         "sep=;\r\n" + strings.ReplaceAll(plain, ",", ";"),
		"CRLF":        strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":          strings.ReplaceAll(plain, "\n", "\r"),
		"quoted":      strings.ReplaceAll(plain, "openId", `"openId"`),
		"case":        strings.ReplaceAll(plain, "openId", " OPENID "),
		"blank lines": strings.ReplaceAll(plain, "\n", "\n\n"),
		"no last end": strings.TrimSuffix(plain, "\n"),
	} {
		r, err := parseRoster([]byte(text))
		require.NoError(t, err, name)
		assert.Equal(t, "工1", r.people["p1"].EmployeeNo, name)
		assert.Equal(t, "13800000001", r.people["p1"].Mobile, name)
		assert.Len(t, r.people, 2, name)
		assert.Empty(t, r.faults, name)
		require.Len(t, r.notes, 1, name)
		assert.Equal(t, "column 1", r.notes[0].Column)
		assert.False(t, r.failed(r.notes), "it does no harm")
	}
	r, err := parseRoster([]byte("openId,mobile,\np1,,\n"))
	require.NoError(t, err)
	assert.Empty(t, r.notes, "a column of nothing")
}

func FuzzRoster(f *testing.F) {
	for _, seed := range []string{rosterHeader + "p1,E1,13800000001,,,\n", "sep=;\nopenId;mobile\np;\"1\n2\"\n", "\xff\xfe", "openId\n\xd5\xc5\n", "openId\r\"\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseRoster(data)
		if err == nil && len(r.people) > r.rows {
			t.Fatal("more people than rows")
		}
	})
}

// Good values do not give way to what a spreadsheet left of them.
func TestResidueLeavesGoodValues(t *testing.T) {
	t.Parallel()
	w := contacts(t, 3, 20)
	require.Equal(t, statusDone, w.sync(t).status)
	w.source.UpdatePerson(person(9), func(p *yunzhijia.Person) { p.JobNo = "" })
	w.env[rosterVariable] = secretFile(t, rosterHeader+person(1)+",,1.38001E+10,,,\n"+person(9)+",#N/A,,,,\n")
	r := w.sync(t)
	assert.Equal(t, statusFailed, r.status)
	assert.Equal(t, []int{2, 3}, []int{r.report.Roster[0].Line, r.report.Roster[1].Line})
	assert.Equal(t, 2, r.report.RosterCounts.Cells)
	assert.Equal(t, "13800000001", w.t.Employees()[0].Phone)
	for _, u := range w.y.Users() {
		assert.NotEqual(t, "#N/A", u.UserNo)
	}
}
