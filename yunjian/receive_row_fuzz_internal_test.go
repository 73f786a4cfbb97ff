package yunjian

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// slowRow reads a row as readRow is meant to, by encoding/json. What no sender writes, and
// where the two may differ, makes it unsure.
type slowRow struct {
	bad    map[string]bool // fields that cannot be read
	unsure bool
}

var (
	digits = regexp.MustCompile(`^-?[0-9]+$`)
	double = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE]\+?1?[0-9])?$`)
	escape = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|.)`)
)

// members lists an object's members in their order, by the tokens of encoding/json.
func members(raw []byte) (keys []string, values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, _ := d.Token(); open != json.Delim('{') {
		return nil, nil
	}
	for d.More() {
		key, _ := d.Token()
		var value json.RawMessage
		_ = d.Decode(&value)
		name, _ := key.(string)
		keys, values = append(keys, name), append(values, value)
	}
	return keys, values
}

// whole reports whether a quoted text has no half of a surrogate pair.
func whole(raw []byte) bool {
	var units []uint16
	flush := func() bool {
		half := slices.Contains(utf16.Decode(units), utf8.RuneError)
		units = nil
		return !half
	}
	end := 0
	for _, at := range escape.FindAllIndex(raw, -1) {
		if at[0] != end && !flush() {
			return false
		}
		end = at[1]
		if e := raw[at[0]:at[1]]; e[1] == 'u' {
			unit, _ := strconv.ParseUint(string(e[2:]), 16, 16)
			if unit == utf8.RuneError {
				unit = 'x' // U+FFFD as such is a character
			}
			units = append(units, uint16(unit))
		} else if !flush() {
			return false
		}
	}
	return flush()
}

// integer writes a number in digits.
func (r *slowRow) integer(text string) (string, bool) {
	switch {
	case digits.MatchString(text):
		return text, true
	case !double.MatchString(text):
		r.unsure = true // 1e-1 of 10, 1e99, " +1"
		return "", false
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || !n.IsInt() || !n.Num().IsInt64() {
		return "", false
	}
	return n.Num().String(), true
}

func (r *slowRow) text(field string, raw json.RawMessage) Opt[string] {
	switch raw[0] {
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s)
		tidied, control := wire.Tidy(s)
		if control || !whole(raw) {
			r.bad[field] = true
		}
		return Set(tidied)
	case 'n':
		return Opt[string]{}
	case 't', 'f':
		return Set(string(raw))
	case '{', '[':
		r.bad[field] = true
		return Opt[string]{}
	}
	s, ok := r.integer(string(raw))
	if !ok {
		r.bad[field] = true
	}
	return Set(s)
}

func (r *slowRow) label(field string, raw json.RawMessage) string {
	if raw[0] == 't' || raw[0] == 'f' {
		r.bad[field] = true
	}
	return r.text(field, raw).Or("")
}

func (r *slowRow) int(field string, raw json.RawMessage) Opt[int64] {
	text := r.label(field, raw)
	if raw[0] == '"' && strings.TrimSpace(text) != text || strings.ContainsAny(text, "+") {
		r.unsure = true
	}
	if text == "" {
		return Opt[int64]{}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.bad[field] = true
	}
	return Set(n)
}

func (r *slowRow) read(raw []byte) (u User, isLeave bool) {
	seen := map[string]bool{}
	keys, values := members(raw)
	for i, key := range keys {
		if _, known := userFields[key]; !known {
			continue
		}
		if seen[key] {
			r.bad[key] = true
		}
		seen[key] = true
		value := values[i]
		switch key {
		case "userNo":
			u.UserNo = r.label(key, value)
		case "userId":
			u.UserID = r.int(key, value)
		case "fullName":
			u.FullName = r.label(key, value)
		case "mobile":
			u.Mobile = r.label(key, value)
		case "isLeave":
			text := r.text(key, value)
			switch strings.ToLower(strings.TrimSpace(text.Or(""))) {
			case "true", "1", "y", "yes":
				u.IsLeave, isLeave = true, true
			case "false", "0", "n", "no":
				isLeave = true
			case "":
			default:
				r.bad[key] = true
			}
		case "birthday":
			if text, set := r.text(key, value).Get(); set {
				d, err := ParseDate(text)
				if err != nil {
					r.bad[key] = true
				}
				u.Birthday = Set(d)
			}
		case "extraInfo":
			if value[0] != 'n' && string(value) != `""` {
				u.ExtraInfo = value
			}
		case "cardInfo": // has tests of its own
			r.unsure = r.unsure || value[0] != 'n'
		default:
			*u.text(key) = r.text(key, value)
		}
	}
	return u, isLeave
}

// FuzzReadRow compares the reader of rows with encoding/json.
func FuzzReadRow(f *testing.F) {
	const rest = `"fullName":"张三","mobile":"13800000001","isLeave":false}`
	for _, s := range []string{
		`{"userNo":91228,` + rest, `{"userNo":"91228.0","userId":7.0,` + rest, `{"userNo":9.1228E4,"USERNO":"x",` + rest,
		`{"userNo":1,"userNo":2,` + rest, `{"userNo":"\ud842\udfb7","level":"\ud842",` + rest, `{"userNo":1,"level":"\udfb7\ud842",` + rest,
		`{"userId":"7","birthday":"1997-11-10","gender":null,"levelName":1.0,` + rest, `{"userId":"7.0",` + rest, `{"userNo":true,` + rest,
		`{"userNo":"\u0000a\u200b","extraInfo":{"a":1.0,"a":[]},` + rest, `{"userNo":"a\u0007b","extraInfo":"",` + rest, `{"userNo":{},"extraInfo":[1],` + rest,
		`{"isLeave":"Y","userNo":1,"fullName":" ","mobile":null}`, `{"isLeave":1.0,"isLeave":0}`, `null`, `[]`, `1`, `"x"`, `{}`,
		`{"\u0075serNo":12345678901234567890123,"x":{"userNo":2},` + rest, `{"userNo":0.5,"level":1e400,` + rest, `{"userNo":"\ufffd","level":"\\ud842",` + rest,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) || !utf8.Valid(raw) || bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")) {
			return // is no part of a body that was read
		}
		raw = bytes.TrimSpace(raw)
		got, problem := readRow(raw)
		r := slowRow{bad: map[string]bool{}}
		want, isLeave := r.read(raw)
		switch {
		case r.unsure:
		case raw[0] != '{':
			require.Equal(t, problemRow, problem)
		case len(r.bad) > 0:
			field, named := strings.CutPrefix(problem, problemField)
			require.True(t, named && r.bad[field], "%q: %q, not one of %v", raw, problem, r.bad)
		case want.missing(isLeave) != "":
			require.Equal(t, problemMissing+want.missing(isLeave), problem, "%q", raw)
		default:
			require.Empty(t, problem, "%q", raw)
			require.Equal(t, want, got, "%q", raw)
		}
	})
}
