package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxRoster is the most that a roster may have, in bytes: some 500,000 rows.
const maxRoster = 64 << 20

// rosterError says where the form of a roster is broken, and never what stands there.
type rosterError struct {
	Line   int    // from 1; 0 for the file as a whole
	Column int    // from 1; 0 for the line as a whole
	Name   string // of the column, if that is known
	Reason string
}

func (e *rosterError) Error() string {
	where := ""
	if e.Line > 0 {
		where = fmt.Sprintf("line %d", e.Line)
	}
	if e.Column > 0 {
		where += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Name != "" {
		where += " (" + e.Name + ")"
	}
	if where == "" {
		return e.Reason
	}
	return where + " " + e.Reason
}

// readRoster reads the file. Its errors name lines and columns, never values.
func readRoster(path string) (*roster, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxRoster+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	if len(data) > maxRoster {
		return nil, errors.New("is larger than 64 MiB")
	}
	return parseRoster(data)
}

// decodeRoster returns the text of a file as UTF-8. Excel writes UTF-8 with a mark in
// front, or GB18030, which it calls CSV, or UTF-16, which it calls Unicode text.
func decodeRoster(data []byte) ([]byte, error) {
	text, marked := bytes.CutPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, &rosterError{Line: 1, Reason: "is UTF-16: save the file as CSV UTF-8"}
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, &rosterError{Line: 1 + bytes.Count(text[:at], []byte("\n")), Reason: "has a NUL character, as in UTF-16: save the file as CSV UTF-8"}
	}
	if !bytes.Contains(text, []byte("\n")) {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n")) // how old programs end lines
	}
	if utf8.Valid(text) {
		return text, nil
	}
	return decodeGB(text, marked)
}

// decodeGB takes a text that is not UTF-8 for GB18030, unless it is UTF-8 in other lines:
// then it is damaged, and would be read as something else.
func decodeGB(text []byte, marked bool) ([]byte, error) {
	bad, line := 0, 0
	for row := range bytes.Lines(text) {
		line++
		if bad == 0 && !utf8.Valid(row) {
			bad = line
		}
		marked = marked || utf8.Valid(row) && bytes.ContainsFunc(row, func(r rune) bool { return utf8.RuneLen(r) > 2 })
	}
	if marked {
		return nil, &rosterError{Line: bad, Reason: "is not UTF-8, and others are"}
	}
	decoder := simplifiedchinese.GB18030.NewDecoder()
	decoded := make([]byte, 0, len(text)*3/2)
	line = 0
	for row := range bytes.Lines(text) {
		line++
		out, err := decoder.Bytes(row)
		if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
			return nil, &rosterError{Line: line, Reason: "is neither UTF-8 nor GB18030"}
		}
		decoded = append(decoded, out...)
	}
	return decoded, nil
}
