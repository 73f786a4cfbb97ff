package redact_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/redact"
)

const value = "s3cr3t-value"

type config struct {
	Public redact.Secret
	hidden redact.Secret
	list   []redact.Secret
	deep   *struct{ secret redact.Secret }
}

func configured() config {
	s := redact.NewSecret(value)
	return config{Public: s, hidden: s, list: []redact.Secret{s}, deep: &struct{ secret redact.Secret }{s}}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	s, c := redact.NewSecret(value), configured()
	for _, v := range []any{s, &s, c, &c, []any{s, c}, map[string]any{"s": s, "c": c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "% x", "%010s", "%!"} {
			printed := fmt.Sprintf(verb, v)
			assert.NotContains(t, printed, value, verb)
			assert.NotContains(t, printed, fmt.Sprintf("%x", value), verb)
			assert.NotContains(t, printed, fmt.Sprintf("%X", value), verb)
		}
	}
	assert.Equal(t, redact.Placeholder, s.String())
	assert.Equal(t, redact.Placeholder, s.GoString())
	assert.Equal(t, redact.Placeholder, fmt.Sprint(s))
	assert.Equal(t, redact.Placeholder, fmt.Sprintf("%d", s))
}

func TestSecretNeverEncodes(t *testing.T) {
	t.Parallel()
	c := configured()
	js, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Public":"[redacted]"}`, string(js))
	x, err := xml.Marshal(plain{c.Public})
	require.NoError(t, err)
	assert.NotContains(t, string(x), value)
}

// A LogValue is not asked for below the top level of an attribute: the JSON
// handler falls back to encoding/json, the text handler to fmt.
func TestTrap08_NestedSecretInSlog(t *testing.T) {
	t.Parallel()
	c := configured()
	var b bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("m", "plain", c.Public, "nested", struct{ S redact.Secret }{c.Public}, "config", c, "pointer", &c,
			"list", []redact.Secret{c.Public}, slog.Group("g", "s", c.Public))
	}
	assert.NotContains(t, b.String(), value)
	assert.Contains(t, b.String(), redact.Placeholder)
}

func TestSecretAccess(t *testing.T) {
	t.Parallel()
	s := redact.NewSecret(value)
	assert.Equal(t, value, s.Reveal())
	assert.False(t, s.IsZero())

	for _, zero := range []redact.Secret{{}, redact.NewSecret("")} {
		assert.True(t, zero.IsZero())
		assert.Empty(t, zero.Reveal())
		assert.Equal(t, redact.Placeholder, fmt.Sprint(zero))
	}
}

type plain struct{ S redact.Secret }

type person struct{ ID, Name string }

func (p person) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", p.ID), slog.Int("n", 1), slog.Any("secret", redact.NewSecret(value)), slog.Any("boss", boss{}))
}

func (p person) Format(f fmt.State, _ rune) { redact.Format(f, "person", p.LogValue()) }

// boss prints what it should not unless its LogValue is asked.
type boss struct{ Name string }

func (boss) LogValue() slog.Value { return slog.StringValue("b1") }

func (boss) String() string { return value }

func TestFormat(t *testing.T) {
	t.Parallel()
	p := person{ID: "u1", Name: "张三"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		assert.Equal(t, "person{id=u1 n=1 secret=[redacted] boss=b1}", fmt.Sprintf(verb, p))
	}
	assert.Equal(t, "nothing{}", fmt.Sprint(formatter(slog.StringValue(value))))
	assert.Equal(t, "nothing{}", fmt.Sprint(formatter(slog.Value{})))
}

type formatter slog.Value

func (v formatter) Format(f fmt.State, _ rune) { redact.Format(f, "nothing", slog.Value(v)) }
