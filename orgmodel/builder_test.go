package orgmodel_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// failing yields records and then an error.
func failing[T any](err error, records ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record := range rows(records...) {
			if !yield(record, nil) {
				return
			}
		}
		var none T
		yield(none, err)
	}
}

func kinds(problems []orgmodel.Problem) []string {
	list := []string{}
	for _, problem := range problems {
		list = append(list, problem.Error())
	}
	return list
}

func TestBuilderKeepsTheEvidence(t *testing.T) {
	t.Parallel()
	departments := rows(department("d1", "", "总部"))
	people := rows(person("u1", "张三", "d1"))
	refused := &orgmodel.ConversionError{Entity: orgmodel.EntityPerson, ID: "u9", Field: "status", Reason: "is unheard of"}
	for name, tc := range map[string]struct {
		pull func(b *orgmodel.Builder)
		want []string
	}{
		"whole":             {func(b *orgmodel.Builder) { _ = b.AddDepartments(departments); _ = b.AddPeople(people) }, nil},
		"nothing read":      {func(*orgmodel.Builder) {}, []string{"department: not read", "person: not read"}},
		"people never read": {func(b *orgmodel.Builder) { _ = b.AddDepartments(departments) }, []string{"person: not read"}},
		"empty people": {func(b *orgmodel.Builder) { _ = b.AddDepartments(departments); _ = b.AddPeople(rows[orgmodel.Person]()) },
			[]string{"person: nothing there"}},
		"empty increment": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(rows[orgmodel.Person](), orgmodel.Incremental)
		}, nil},
		"failed page": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(failing(context.Canceled, person("u1", "张三", "d1")))
		}, []string{"person: pull did not reach its end"}},
		"a later pull does not heal a failed one": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(failing[orgmodel.Department](context.Canceled))
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(people)
		}, []string{"department: pull did not reach its end"}},
		"no iterator": {func(b *orgmodel.Builder) { _ = b.AddDepartments(departments); _ = b.AddPeople(nil) },
			[]string{"person: pull did not reach its end"}},
		"panic in the pull": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			defer func() { _ = recover() }()
			_ = b.AddPeople(func(yield func(orgmodel.Person, error) bool) {
				yield(person("u1", "张三", "d1"), nil)
				panic("page 2")
			})
		}, []string{"person: pull did not reach its end"}},
		"quarantined record": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(people)
			_ = b.AddPeople(failing[orgmodel.Person](fmt.Errorf("row 7: %w", refused)))
		}, []string{`person: quarantined "u9"`}},
		"record without an id": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(rows(person("u1", "张三", "d1"), person(" ", "李四", "d1")))
		}, []string{"person: empty id"}},
		"repeated id": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(rows(person("u1", "张三", "d1"), person("u1", "张三", "d1"), person("u1", "张三", "d1")))
		}, []string{`person: duplicate id "u1"`}},
		"missing parent": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(rows(department("d1", "", "总部"), department("d3", "d2", "一组")))
			_ = b.AddPeople(people)
		}, []string{`department: parent is missing "d3", "d2"`}},
		"missing department": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(departments)
			_ = b.AddPeople(rows(person("u1", "张三", "d1", "d2")))
		}, []string{`person: department is missing "u1", "d2"`}},
		"increment of departments": {func(b *orgmodel.Builder) {
			_ = b.AddDepartments(rows(department("d3", "d2", "一组")), orgmodel.Incremental)
			_ = b.AddPeople(people)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b orgmodel.Builder
			tc.pull(&b)
			dir := b.Seal()
			assert.Equal(t, tc.want == nil, dir.Complete())
			assert.Equal(t, append([]string{}, tc.want...), kinds(dir.Incomplete()))
		})
	}
}

func TestBuilderReturnsTheErrorOfAPull(t *testing.T) {
	t.Parallel()
	var b orgmodel.Builder
	err := b.AddPeople(failing(context.DeadlineExceeded, person("u1", "张三", "d1")))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "person pull")
	require.Error(t, b.AddDepartments(nil))
	dir := b.Seal()
	assert.Equal(t, 1, dir.NumPeople(), "what was read is there")
}

func TestSealedBuilderRefuses(t *testing.T) {
	t.Parallel()
	var b orgmodel.Builder
	dir := b.Seal()
	require.ErrorIs(t, b.AddDepartments(rows(department("d1", "", "总部"))), orgmodel.ErrSealed)
	require.ErrorIs(t, b.AddPeople(rows(person("u1", "张三", "d1"))), orgmodel.ErrSealed)
	assert.Same(t, dir, b.Seal())
	assert.Zero(t, dir.NumDepartments())
}

func TestSealInsideAPull(t *testing.T) {
	t.Parallel()
	var b orgmodel.Builder
	require.NoError(t, b.AddDepartments(rows(department("d1", "", "总部"))))
	var dir *orgmodel.Directory
	require.NoError(t, b.AddPeople(func(yield func(orgmodel.Person, error) bool) {
		yield(person("u1", "张三", "d1"), nil)
		dir = b.Seal()
		yield(person("u2", "李四", "d1"), nil)
	}))
	assert.Equal(t, 1, dir.NumPeople())
	assert.False(t, dir.Complete())
}

func TestLastRecordOfAFeedWins(t *testing.T) {
	t.Parallel()
	first, last := person("u1", "张三", "d1"), person("u1", "张三", "d2")
	last.Forget(orgmodel.PersonStatus)
	dir := seal(t, []orgmodel.Department{department("d1", "", "总部"), department("d2", "d1", "销售部")},
		[]orgmodel.Person{first, last}, orgmodel.LastWins)
	assert.True(t, dir.Complete())
	got, _ := dir.Person("u1")
	assert.True(t, last.Equal(got), "the record replaces the earlier one, it is not mixed with it")

	plain := seal(t, []orgmodel.Department{department("d1", "", "总部")}, []orgmodel.Person{first, last})
	got, _ = plain.Person("u1")
	assert.True(t, first.Equal(got))
	require.ErrorIs(t, plain.Validate(), orgmodel.ErrDuplicateID)
}

func TestQuarantineInAFeed(t *testing.T) {
	t.Parallel()
	good := person("u1", "张三", "d1")
	bad := func(id string) iter.Seq2[orgmodel.Person, error] {
		return failing[orgmodel.Person](orgmodel.Person{ID: id}.Refuse(orgmodel.PersonStatus, "is unheard of"))
	}
	var b orgmodel.Builder
	require.NoError(t, b.AddPeople(bad("u1"), orgmodel.LastWins))
	require.NoError(t, b.AddPeople(rows(good), orgmodel.LastWins))
	dir := b.Seal()
	assert.Empty(t, dir.Quarantined(), "a later good record replaces the bad one")
	assert.Equal(t, 1, dir.NumPeople())

	b = orgmodel.Builder{}
	require.NoError(t, b.AddPeople(rows(good), orgmodel.LastWins))
	require.NoError(t, b.AddPeople(bad("u1"), orgmodel.LastWins))
	require.NoError(t, b.AddPeople(bad(""), orgmodel.LastWins))
	dir = b.Seal()
	assert.Zero(t, dir.NumPeople(), "the earlier record is out of date, and nobody can read the later one")
	require.Len(t, dir.Quarantined(), 2)
	assert.Equal(t, "u1", dir.Quarantined()[1].ID)

	b = orgmodel.Builder{}
	require.NoError(t, b.AddPeople(bad("u1")))
	require.NoError(t, b.AddPeople(rows(good)))
	assert.Zero(t, b.Seal().NumPeople(), "without a feed's order, which of the two is right is unknown")
}

func TestConvert(t *testing.T) {
	t.Parallel()
	convert := func(n int) (orgmodel.Person, error) {
		p := person(fmt.Sprint("u", n), "张三", "d1")
		if n == 2 {
			return orgmodel.Person{}, p.Refuse(orgmodel.PersonMobile, "is required and unknown")
		}
		return p, nil
	}
	var b orgmodel.Builder
	require.NoError(t, b.AddPeople(orgmodel.Convert(rows(1, 2, 3), convert)))
	dir := b.Seal()
	assert.Equal(t, []string{"u1", "u3"}, idsOf(slices.Collect(dir.People()), personID))
	require.Len(t, dir.Quarantined(), 1)
	require.EqualError(t, dir.Quarantined()[0], `orgmodel: person "u2": mobile: is required and unknown`)

	var seen []error
	for _, err := range orgmodel.Convert(failing(context.Canceled, 1), convert) {
		seen = append(seen, err)
	}
	assert.Equal(t, []error{nil, context.Canceled}, seen)
	for range orgmodel.Convert(rows(1, 2), convert) {
		break
	}
	require.EqualError(t, &orgmodel.ConversionError{Entity: orgmodel.EntityDepartment, Reason: "is not a JSON object"},
		`orgmodel: department "": is not a JSON object`)
}

// A row that the client could not read is quarantined, and the pull goes on.
func TestConvertOfAnUnreadableRow(t *testing.T) {
	t.Parallel()
	pull := func(yield func(int, error) bool) {
		for i, err := range []error{
			nil, &yunzhijia.RowError{ID: "2", Field: "name", Problem: "holds half a character"}, nil, &yunzhijia.RowError{Problem: "is no object"},
		} {
			if !yield(i+1, err) {
				return
			}
		}
	}
	var people orgmodel.Builder
	require.NoError(t, people.AddPeople(orgmodel.Convert(pull, func(n int) (orgmodel.Person, error) {
		return orgmodel.Person{ID: strconv.Itoa(n)}, nil
	})))
	directory := people.Seal()
	assert.Equal(t, 2, directory.NumPeople())
	var refused []*orgmodel.ConversionError
	for _, err := range orgmodel.Convert(pull, func(int) (orgmodel.Department, error) { return orgmodel.Department{}, nil }) {
		if bad, ok := errors.AsType[*orgmodel.ConversionError](err); ok {
			refused = append(refused, bad)
		}
	}
	assert.Equal(t, []*orgmodel.ConversionError{
		{Entity: orgmodel.EntityDepartment, ID: "2", Field: "name", Reason: "holds half a character"},
		{Entity: orgmodel.EntityDepartment, Reason: "is no object"},
	}, refused)
	for range orgmodel.Convert(pull, func(int) (orgmodel.Person, error) { return orgmodel.Person{}, nil }) {
		break
	}
}

func TestConvertOfNothing(t *testing.T) {
	t.Parallel()
	rows := func(yield func(yunzhijia.Person, error) bool) { yield(yunzhijia.Person{OpenID: "a"}, nil) }
	for _, pull := range []iter.Seq2[orgmodel.Person, error]{
		orgmodel.Convert(nil, orgmodel.Yunzhijia{}.Person),
		orgmodel.Convert[yunzhijia.Person, orgmodel.Person](rows, nil),
	} {
		var b orgmodel.Builder
		require.ErrorContains(t, b.AddPeople(pull), "is nil")
		assert.False(t, b.Seal().Complete())
	}
}
