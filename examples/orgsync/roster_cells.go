package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// The reasons for which a cell is not used.
const (
	reasonSpreadsheet = "is what a spreadsheet leaves of a number or a formula, so it is not used"
	reasonPlaceholder = "stands for nothing, so it is not used"
	reasonInvisible   = "has invisible or unreadable characters, so it is not used"
	reasonNoMobile    = "is no phone number, so it is not used"
	reasonNoEmail     = "is no mail address, so it is not used"
	reasonNoDate      = "is no date like 2006-01-02, so it is not used"
)

// patterns are what spreadsheets and scripts make of numbers.
type patterns struct{ scientific, decimal *regexp.Regexp }

func newPatterns() patterns {
	return patterns{
		scientific: regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]\d+$`),
		decimal:    regexp.MustCompile(`^\d+[.,]0+$`),
	}
}

// residue says why a cell of any column holds no value, "" if it may hold one.
func (p patterns) residue(cell string) string {
	switch {
	case strings.ContainsFunc(cell, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == utf8.RuneError
	}):
		return reasonInvisible
	case cell[0] == '#', cell[0] == '\'', cell[0] == '=', p.scientific.MatchString(cell), p.decimal.MatchString(cell):
		return reasonSpreadsheet
	case strings.Trim(cell, "0") == "", !strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return reasonPlaceholder // 0, -, --, ?, 。
	case slices.Contains([]string{
		"n/a", "na", "nan", "null", "nil", "none", "undefined", "true", "false", "无", "暂无", "没有", "空", "未知", "未填", "待定", "待补",
	}, strings.ToLower(cell)):
		return reasonPlaceholder
	}
	return ""
}

// take gives a cell to a person, or says why it does not.
func (p patterns) take(person *orgmodel.Person, column, cell string) (reason string) {
	if cell == "" || orgmodel.Masked(cell) {
		return ""
	}
	if reason := p.residue(cell); reason != "" {
		return reason
	}
	switch column {
	case employeeNoColumn:
		person.SetEmployeeNo(cell)
	case mobileColumn:
		if !isPhone(cell) {
			return reasonNoMobile
		}
		person.SetMobile(cell)
	case emailColumn:
		name, host, at := strings.Cut(cell, "@")
		if !at || name == "" || host == "" || strings.ContainsAny(host, "@ ") || strings.ContainsFunc(name, unicode.IsSpace) {
			return reasonNoEmail
		}
		person.SetEmail(cell)
	case birthdayColumn, joinDateColumn:
		date, err := orgmodel.ParseDate(cell)
		// A spreadsheet counts its days from 1900, or from the day before.
		if err != nil || date.String() != cell || date.Year < 1900 || date.Year == 1900 && date.Month == 1 && date.Day == 1 {
			return reasonNoDate
		}
		if column == birthdayColumn {
			person.SetBirthday(date)
		} else {
			person.SetJoinDate(date)
		}
	}
	return ""
}

// isPhone reports whether a text can be a number of any country: digits, and what people
// put between them.
func isPhone(cell string) bool {
	var p orgmodel.Person
	p.SetMobile(cell)
	var b strings.Builder
	for _, r := range p.Mobile {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+', r == '(', r == ')', r == '（', r == '）', unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
		default:
			return false
		}
	}
	digits := b.String()
	return len(digits) >= 5 && len(digits) <= 18 && strings.Trim(digits, digits[:1]) != ""
}
