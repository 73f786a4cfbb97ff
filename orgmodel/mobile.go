package orgmodel

import "strings"

// cleanMobile is cleanCode for mobiles. A number of mainland China becomes its 11
// digits, however it was written; those of other countries stay as they are.
func cleanMobile(s string) (string, bool) {
	if isMainland(s) {
		return s, true
	}
	cleaned, ok := cleanCode(s)
	if !ok {
		return "", false
	}
	var number strings.Builder
	for _, r := range cleaned {
		switch {
		case r >= '0' && r <= '9', r == '+':
			number.WriteRune(r)
		case r >= '０' && r <= '９':
			number.WriteRune(r - '０' + '0')
		case r == '＋':
			number.WriteByte('+')
		case isFiller(r):
		default:
			return cleaned, true
		}
	}
	compact := number.String()
	for _, prefix := range []string{"+86", "0086", "86", ""} {
		if rest, found := strings.CutPrefix(compact, prefix); found && isMainland(rest) {
			return rest, true
		}
	}
	return cleaned, true
}

func isMainland(s string) bool { return len(s) == 11 && s[0] == '1' && digits(s) == len(s) }

// isFiller reports blanks and dashes, of all widths.
func isFiller(r rune) bool {
	switch r {
	case ' ', '\t', 0xa0, 0x3000, '-', '−', '－', '﹣':
		return true
	}
	return r >= 0x2000 && r <= 0x200a || r >= 0x2010 && r <= 0x2015 || r == 0x202f || r == 0x205f
}
