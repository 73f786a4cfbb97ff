package orgmodel

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Texts are cleaned where it is certain what was meant, and unknown where it is
// not: a control character, U+FFFD or what a spreadsheet made of a number is not a
// value. Ids are never cleaned.

// cleanText returns s without invisible characters and without white space at its
// ends, and whether s is a value at all. The empty text is one; a text of nothing
// but invisible characters and blanks is not.
func cleanText(s string) (string, bool) {
	if isPlain(s) {
		return s, true
	}
	if Masked(s) {
		return "", false
	}
	return cleanLabel(s)
}

// cleanLabel is cleanText where an asterisk is no mask.
func cleanLabel(s string) (string, bool) {
	if isPlain(s) {
		return s, true
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return "", false
	}
	cleaned := strings.TrimFunc(stripInvisible(s), func(r rune) bool { return unicode.IsSpace(r) || isJoiner(r) })
	if cleaned == "" || strings.ContainsFunc(cleaned, isControl) {
		return "", false
	}
	return norm.NFC.String(cleaned), true // é is one text, in one piece or in two
}

// isPlain reports whether s is free of everything that the slow path of cleanText
// looks for. Most texts are.
func isPlain(s string) bool {
	for i, r := range s {
		switch {
		case r > ' ' && r < 0x7f && r != '*':
		case r >= 0x4e00 && r <= 0x9fff: // CJK Unified Ideographs
		case r == ' ' && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return true
}

// stripInvisible removes zero-width and bidirectional format characters. A joiner
// within a script that is written with joiners (and within an emoji) stays.
func stripInvisible(s string) string {
	var previous rune
	return strings.Map(func(r rune) rune {
		if isInvisible(r) || isJoiner(r) && (previous < 0x600 || unicode.Is(unicode.Han, previous)) {
			return -1
		}
		previous = r
		return r
	}, s)
}

// isInvisible reports whether r takes no room: zero-width spaces, bidirectional
// controls, byte order marks, soft hyphens. The joiners are not in it.
func isInvisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r == 0xfeff, r == 0x200b, r == 0x200e, r == 0x200f:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f
}

func isJoiner(r rune) bool { return r == 0x200c || r == 0x200d }

// isControl also reports line and paragraph separators.
func isControl(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 }

// blank reports whether an id is no key: an empty one matches nothing, nor does
// one without a visible character.
func blank(id string) bool {
	for _, r := range id {
		if !unicode.IsSpace(r) && !isInvisible(r) && !isJoiner(r) {
			return false
		}
	}
	return true
}

// cleanCode is cleanText for employee numbers, mobiles and mail addresses, which
// spreadsheets and forms fill with stand-ins for "none".
func cleanCode(s string) (string, bool) {
	cleaned, ok := cleanText(s)
	if !ok || cleaned != "" && isResidue(cleaned) {
		return "", false
	}
	return cleaned, true
}

// cleanNumber is cleanCode for employee numbers, which white space is no part of.
func cleanNumber(s string) (string, bool) {
	cleaned, ok := cleanCode(s)
	if strings.ContainsFunc(cleaned, unicode.IsSpace) {
		cleaned = strings.Join(strings.Fields(cleaned), "")
	}
	return cleaned, ok
}

// sameNumber reports whether two employee numbers differ in case and width alone.
func sameNumber(a, b string) bool {
	return a == b || a != "" && b != "" && strings.EqualFold(norm.NFKC.String(a), norm.NFKC.String(b))
}

// isResidue reports whether a text stands for no value: N/A and the like, Excel's
// error texts, a number in Excel's scientific or decimal notation, zeros, or nothing
// but punctuation.
func isResidue(s string) bool {
	if hasCount(s) {
		return isExcelNumber(s)
	}
	switch strings.ToLower(s) {
	case "无", "暂无", "没有", "空", "未知", "不详", "保密", "未开放", "n/a", "null", "none", "nil", "nan", "undefined", "(null)", "<null>":
		return true
	}
	return isExcelError(s) || isExcelNumber(s) || !strings.ContainsFunc(s, func(r rune) bool {
		return r != '0' && (unicode.IsLetter(r) || unicode.IsNumber(r))
	})
}

// hasCount reports whether s has one of the digits 1 to 9, as most codes do.
func hasCount(s string) bool {
	for i := range len(s) {
		if s[i] >= '1' && s[i] <= '9' {
			return true
		}
	}
	return false
}

// isExcelError reports #N/A, #DIV/0!, #NAME?, #GETTING_DATA and the like.
func isExcelError(s string) bool {
	name, hash := strings.CutPrefix(s, "#")
	name = strings.TrimPrefix(name, " ")
	return hash && (strings.EqualFold(name, "N/A") || strings.EqualFold(name, "GETTING_DATA") ||
		strings.HasSuffix(name, "!") || strings.HasSuffix(name, "?"))
}

// isExcelNumber reports what Excel shows for a long number in a narrow cell
// (1.38E+10), and digits with decimals that are all zero (91228.0). 1E5 may be a
// real number.
func isExcelNumber(s string) bool {
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	whole := digits(s)
	if whole == 0 || whole == len(s) {
		return false
	}
	rest := s[whole:]
	decimals := 0
	if strings.HasPrefix(rest, ".") {
		decimals = digits(rest[1:])
		if decimals == 0 {
			return false
		}
		if rest = rest[1+decimals:]; rest == "" {
			return strings.Trim(s[whole+1:], "0") == ""
		}
	}
	if rest == "" || rest[0] != 'E' && rest[0] != 'e' {
		return false
	}
	exponent := strings.TrimLeft(rest[1:], "+-")
	signed := len(exponent) < len(rest)-1
	return exponent != "" && digits(exponent) == len(exponent) && (signed || decimals > 0)
}

// digits returns how many ASCII digits s starts with.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
