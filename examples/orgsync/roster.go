package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// columns are the header of a roster.
func columns() []string {
	return []string{"openId", "employeeNo", "mobile", "email", "birthday", "joinDate"}
}

// roster is what the human resources department knows of people. The zero roster
// knows no one.
type roster struct {
	people  map[string]orgmodel.Person // with nothing but what the roster knows
	lines   map[string]int             // of their rows
	matched map[string]bool            // ids that the source knows too
	digest  string                     // of the whole file
	faults  []finding
}

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

// readRoster reads the file. Its errors name lines and columns, never values.
func readRoster(path string) (*roster, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	return parseRoster(data)
}

func parseRoster(data []byte) (*roster, error) {
	sum := sha256.Sum256(data)
	r := &roster{
		people: map[string]orgmodel.Person{}, lines: map[string]int{}, matched: map[string]bool{},
		digest: hex.EncodeToString(sum[:]),
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // Excel writes one
	if line, ok := notUTF8(data); ok {
		return nil, fmt.Errorf("line %d is not UTF-8", line)
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil || !slices.Equal(trimmed(header), columns()) {
		return nil, errors.New("line 1 is not the header " + strings.Join(columns(), ","))
	}
	const most = 20 // errors, after which the file is another one altogether
	var errs []error
	for len(errs) < most {
		row, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return r, errors.Join(errs...)
		case err != nil:
			// It names line and column, and quotes nothing.
			return nil, errors.Join(append(errs, err)...)
		}
		line, _ := reader.FieldPos(0)
		if err := r.add(line, trimmed(row)); err != nil {
			errs = append(errs, err)
		}
	}
	return nil, errors.Join(errs...)
}

func notUTF8(data []byte) (line int, bad bool) {
	line = 1
	for text := range bytes.Lines(data) {
		if !utf8.Valid(text) {
			return line, true
		}
		line++
	}
	return 0, false
}

func trimmed(row []string) []string {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

// add takes in a row. If a person has two rows, no one can tell which is right.
func (r *roster) add(line int, row []string) error {
	id := row[0]
	if id == "" {
		if strings.Join(row, "") != "" {
			r.fault(line, columns()[0], "is empty, so the row is not used")
		}
		return nil
	}
	if earlier, twice := r.lines[id]; twice {
		return fmt.Errorf("line %d has the openId of line %d", line, earlier)
	}
	p := orgmodel.Person{ID: id}
	for i, set := range []func(string){p.SetEmployeeNo, p.SetMobile, p.SetEmail} {
		if cell := row[i+1]; cell != "" { // the setters leave masked ones out
			set(cell)
		}
	}
	for i, set := range []func(orgmodel.Date){p.SetBirthday, p.SetJoinDate} {
		cell := row[i+4]
		if cell == "" || orgmodel.Masked(cell) {
			continue
		}
		date, err := orgmodel.ParseDate(cell)
		if err != nil || date.String() != cell {
			r.fault(line, columns()[i+4], "is no date like 2006-01-02, so it is not used")
			continue
		}
		set(date)
	}
	r.people[id], r.lines[id] = p, line
	return nil
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
	for i := range r.faults {
		if r.faults[i].Line == r.lines[p.ID] {
			r.faults[i].ID = p.ID
		}
	}
	if p.Known.Has(orgmodel.PersonEmployeeNo) && p.EmployeeNo != "" {
		known.Forget(orgmodel.PersonEmployeeNo)
	}
	return p.Merge(known)
}

// findings returns the cells that are not used and, after a full reading, the rows that
// belong to no one, by line.
func (r *roster) findings(report *orgsync.Report) []finding {
	findings := slices.Clone(r.faults)
	if report.Reading.Full {
		known := map[string]bool{}
		maps.Copy(known, r.matched)
		for _, n := range report.Reading.Quarantined { // of no use, but there
			known[n.ID] = true
		}
		for id, line := range r.lines {
			if !known[id] {
				findings = append(findings, finding{Line: line, Column: columns()[0], Reason: "belongs to no one at the source"})
			}
		}
	}
	slices.SortStableFunc(findings, func(a, b finding) int { return cmp.Compare(a.Line, b.Line) })
	return findings
}

// failed reports whether findings are a failure: a cell that is not used is one, and so
// is a roster of which no row belongs to anyone.
func (r *roster) failed(findings []finding) bool {
	return len(r.faults) > 0 || len(findings) > 0 && len(r.matched) == 0
}
