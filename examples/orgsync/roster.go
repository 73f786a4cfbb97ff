package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// roster is what the human resources department knows of people. The zero roster
// knows no one.
type roster struct {
	people  map[string]orgmodel.Person // with nothing but what the roster knows
	lines   map[string]int             // of their rows
	matched map[string]bool            // ids that the source knows too
	digest  string                     // of the whole file
	rows    int                        // with an openId
	faults  []finding                  // cells that should be corrected, by line
	notes   []finding                  // what is not used and does no harm

	patterns patterns
}

const (
	reasonNoOne = "belongs to no one at the source"
	reasonNoRow = "is empty in every row, so the roster says nothing"
)

// finding is a cell that is not used. It names the person once the source has
// confirmed that there is one of that id: a cell of a shifted row may hold
// anything.
type finding struct {
	Line   int    `json:"line"`
	ID     string `json:"id,omitempty"`
	Column string `json:"column"`
	Reason string `json:"reason"`
}

// String names the place and never the value.
func (f finding) String() string {
	text := fmt.Sprintf("line %d, %s: %s", f.Line, f.Column, f.Reason)
	if f.ID != "" {
		text += " (person " + strings.Trim(strconv.QuoteToGraphic(f.ID), `"`) + ")"
	}
	return text
}

func parseRoster(data []byte) (*roster, error) {
	sum := sha256.Sum256(data)
	r := &roster{
		people: map[string]orgmodel.Person{}, lines: map[string]int{}, matched: map[string]bool{},
		digest: hex.EncodeToString(sum[:]), patterns: newPatterns(),
	}
	text, err := decodeRoster(data)
	if err != nil {
		return nil, err
	}
	rows, err := openTable(text)
	if err != nil {
		return nil, err
	}
	used := make([]bool, len(rows.names))
	var errs []error
	for len(errs) < mostErrors {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			r.unknownColumns(rows, used)
			return r, errors.Join(errs...)
		}
		if err != nil {
			return nil, errors.Join(append(errs, err)...)
		}
		if err = rows.check(row); err == nil {
			err = r.add(rows, row)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for i, cell := range row {
			used[i] = used[i] || cell != ""
		}
	}
	return nil, errors.Join(errs...)
}

// add takes in a row. If a person has two rows, no one can tell which is right.
func (r *roster) add(rows *table, row []string) error {
	line, _ := rows.reader.FieldPos(0)
	at := slices.Index(rows.names, idColumn)
	id := row[at]
	if id == "" {
		if strings.Join(row, "") != "" {
			r.fault(line, idColumn, "is empty, so the row is not used")
		}
		return nil
	}
	r.rows++
	if reason := r.patterns.residue(id); reason == reasonInvisible {
		r.fault(line, idColumn, reason)
		return nil
	}
	if earlier, twice := r.lines[id]; twice {
		return &rosterError{Line: line, Column: at + 1, Name: idColumn, Reason: fmt.Sprintf("has the openId of line %d", earlier)}
	}
	p := orgmodel.Person{ID: id}
	for i, column := range rows.names {
		if column == "" || column == idColumn {
			continue
		}
		if reason := r.patterns.take(&p, column, row[i]); reason != "" {
			r.fault(line, column, reason)
		}
	}
	r.people[id], r.lines[id] = p, line
	return nil
}

// unknownColumns notes columns that hold something and are not known. Their names are not
// told: a table of another kind has its values there.
func (r *roster) unknownColumns(rows *table, used []bool) {
	for i, name := range rows.names {
		if name == "" && used[i] {
			r.notes = append(r.notes, finding{
				Line: rows.line, Column: fmt.Sprintf("column %d", i+1), Reason: "is not known, so the column is not used",
			})
		}
	}
}

func (r *roster) fault(line int, column, reason string) {
	r.faults = append(r.faults, finding{Line: line, Column: column, Reason: reason})
}

// enrichment adds what the roster knows to the people in it.
func (r *roster) enrichment() orgsync.Enrichment {
	return orgsync.Enrichment{Person: r.enrich, Digest: func() string { return r.digest }}
}

func (r *roster) enrich(p orgmodel.Person) (orgmodel.Person, error) {
	known, there := r.people[p.ID]
	if !there {
		return p, nil
	}
	r.matched[p.ID] = true
	line := r.lines[p.ID]
	at, _ := slices.BinarySearchFunc(r.faults, line, func(f finding, line int) int { return cmp.Compare(f.Line, line) })
	for ; at < len(r.faults) && r.faults[at].Line == line; at++ {
		r.faults[at].ID = p.ID
	}
	if p.Known.Has(orgmodel.PersonEmployeeNo) && p.EmployeeNo != "" {
		known.Forget(orgmodel.PersonEmployeeNo)
	}
	return p.Merge(known)
}

// rosterCounts is how much of a roster had an effect.
type rosterCounts struct {
	Rows    int `json:"rows"`              // with an openId
	Matched int `json:"matched"`           // whose person was read
	NoOne   int `json:"noOne,omitempty"`   // that belong to no one, after a full reading
	Cells   int `json:"cells,omitempty"`   // that are not used
	Columns int `json:"columns,omitempty"` // that are not known
}

// counts counts findings; nil if there is no roster.
func (r *roster) counts(findings []finding) *rosterCounts {
	if r.digest == "" {
		return nil
	}
	c := &rosterCounts{Rows: r.rows, Matched: len(r.matched), Cells: len(r.faults), Columns: len(r.notes)}
	for _, f := range findings {
		if f.Reason == reasonNoOne {
			c.NoOne++
		}
	}
	return c
}

// findings returns the cells that are not used and, after a full reading, the rows that
// belong to no one, by line.
func (r *roster) findings(report *orgsync.Report) []finding {
	findings := slices.Concat(r.notes, r.faults)
	if report.Reading.Full {
		known := map[string]bool{}
		maps.Copy(known, r.matched)
		for _, n := range report.Reading.Quarantined { // of no use, but there
			known[n.ID] = true
		}
		for id, line := range r.lines {
			if !known[id] {
				findings = append(findings, finding{Line: line, Column: idColumn, Reason: reasonNoOne})
			}
		}
	}
	if r.digest != "" && r.rows == 0 { // of an export that went wrong
		findings = append(findings, finding{Line: 1, Column: idColumn, Reason: reasonNoRow})
	}
	slices.SortStableFunc(findings, func(a, b finding) int { return cmp.Compare(a.Line, b.Line) })
	return findings
}

// failed reports whether findings are a failure: a cell that is not used is one, and so
// is a roster of which no row belongs to anyone.
func (r *roster) failed(findings []finding) bool {
	return len(r.faults) > 0 || len(findings) > len(r.notes) && len(r.matched) == 0
}
