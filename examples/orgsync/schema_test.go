package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// schema is the part of JSON Schema that report.schema.json uses.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	Items                *schema            `json:"items"`
	AdditionalProperties *schema            `json:"additionalProperties"`
	Defs                 map[string]*schema `json:"$defs"`
}

// check compares a value with a schema. What the schema does not know is an error here:
// a field that was added has to be published.
func (s *schema) check(root *schema, at string, value any) error {
	if name, is := strings.CutPrefix(s.Ref, "#/$defs/"); is {
		return root.Defs[name].check(root, at, value)
	}
	wrong := fmt.Errorf("%s is no %s: %v", at, s.Type, value)
	switch v := value.(type) {
	case map[string]any:
		if s.Type != "object" {
			return wrong
		}
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				return fmt.Errorf("%s lacks %s", at, name)
			}
		}
		for name, each := range v {
			of := s.Properties[name]
			if of == nil {
				of = s.AdditionalProperties
			}
			if of == nil {
				return fmt.Errorf("%s.%s is not in the schema", at, name)
			}
			if err := of.check(root, at+"."+name, each); err != nil {
				return err
			}
		}
	case []any:
		if s.Type != "array" {
			return wrong
		}
		for _, each := range v {
			if err := s.Items.check(root, at+"[]", each); err != nil {
				return err
			}
		}
	case string:
		if s.Type != "string" {
			return wrong
		}
		if s.Format == "date-time" {
			_, err := time.Parse(time.RFC3339Nano, v)
			return err
		}
	case bool:
		if s.Type != "boolean" {
			return wrong
		}
	case json.Number:
		if _, err := v.Int64(); s.Type != "number" && (s.Type != "integer" || err != nil) {
			return wrong
		}
	default:
		return wrong
	}
	return nil
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("report.schema.json")
	require.NoError(t, err)
	s := &schema{}
	require.NoError(t, json.Unmarshal(text, s))
	return s
}

func (s *schema) require(t *testing.T, report string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(report))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	require.NoError(t, s.check(s, "report", value))
}

// Reports of all kinds are as the schema says.
func TestReportsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	s := readSchema(t)
	w := contacts(t, 5, 100)
	w.env[rosterVariable] = secretFile(t, "openId,mobile,city\n"+person(1)+",#N/A,上海\nno-one,13900000001,\n")
	s.require(t, w.sync(t, "-dry-run").stdout)
	s.require(t, w.sync(t).stdout)
	w.source.UpdatePerson(person(2), func(p *yunzhijia.Person) { p.Phone, p.OrgID = "", "org-0003" })
	w.source.UpdatePerson(person(3), func(p *yunzhijia.Person) { p.Status = "7" })
	w.t.RefuseRecord(person(4), "手机号格式错误")
	w.source.UpdatePerson(person(4), func(p *yunzhijia.Person) { p.JobTitle = "总监" })
	s.require(t, w.sync(t, "-full").stdout)
	for i := range 40 {
		w.source.Leave(person(i + 50))
	}
	stopped := w.sync(t)
	require.Equal(t, statusGuarded, stopped.status)
	for _, flags := range [][]string{{"-hold"}, {"-dry-run"}, {"-replace", "aiguanhuai"}, {"-approve", stopped.report.Digest}, {"-bad"}, {"-adopt", "no-one"}} {
		s.require(t, w.sync(t, flags...).stdout)
	}
	w.source.Inject(yunzhijiatest.Status(500).Always())
	s.require(t, w.sync(t, "-full").stdout)
}

// Every field that a report can have is published, with the type that it has.
func TestSchemaHasAllFields(t *testing.T) {
	t.Parallel()
	s := readSchema(t)
	s.requireFields(t, s, reflect.TypeFor[document]())
	assert.NotEmpty(t, s.Required)

	// A schema that takes anything would be worth nothing.
	for _, bad := range []string{`{}`, `{"tenant":1}`, `{"exitStatus":"0"}`, `[]`, `{"unheard":true}`} {
		decoder := json.NewDecoder(bytes.NewReader([]byte(bad)))
		decoder.UseNumber()
		var value any
		require.NoError(t, decoder.Decode(&value))
		assert.Error(t, s.check(s, "report", value), bad)
	}
}

func (s *schema) requireFields(t *testing.T, root *schema, of reflect.Type) {
	t.Helper()
	if name, is := strings.CutPrefix(s.Ref, "#/$defs/"); is {
		s = root.Defs[name]
		require.NotNil(t, s, name)
	}
	switch {
	case of == reflect.TypeFor[time.Time]():
		assert.Equal(t, "date-time", s.Format)
	case of.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		assert.Equal(t, "string", s.Type, of)
	case of.Kind() == reflect.Pointer:
		s.requireFields(t, root, of.Elem())
	case of.Kind() == reflect.Slice:
		require.Equal(t, "array", s.Type, of)
		s.Items.requireFields(t, root, of.Elem())
	case of.Kind() == reflect.Map:
		require.NotNil(t, s.AdditionalProperties, of)
		s.AdditionalProperties.requireFields(t, root, of.Elem())
	case of.Kind() == reflect.Struct:
		fields := map[string]reflect.Type{}
		collect(of, fields)
		assert.Equal(t, slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(s.Properties)), of)
		for name, field := range fields {
			if p := s.Properties[name]; p != nil {
				p.requireFields(t, root, field)
			}
		}
	default:
		want := map[reflect.Kind]string{
			reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Float64: "number",
		}[of.Kind()]
		assert.Equal(t, want, s.Type, of)
	}
}

func collect(of reflect.Type, fields map[string]reflect.Type) {
	for f := range of.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			t := f.Type
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			collect(t, fields)
		case f.IsExported() && name != "-":
			if name == "" {
				name = f.Name
			}
			fields[name] = f.Type
		}
	}
}
