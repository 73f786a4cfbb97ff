package wire

import "strings"

// Masked reports whether s is a value of which a part is hidden, such as 1326*******4,
// 印* or ***@x.com.
//
// Any asterisk counts, the full-width and the typographic ones too, because no mobile, mail
// address or personal name has one. A single bullet does not: 买买提•张 is how many people type
// the dot of a name. Two bullets, dots, circles or crosses in a row do.
func Masked(s string) bool {
	if strings.ContainsAny(s, "*＊﹡∗⁎✱") {
		return true
	}
	for _, pair := range [...]string{"••", "●●", "∙∙", "××", "○○"} {
		if strings.Contains(s, pair) {
			return true
		}
	}
	return false
}
