package simkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// checkNames holds the object names in body, which has been decoded into v,
// against v's type: letter by letter, each at most once.
func checkNames(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return checkValue(dec, reflect.TypeOf(v))
}

// checkValue reads one JSON value. t is nil where any name goes.
func checkValue(dec *json.Decoder, t reflect.Type) error {
	t = describing(t)
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for dec.More() {
			if err := checkValue(dec, elem(t)); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		if err := checkObject(dec, t); err != nil {
			return err
		}
	default:
		return nil
	}
	_, err = dec.Token() // the closing delimiter
	return err
}

func checkObject(dec *json.Decoder, t reflect.Type) error {
	var fields map[string]reflect.Type
	if t != nil && t.Kind() == reflect.Struct {
		fields = make(map[string]reflect.Type)
		collectFields(t, fields)
	}
	seen := make(map[string]bool)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if seen[name] {
			return fmt.Errorf("field %q comes twice", name)
		}
		seen[name] = true
		fieldType, ok := fields[name]
		if fields != nil && !ok {
			return fmt.Errorf("unknown field %q", name)
		}
		if fields == nil {
			fieldType = elem(t)
		}
		if err := checkValue(dec, fieldType); err != nil {
			return err
		}
	}
	return nil
}

// describing returns the type whose fields tell the names, or nil if the
// type decodes itself or says nothing.
func describing(t reflect.Type) reflect.Type {
	for t != nil {
		if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
			return nil
		}
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

func elem(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return t.Elem()
	default:
		return nil
	}
}

func collectFields(t reflect.Type, fields map[string]reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		embedded := describing(f.Type)
		switch {
		case f.Anonymous && name == "" && embedded != nil && embedded.Kind() == reflect.Struct:
			collectFields(embedded, fields)
		case name == "-" || !f.IsExported():
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
}
