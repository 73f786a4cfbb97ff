package kernel

import (
	"encoding/json"
	"net/url"
	"strings"
)

// SentValues lists the values that a form or JSON body holds, and those of the
// JSON that a form carries in a field.
func SentValues(contentType string, body []byte) []string {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return jsonValues(body)
	}
	form, _ := url.ParseQuery(string(body)) // whatever of it can be read
	var values []string
	for _, list := range form {
		for _, v := range list {
			values = append(values, v)
			values = append(values, jsonValues([]byte(v))...)
		}
	}
	return values
}

// jsonValues lists the strings and numbers of a JSON document, keys excepted.
func jsonValues(body []byte) []string {
	if !json.Valid(body) {
		return nil
	}
	text := string(body) // which the values share
	var values []string
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '"':
			i = closing(text, i+1) + 1
			if strings.HasPrefix(strings.TrimLeft(text[i:], " \t\r\n"), ":") {
				continue
			}
			values = append(values, unquoted(text[start:i]))
		case c == '-', c >= '0' && c <= '9':
			// In its own digits: a card number is not a float.
			for i < len(text) && strings.IndexByte("+-.0123456789Ee", text[i]) >= 0 {
				i++
			}
			values = append(values, text[start:i])
		default:
			i++
		}
	}
	return values
}

// closing returns where the string that begins at i ends.
func closing(text string, i int) int {
	for text[i] != '"' {
		if text[i] == '\\' {
			i++
		}
		i++
	}
	return i
}

func unquoted(literal string) (s string) {
	if strings.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1]
	}
	_ = json.Unmarshal([]byte(literal), &s) // it is part of a valid document
	return s
}
