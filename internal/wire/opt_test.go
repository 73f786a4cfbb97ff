package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orgbridge/orgbridge/internal/wire"
)

type status string

type record struct {
	Name   wire.Opt[string]   `json:"name,omitzero"`
	Order  wire.Opt[int]      `json:"order,omitzero"`
	ID     wire.Opt[int64]    `json:"id,omitzero"`
	Left   wire.Opt[bool]     `json:"left,omitzero"`
	Depts  wire.Opt[[]string] `json:"depts,omitzero"`
	Status wire.Opt[status]   `json:"status,omitzero"`
	Boss   wire.Opt[person]   `json:"boss,omitzero"`
}

type person struct {
	Name string        `json:"name"`
	Age  wire.Opt[int] `json:"age,omitzero"`
}

// An optional field is absent, or travels even when it is zero.
func TestTrap09_OptWithOmitzero(t *testing.T) {
	t.Parallel()
	b, err := wire.Encode(record{})
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(b))

	b, err = wire.Encode(record{
		Name: wire.Set(""), Order: wire.Set(0), ID: wire.Set(int64(0)), Left: wire.Set(false), Depts: wire.Set([]string{}), Status: wire.Set(status("")),
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"","order":0,"id":0,"left":false,"depts":[],"status":""}`, string(b))

	b, err = json.Marshal(struct{ F wire.Opt[int] }{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"F":null}`, string(b), "without omitzero")
}

func TestOptReads(t *testing.T) {
	t.Parallel()
	var got record
	require.NoError(t, json.Unmarshal([]byte(`{"name":100,"order":"7","id":"9007199254740993","left":"Y","depts":["a"],"status":"1","boss":{"name":"李四","age":"3"}}`), &got))
	assert.Equal(t, record{
		Name: wire.Set("100"), Order: wire.Set(7), ID: wire.Set(int64(9007199254740993)), Left: wire.Set(true),
		Depts: wire.Set([]string{"a"}), Status: wire.Set(status("1")), Boss: wire.Set(person{Name: "李四", Age: wire.Set(3)}),
	}, got)

	for _, absent := range []string{
		`{}`, `{"name":null,"order":null,"id":null,"left":null,"depts":null,"status":null,"boss":null}`, `{"order":"","id":" ","left":""}`,
	} {
		got := record{Order: wire.Set(1), Name: wire.Set("x"), Left: wire.Set(true)}
		if absent == `{}` {
			got = record{}
		}
		require.NoError(t, json.Unmarshal([]byte(absent), &got))
		got.Name = wire.Opt[string]{}
		assert.Equal(t, record{}, got, absent)
	}

	var text record
	require.NoError(t, json.Unmarshal([]byte(`{"name":""}`), &text))
	assert.True(t, text.Name.IsSet(), `an empty text is a value`)
}

// picky refuses with an error of its own, which quotes what it saw.
type picky struct{}

func (*picky) UnmarshalJSON(b []byte) error { return fmt.Errorf("picky: %s", b) }

func TestOptRefuses(t *testing.T) {
	t.Parallel()
	for _, literal := range []string{
		`{"name":{"x":"geheim"}}`, `{"name":"geheim\ud842"}`, `{"order":"geheim"}`, `{"id":"9223372036854775808"}`, `{"id":1.5}`, `{"left":"geheim"}`,
		`{"depts":"geheim"}`, `{"status":123456}`, `{"boss":{"name":"a","age":"geh"}}`, `{"boss":["geheim"]}`,
	} {
		var got record
		err := json.Unmarshal([]byte(literal), &got)
		require.Error(t, err, literal)
		assert.NotContains(t, err.Error(), "geh")
		assert.Equal(t, record{}, got, "what is refused is not set")
	}
	var own struct {
		F wire.Opt[picky] `json:"f"`
	}
	err := json.Unmarshal([]byte(`{"f":"geheim"}`), &own)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "geheim")
}

func TestOptAccess(t *testing.T) {
	t.Parallel()
	var absent wire.Opt[int]
	v, ok := absent.Get()
	assert.Zero(t, v)
	assert.False(t, ok)
	assert.False(t, absent.IsSet())
	assert.True(t, absent.IsZero())
	assert.Equal(t, 9, absent.Or(9))

	set := wire.Set(0)
	v, ok = set.Get()
	assert.Zero(t, v)
	assert.True(t, ok)
	assert.True(t, set.IsSet())
	assert.False(t, set.IsZero())
	assert.Equal(t, 0, set.Or(9))
}

func TestOptPrintsNoValue(t *testing.T) {
	t.Parallel()
	set := wire.Set("13800000001")
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "o", set)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "o", set)
	for _, s := range []string{
		text.String(), js.String(), fmt.Sprintf("%v|%+v|%s|%q|%d|%x", set, set, set, set, set, set), fmt.Sprint(struct{ O wire.Opt[string] }{set}),
	} {
		assert.NotContains(t, s, "13800000001")
		assert.Contains(t, s, "set")
	}
	assert.Equal(t, "absent", fmt.Sprint(wire.Opt[int]{}))
}

func TestOptRoundTrips(t *testing.T) {
	t.Parallel()
	opt := func(t *rapid.T, name string) bool { return rapid.Bool().Draw(t, name+" set") }
	rapid.Check(t, func(t *rapid.T) {
		var want record
		if opt(t, "name") {
			want.Name = wire.Set(rapid.String().Draw(t, "name"))
		}
		if opt(t, "order") {
			want.Order = wire.Set(rapid.Int().Draw(t, "order"))
		}
		if opt(t, "id") {
			want.ID = wire.Set(rapid.Int64().Draw(t, "id"))
		}
		if opt(t, "left") {
			want.Left = wire.Set(rapid.Bool().Draw(t, "left"))
		}
		if opt(t, "depts") {
			want.Depts = wire.Set(rapid.SliceOf(rapid.String()).Draw(t, "depts"))
		}
		if opt(t, "boss") {
			want.Boss = wire.Set(person{Name: rapid.String().Draw(t, "boss")})
		}
		b, err := wire.Encode(want)
		require.NoError(t, err)
		var got record
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, want, got)
	})
}

func TestOptWritesWhatEncodeWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		n := rapid.Int64().Draw(t, "n")
		b := rapid.Bool().Draw(t, "b")
		for _, pair := range [][2]any{{s, wire.Set(s)}, {n, wire.Set(n)}, {int(n), wire.Set(int(n))}, {b, wire.Set(b)}} {
			want, err := wire.Encode(pair[0])
			require.NoError(t, err)
			got, err := wire.Encode(pair[1])
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
		}
	})
	for _, s := range []string{"<b>&", "\u2028", "\u2029", "\xff", `a"b\c`, "\x00\n\x7f", "张三"} {
		want, err := wire.Encode(s)
		require.NoError(t, err)
		got, err := wire.Encode(wire.Set(s))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}
