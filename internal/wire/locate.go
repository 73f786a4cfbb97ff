package wire

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// locate names the innermost field of raw, a valid document, that cannot be
// read as t, and the Go type that refused it. encoding/json does so for types
// with an UnmarshalJSON of their own in one of its versions and not in the
// other, and the other one's path holds the keys of maps, which may be
// personal. It runs only after a decoder has failed.
func locate(raw []byte, t reflect.Type) (path []string, culprit reflect.Type) {
	err := json.Unmarshal(raw, reflect.New(t).Interface())
	if err == nil {
		return nil, nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return ownPath(err)
	}
	switch t.Kind() {
	case reflect.Struct:
		return inStruct(raw, t)
	case reflect.Slice, reflect.Array:
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) != nil {
			return nil, t
		}
		for _, e := range elements {
			if path, culprit = locate(e, t.Elem()); culprit != nil {
				return path, culprit
			}
		}
	case reflect.Map:
		var values map[string]json.RawMessage
		if json.Unmarshal(raw, &values) != nil {
			return nil, t
		}
		for _, v := range values {
			if path, culprit = locate(v, t.Elem()); culprit != nil {
				return append([]string{"*"}, path...), culprit
			}
		}
	}
	return nil, t
}

func inStruct(raw []byte, t reflect.Type) (path []string, culprit reflect.Type) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil, t
	}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() || field.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		for key, value := range members {
			if !strings.EqualFold(key, name) {
				continue
			}
			if path, culprit = locate(value, field.Type); culprit != nil {
				return append([]string{name}, path...), culprit
			}
		}
	}
	return nil, t
}

// ownPath reads what an UnmarshalJSON of this package says.
func ownPath(err error) (path []string, culprit reflect.Type) {
	typ, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return nil, reflect.TypeFor[any]()
	}
	if typ.Field != "" {
		path = strings.Split(typ.Field, ".")
	}
	return path, typ.Type
}

// kindName says in the words of JSON what a Go type expects.
func kindName(t reflect.Type) string {
	if t == nil {
		return unknownKind
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "an integer"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return unknownKind
}

const unknownKind = "what is documented"
