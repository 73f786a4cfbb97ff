package orgmodel

import (
	"maps"
	"slices"
)

// same compares two values by the pointers that ref returned for one field.
func same(a, b any) bool {
	switch a := a.(type) {
	case *string:
		return *a == *b.(*string)
	case *[]string:
		return slices.Equal(*a, *b.(*[]string))
	case *Gender:
		return *a == *b.(*Gender)
	case *Status:
		return *a == *b.(*Status)
	case *Date:
		return *a == *b.(*Date)
	default:
		return *a.(*int) == *b.(*int)
	}
}

// assign copies the value of a field, given the pointers that ref returned.
// Lists are cloned, an empty one becomes nil.
func assign(to, from any) {
	switch to := to.(type) {
	case *string:
		*to = *from.(*string)
	case *[]string:
		*to = append([]string(nil), *from.(*[]string)...)
	case *Gender:
		*to = *from.(*Gender)
	case *Status:
		*to = *from.(*Status)
	case *Date:
		*to = *from.(*Date)
	default:
		*to.(*int) = *from.(*int)
	}
}

// mergeAttributes returns a new map; keys in update win.
func mergeAttributes(base, update map[string]string) map[string]string {
	if len(base) == 0 {
		return maps.Clone(update)
	}
	merged := maps.Clone(base)
	maps.Copy(merged, update)
	return merged
}
