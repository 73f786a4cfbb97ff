package optest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// Canaries to plant in every input of an operation. None of them may ever
// turn up in text that a program prints about a call.
const (
	Token   = "CANARYtoken0123456789abcdef012345"
	Secret  = "CANARYsecret-s3cr3t"
	SignKey = "CANARYsignkey-k3y"
	Mobile  = "13812345678"
	Name    = "金丝雀"
	Card    = "110101199001011237"
	Email   = "canary.bird@example.com"
)

type canary struct{ kind, value string }

func canaries() []canary {
	return []canary{
		{"token", Token},
		{"secret", Secret},
		{"sign key", SignKey},
		{"mobile", Mobile},
		{"name", Name},
		{"card", Card},
		{"email", Email},
	}
}

// NoCanary fails t if text holds a canary, as it is or escaped.
func NoCanary(t testing.TB, where, text string) {
	t.Helper()
	text = strings.ToLower(text)
	for _, c := range canaries() {
		for _, form := range []string{
			c.value, url.QueryEscape(c.value), url.PathEscape(c.value), strings.Trim(strconv.QuoteToASCII(c.value), `"`), hex.EncodeToString([]byte(c.value)),
		} {
			if strings.Contains(text, strings.ToLower(form)) {
				t.Errorf("%s shows the %s", where, c.kind)
				break
			}
		}
	}
}

// Silent fails t if any way of printing v shows a canary.
func Silent(t testing.TB, where string, v any) {
	t.Helper()
	if v == nil {
		return
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		NoCanary(t, where+" printed with "+verb, fmt.Sprintf(verb, v))
	}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("value", slog.Any("v", v))
	slog.New(slog.NewJSONHandler(&js, nil)).Info("value", slog.Any("v", v))
	NoCanary(t, where+" as slog text", text.String())
	NoCanary(t, where+" as slog JSON", js.String())
}

// SilentError fails t if err, or an error anywhere in its tree, shows a canary.
func SilentError(t testing.TB, where string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	Silent(t, where, err)
	if b, jsonErr := json.Marshal(err); jsonErr == nil {
		NoCanary(t, where+" as JSON", string(b))
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			SilentError(t, where+" (part)", e)
		}
	}
	SilentError(t, where+" (cause)", errors.Unwrap(err))
}
