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

// changedAttributes returns the sorted keys that after knows and before does not
// know or has differently.
func changedAttributes(before, after map[string]string) []string {
	var keys []string
	for key, value := range after {
		if old, known := before[key]; !known || old != value {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// restoreAttributes returns attributes with keys as they are in from, known or not.
func restoreAttributes(attributes map[string]string, keys []string, from map[string]string) map[string]string {
	restored := maps.Clone(attributes)
	for _, key := range keys {
		delete(restored, key)
		if value, known := from[key]; known {
			restored[key] = value
		}
	}
	return restored
}
