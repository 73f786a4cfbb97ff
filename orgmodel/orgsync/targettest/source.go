package targettest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// SourceOptions tell [Source] more about a source. All are optional.
type SourceOptions struct {
	// Unknown are ids that nothing has. The default is made up.
	Unknown []string
}

// Source checks the sources that open returns: one of the same organisation, which does
// not change meanwhile, for every call. It needs a few departments and people.
func Source(t *testing.T, open func(t testing.TB) orgsync.Source, options SourceOptions) {
	t.Helper()
	for _, c := range sourceChecks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, sourceSuite{open: open, SourceOptions: options})
		})
	}
}

type sourceSuite struct {
	SourceOptions

	open func(t testing.TB) orgsync.Source
}

func (s sourceSuite) unknown() []string {
	if len(s.Unknown) > 0 {
		return s.Unknown
	}
	return []string{"targettest-5f0c6b1e9a7d4c33", "targettest-8be14d20c97f4a66"}
}

type sourceCheck struct {
	name string
	run  func(t testing.TB, s sourceSuite)
}

func sourceChecks() []sourceCheck {
	return []sourceCheck{
		{"Name", checkSourceName},
		{"Departments", checkSourceDepartments},
		{"People", checkSourcePeople},
		{"Incremental", checkIncremental},
		{"LeftEarly", checkLeftEarly},
		{"PointReads", checkPointReads},
		{"Batches", checkBatches},
		{"UnknownIDs", checkUnknownIDs},
		{"EndedContext", checkSourceEndedContext},
		{"Cancel", checkCancel},
		{"Count", checkCount},
	}
}

// listed is the whole of a sequence. Records that were set aside count by their ids.
func listed[T any](t testing.TB, seq iter.Seq2[T, error], id func(T) string) (records map[string]T, order []string) {
	t.Helper()
	records = map[string]T{}
	for record, err := range seq {
		if aside, ok := errors.AsType[*orgmodel.ConversionError](err); ok {
			order = append(order, aside.ID)
			continue
		}
		require.NoError(t, err)
		require.NotEmpty(t, id(record), "a record without an id")
		records[id(record)] = record
		order = append(order, id(record))
	}
	require.NotEmpty(t, records, "the suite needs some records")
	return records, order
}

func departmentID(d orgmodel.Department) string { return d.ID }
func personID(p orgmodel.Person) string         { return p.ID }

func checkSourceName(t testing.TB, s sourceSuite) {
	source := s.open(t)
	require.NotEmpty(t, source.Name())
	require.Equal(t, source.Name(), source.Name())
}

func checkSourceDepartments(t testing.TB, s sourceSuite) {
	source := s.open(t)
	seq := source.Departments(t.Context())
	_, first := listed(t, seq, departmentID)
	_, again := listed(t, seq, departmentID)
	require.ElementsMatch(t, first, again, "ranged over again, a sequence begins again")
	_, anew := listed(t, source.Departments(t.Context()), departmentID)
	require.ElementsMatch(t, first, anew)
	slices.Sort(first)
	require.Equal(t, slices.Compact(slices.Clone(first)), first, "a department twice")
}

func checkSourcePeople(t testing.TB, s sourceSuite) {
	source := s.open(t)
	seq, upTo := source.People(t.Context(), orgsync.Watermark{})
	first, _ := listed(t, seq, personID)
	mark, err := upTo()
	require.NoError(t, err, "the sequence has ended")
	again, _ := listed(t, seq, personID)
	require.Len(t, again, len(first), "ranged over again, a sequence begins again")
	seq, upTo = source.People(t.Context(), orgsync.Watermark{})
	anew, _ := listed(t, seq, personID)
	require.Len(t, anew, len(first))
	later, err := upTo()
	require.NoError(t, err)
	require.False(t, later.Time.Before(mark.Time), "the watermark goes back")
	if !mark.IsZero() {
		require.NotEmpty(t, mark.Cursor)
		require.False(t, mark.Time.IsZero(), "a watermark has both cursor and time")
	}
	for id, p := range first {
		require.True(t, p.Known.Has(orgmodel.PersonStatus), "%q has no status", id)
	}
}

// checkIncremental demands that a reading from a watermark names no one whom a whole
// one does not name, leavers excepted: a whole one may list people in service alone.
func checkIncremental(t testing.TB, s sourceSuite) {
	source := s.open(t)
	seq, upTo := source.People(t.Context(), orgsync.Watermark{})
	everyone, _ := listed(t, seq, personID)
	mark, err := upTo()
	require.NoError(t, err)
	if mark.IsZero() {
		return // the source reads everyone each time
	}
	changed, upTo := source.People(t.Context(), mark)
	for p, err := range changed {
		require.NoError(t, err)
		if !p.Known.Has(orgmodel.PersonStatus) || p.Status == orgmodel.StatusActive {
			require.Contains(t, everyone, p.ID)
		}
	}
	next, err := upTo()
	require.NoError(t, err, "a quiet feed has an end too")
	require.False(t, next.Time.Before(mark.Time), "the watermark goes back")
}

// checkLeftEarly demands that a sequence can be left, and then gives no watermark.
func checkLeftEarly(t testing.TB, s sourceSuite) {
	source := s.open(t)
	for _, err := range source.Departments(t.Context()) {
		require.NoError(t, err)
		break
	}
	seq, upTo := source.People(t.Context(), orgsync.Watermark{})
	for _, err := range seq {
		require.NoError(t, err)
		break
	}
	mark, err := upTo()
	require.True(t, err != nil || mark.IsZero(), "a reading that was left early has a watermark: the rest would never be read")
}

// some returns a few ids.
func some[T any](records map[string]T) []string {
	ids := make([]string, 0, len(records))
	for id := range records {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) > 5 {
		ids = append(ids[:3:3], ids[len(ids)-2:]...)
	}
	return ids
}

func checkPointReads(t testing.TB, s sourceSuite) {
	source := s.open(t)
	seq, _ := source.People(t.Context(), orgsync.Watermark{})
	people, _ := listed(t, seq, personID)
	for _, id := range some(people) {
		p, err := source.Person(t.Context(), id)
		require.NoError(t, err, "%q is listed", id)
		require.Equal(t, id, p.ID, "another person was returned")
		require.True(t, p.Known.Has(orgmodel.PersonStatus), "%q has no status when asked for", id)
		require.Equal(t, people[id].Status == orgmodel.StatusActive, p.Status == orgmodel.StatusActive, "%q is in service in one of them", id)
		for _, field := range []orgmodel.PersonField{orgmodel.PersonName, orgmodel.PersonMobile, orgmodel.PersonEmployeeNo} {
			if people[id].Known.Has(field) && p.Known.Has(field) {
				require.Equal(t, text(people[id], field), text(p, field), "%q: %s", id, field)
			}
		}
	}
	departments, _ := listed(t, source.Departments(t.Context()), departmentID)
	for _, id := range some(departments) {
		d, err := source.Department(t.Context(), id)
		require.NoError(t, err, "%q is listed", id)
		require.Equal(t, id, d.ID, "another department was returned")
		require.Equal(t, departments[id].Name, d.Name, "%q: name", id)
	}
}

// checkBatches demands that many people are read as each of them is, in the order in which
// they were asked for, and that one who does not exist takes nothing from the others.
func checkBatches(t testing.TB, s sourceSuite) {
	source := s.open(t)
	batch, can := source.(orgsync.BatchReader)
	if !can {
		return
	}
	seq, _ := source.People(t.Context(), orgsync.Watermark{})
	people, _ := listed(t, seq, personID)
	ids := append([]string{s.unknown()[0]}, some(people)...)
	slices.Reverse(ids)
	ids = append(ids, s.unknown()[1])
	reads := batch.Persons(t.Context(), ids)
	require.Len(t, reads, len(ids), "an answer for each id")
	for i, id := range ids {
		alone, err := source.Person(t.Context(), id)
		if err != nil {
			requireUnknown(t, reads[i].Err, "person "+id+", among others")
			continue
		}
		require.NoError(t, reads[i].Err, "%q, among others", id)
		require.Equal(t, alone, reads[i].Person, "%q, among others", id)
	}
	require.Empty(t, batch.Persons(t.Context(), nil), "no one was asked for")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i, read := range batch.Persons(ended, ids) {
		require.Error(t, read.Err, "%q, although the context has ended", ids[i])
		unclear, ok := errors.AsType[*orgsync.Unclear](read.Err)
		require.False(t, ok || errors.Is(read.Err, orgsync.ErrNotFound), "%q is gone because the context has ended: %v", ids[i], unclear)
	}
}

func text(p orgmodel.Person, field orgmodel.PersonField) string {
	switch field {
	case orgmodel.PersonName:
		return p.Name
	case orgmodel.PersonMobile:
		return p.Mobile
	default:
		return p.EmployeeNo
	}
}

// checkUnknownIDs demands that the engine can tell what does not exist.
func checkUnknownIDs(t testing.TB, s sourceSuite) {
	source := s.open(t)
	for _, id := range s.unknown() {
		_, err := source.Person(t.Context(), id)
		requireUnknown(t, err, "person "+id)
		_, err = source.Department(t.Context(), id)
		requireUnknown(t, err, "department "+id)
	}
	_, err := source.Person(t.Context(), "")
	require.Error(t, err, "a person without an id")
	_, err = source.Department(t.Context(), "")
	require.Error(t, err, "a department without an id")
}

func requireUnknown(t testing.TB, err error, what string) {
	t.Helper()
	require.Error(t, err, "%s does not exist", what)
	unclear, ok := errors.AsType[*orgsync.Unclear](err)
	require.True(t, ok || errors.Is(err, orgsync.ErrNotFound), "%s: neither ErrNotFound nor *Unclear: %v", what, err)
	if ok {
		require.NotEmpty(t, unclear.Signature, "%s: an answer without a signature equals all others", what)
	}
}

// requireCut demands that a sequence does not pass for whole although it was cut off.
func requireCut[T any](t testing.TB, seq iter.Seq2[T, error], whole int, what string) {
	t.Helper()
	n := 0
	for _, err := range seq {
		if err != nil {
			if _, one := errors.AsType[*orgmodel.ConversionError](err); !one {
				return
			}
		}
		n++
	}
	require.Equal(t, whole, n, "%s: the sequence ended without an error before its end", what)
}

func checkSourceEndedContext(t testing.TB, s sourceSuite) {
	source := s.open(t)
	_, departments := listed(t, source.Departments(t.Context()), departmentID)
	seq, _ := source.People(t.Context(), orgsync.Watermark{})
	_, people := listed(t, seq, personID)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	requireCut(t, source.Departments(ctx), len(departments), "departments")
	seq, _ = source.People(ctx, orgsync.Watermark{})
	requireCut(t, seq, len(people), "people")
	for what, read := range map[string]func() error{
		"person":     func() error { _, err := source.Person(ctx, people[0]); return err },
		"department": func() error { _, err := source.Department(ctx, departments[0]); return err },
		"no person":  func() error { _, err := source.Person(ctx, s.unknown()[0]); return err },
	} {
		err := read()
		if what == "no person" {
			require.Error(t, err)
		}
		_, unclear := errors.AsType[*orgsync.Unclear](err)
		known := what != "no person" && errors.Is(err, orgsync.ErrNotFound)
		require.False(t, unclear || known, "%s: a call that was cut off says nothing about the record: %v", what, err)
	}
}

// checkCancel ends the context in the middle of a reading.
func checkCancel(t testing.TB, s sourceSuite) {
	source := s.open(t)
	seq, _ := source.People(t.Context(), orgsync.Watermark{})
	_, people := listed(t, seq, personID)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seq, upTo := source.People(ctx, orgsync.Watermark{})
	cut := func(yield func(orgmodel.Person, error) bool) {
		for p, err := range seq {
			cancel()
			if !yield(p, err) {
				return
			}
		}
	}
	n := 0
	failed := false
	for _, err := range cut {
		if _, one := errors.AsType[*orgmodel.ConversionError](err); err != nil && !one {
			failed = true
			break
		}
		n++
	}
	if failed {
		mark, err := upTo()
		require.True(t, err != nil || mark.IsZero(), "a reading that was cut off has a watermark")
		return
	}
	require.Equal(t, len(people), n, "the sequence ended without an error before its end")
}

func checkCount(t testing.TB, s sourceSuite) {
	counter, ok := s.open(t).(orgsync.Counter)
	if !ok {
		return
	}
	n, known, err := counter.CountPeople(t.Context())
	require.NoError(t, err)
	require.False(t, n < 0, fmt.Sprint("counts ", n))
	again, knownAgain, err := counter.CountPeople(t.Context())
	require.NoError(t, err)
	require.Equal(t, known, knownAgain)
	require.Equal(t, n, again)
}
