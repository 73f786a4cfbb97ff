package token_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

const canary = "CanaryTokenValue0123456789abcdef"

type holder struct {
	hidden  token.Token
	Shown   token.Token
	Pointer *token.Token
	List    []token.Token
	Map     map[string]token.Token
}

func holding(t token.Token) holder {
	return holder{hidden: t, Shown: t, Pointer: &t, List: []token.Token{t}, Map: map[string]token.Token{"k": t}}
}

// reachable joins every string that reflection can read below v, as dump
// packages and panics of assertion libraries do.
func reachable(v reflect.Value) string {
	out := ""
	switch v.Kind() {
	case reflect.String:
		return v.String() + " "
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			out = reachable(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Location]() {
			return "" // has a cycle in it, and nothing of ours
		}
		for _, field := range v.Fields() {
			out += reachable(field)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			out += reachable(v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			out += reachable(it.Key()) + reachable(it.Value())
		}
	}
	return out
}

func TestTokenNeverPrints(t *testing.T) {
	t.Parallel()
	secret := token.New(canary, time.Now().Add(life))
	config := struct{ cache *token.Cache }{token.Static(canary)}
	require.Equal(t, canary, secret.Reveal())

	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%p", "%T", "%U", "%c", "%e", "%10.3s", "%z"}
	for _, verb := range verbs {
		for _, v := range []any{secret, &secret, holding(secret), new(holding(secret)), []any{secret}, config, &config} {
			out := fmt.Sprintf(verb, v)
			assert.NotContains(t, out, canary, verb)
			assert.NotContains(t, out, fmt.Sprintf("%x", canary), verb)
			assert.NotContains(t, out, fmt.Sprintf("%X", canary), verb)
		}
		if verb != "%T" && verb != "%p" { // fmt answers these two itself
			assert.Equal(t, "[redacted]", fmt.Sprintf(verb, secret), verb)
		}
	}
	for _, v := range []any{secret, holding(secret), config} {
		assert.NotContains(t, reachable(reflect.ValueOf(v)), canary)
	}
	require.Contains(t, reachable(reflect.ValueOf(struct{ hidden *[]string }{&[]string{canary}})), canary, "the walk finds strings")
	assert.Equal(t, "[redacted]", secret.String())
	assert.Equal(t, "[redacted]", secret.GoString())

	assert.Equal(t, "[redacted]", secret.LogValue().String())

	text, err := secret.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "[redacted]", string(text))
	text, err = secret.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, `"[redacted]"`, string(text))
}

func TestTokenNeverMarshals(t *testing.T) {
	t.Parallel()
	secret := token.New(canary, time.Now().Add(life))
	out, err := json.Marshal(holding(secret))
	require.NoError(t, err)
	assert.NotContains(t, string(out), canary)
	assert.Contains(t, string(out), `"Shown":"[redacted]","Pointer":"[redacted]","List":["[redacted]"]`)

	out, err = json.Marshal(map[string]any{"t": secret})
	require.NoError(t, err)
	assert.JSONEq(t, `{"t":"[redacted]"}`, string(out))
}

func TestTokenNeverLogs(t *testing.T) {
	t.Parallel()
	secret := token.New(canary, time.Now().Add(life))
	var buf bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
		slog.New(h).LogAttrs(t.Context(), slog.LevelInfo, "m",
			slog.Any("token", secret), slog.Any("pointer", &secret), slog.Any("nested", holding(secret)),
			slog.Any("list", []token.Token{secret}), slog.Any("cache", token.Static(canary)))
	}
	assert.NotContains(t, buf.String(), canary)
	assert.Contains(t, buf.String(), `token=[redacted]`)
	assert.Contains(t, buf.String(), `"token":"[redacted]"`)
}

func TestTokenZeroAndSame(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(life)
	var zero token.Token
	assert.True(t, zero.IsZero())
	assert.Empty(t, zero.Reveal())
	assert.True(t, zero.Expires().IsZero())
	assert.True(t, token.New("", end).IsZero())
	assert.Equal(t, "[redacted]", fmt.Sprint(zero))

	a := token.New("a", end)
	assert.False(t, a.IsZero())
	assert.True(t, a.Expires().Equal(end))
	assert.NotContains(t, a.Expires().String(), "m=", "a monotonic reading stands still while a machine is suspended")
	assert.True(t, a.Same(token.New("a", time.Time{})))
	assert.False(t, a.Same(token.New("b", end)))
	assert.False(t, a.Same(zero))
	assert.True(t, zero.Same(zero))
}
