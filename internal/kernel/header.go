package kernel

import (
	"net/http"
	"strings"
)

// checkHeader refuses what net/http would refuse too, but as a failure of the
// transport, which would be retried and leave the outcome of a write unknown.
// A secret read from a file with its line break is the common case. The error
// names the header, never the value.
func checkHeader(op string, h http.Header) error {
	for name, values := range h {
		if !isToken(name) {
			return &FieldError{Op: op, Field: "header name", Reason: "holds a character that no header may have"}
		}
		for _, v := range values {
			if strings.ContainsFunc(v, isControl) {
				return &FieldError{Op: op, Field: "header " + name, Reason: "holds a line break or another control character"}
			}
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isToken reports whether name is a token of RFC 9110.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
