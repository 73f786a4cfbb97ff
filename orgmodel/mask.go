package orgmodel

import "github.com/orgbridge/orgbridge/internal/wire"

// Masked reports whether s is a value of which the vendor hides a part, such as
// 1326*******4, 印* or ***@x.com. A masked value is unknown: the setters of
// [Person], [Person.Merge] and [Builder] never take one in, so it is never pushed.
//
// Any asterisk counts, the full-width and the typographic ones too, because no
// mobile, mail address or personal name has one. A single bullet does not: 买买提•张
// is how many people type the dot of a name. Two bullets, dots, circles or crosses in a row do.
func Masked(s string) bool { return wire.Masked(s) }
