package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// columns are those that a roster may have, in any order.
func columns() []string {
	return []string{idColumn, employeeNoColumn, mobileColumn, emailColumn, birthdayColumn, joinDateColumn}
}

const (
	idColumn         = "openId"
	employeeNoColumn = "employeeNo"
	mobileColumn     = "mobile"
	emailColumn      = "email"
	birthdayColumn   = "birthday"
	joinDateColumn   = "joinDate"
)

// table reads rows of a roster, whatever separates its cells.
type table struct {
	text   string
	reader *csv.Reader
	line   int      // of the header
	names  []string // of the columns as the program knows them, "" for others
}

// mostErrors is after how many errors a file is another one altogether.
const mostErrors = 20

// openTable reads the header.
func openTable(text []byte) (*table, error) {
	first, skipped := separator(text)
	t := &table{text: string(text), reader: csv.NewReader(bytes.NewReader(text))}
	t.reader.Comma, t.reader.FieldsPerRecord, t.reader.ReuseRecord = first, -1, true
	header, err := t.next()
	if skipped && err == nil {
		header, err = t.next()
	}
	if errors.Is(err, io.EOF) {
		return nil, &rosterError{Line: 1, Reason: "is not a header with the column " + idColumn + ": the file is empty"}
	}
	if err != nil {
		return nil, err
	}
	t.line, _ = t.reader.FieldPos(0)
	at := map[string]int{}
	for i, cell := range header {
		name := columnName(cell)
		if earlier, twice := at[name]; twice && name != "" {
			return nil, &rosterError{Line: t.line, Column: i + 1, Name: name, Reason: fmt.Sprintf("is there twice: column %d is too", earlier+1)}
		}
		at[name] = i
		t.names = append(t.names, name)
	}
	if _, there := at[idColumn]; !there {
		return nil, &rosterError{Line: t.line, Reason: "is not a header with the column " + idColumn + "; there may be " + strings.Join(columns()[1:], ", ")}
	}
	return t, nil
}

// separator tells what separates the cells of the header: the one that makes most of them
// known. Excel notes it in a line of its own if asked to.
func separator(text []byte) (comma rune, skipped bool) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSpace(line)
	if noted, found := bytes.CutPrefix(bytes.ToLower(line), []byte("sep=")); found {
		line, _, _ = bytes.Cut(rest, []byte("\n"))
		if len(noted) == 1 && bytes.ContainsAny(noted, ",;\t") {
			return rune(noted[0]), true
		}
		skipped = true
	}
	comma, most := ',', -1
	for _, candidate := range []rune{',', ';', '\t'} {
		known := 0
		for cell := range strings.SplitSeq(string(line), string(candidate)) {
			if columnName(strings.Trim(strings.TrimSpace(cell), `"`)) != "" {
				known++
			}
		}
		if known > most {
			comma, most = candidate, known
		}
	}
	return comma, skipped
}

// columnName returns the column that a cell of the header names, "" if none.
func columnName(cell string) string {
	cell = strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	i := slices.IndexFunc(columns(), func(name string) bool { return strings.EqualFold(name, cell) })
	if i < 0 {
		return ""
	}
	return columns()[i]
}

// next reads a row, blank ones left out.
func (t *table) next() ([]string, error) {
	for {
		row, err := t.reader.Read()
		if bad, is := errors.AsType[*csv.ParseError](err); is {
			return nil, t.broken(bad)
		}
		if err != nil {
			return nil, err
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if len(row) > 1 || row[0] != "" {
			return row, nil
		}
	}
}

// broken says where a row cannot be taken apart. A quote that is not closed is told with the
// line in which its row begins: it ends anywhere.
func (t *table) broken(bad *csv.ParseError) *rosterError {
	reason := "has a quote that is not closed, or text behind it"
	if errors.Is(bad.Err, csv.ErrBareQuote) {
		reason = "has a quote within a cell"
	}
	if bad.StartLine != bad.Line {
		return &rosterError{Line: bad.StartLine, Reason: reason}
	}
	column, line := 0, 0
	for row := range strings.Lines(t.text) {
		if line++; line == bad.Line {
			before := row[:min(max(bad.Column-1, 0), len(row))]
			column = 1 + strings.Count(before, string(t.reader.Comma))
			break
		}
	}
	return &rosterError{Line: bad.Line, Column: column, Reason: reason}
}

// check says what is wrong with the form of a row.
func (t *table) check(row []string) error {
	line, _ := t.reader.FieldPos(0)
	if len(row) != len(t.names) {
		return &rosterError{Line: line, Column: min(len(row), len(t.names)) + 1, Reason: fmt.Sprintf("is wrong: the row has %d cells, the header %d", len(row), len(t.names))}
	}
	for i, cell := range row {
		if strings.ContainsAny(cell, "\r\n") {
			return &rosterError{Line: line, Column: i + 1, Name: t.names[i], Reason: "has a line break within a cell: is a quote missing?"}
		}
	}
	return nil
}
