package optest

import "strings"

// Spelling writes JSON text in one spelling. The versions of encoding/json differ
// in whether they escape the replacement of invalid UTF-8, and the line
// separators within raw values.
func Spelling(json []byte) string {
	return strings.NewReplacer(`\ufffd`, "\ufffd", `\u2028`, "\u2028", `\u2029`, "\u2029").Replace(string(json))
}
