package orgsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/tuzhan"
)

// Every code has a text of its own, so that none is taken for another one, and what the
// state keeps as a text is understood again.
func TestRemarkTexts(t *testing.T) {
	t.Parallel()
	require.Len(t, remarkCodes, len(remarkTexts))
	for code, text := range remarkTexts {
		assert.Equal(t, said{Remark{Code: code}, text}, say(code))
		assert.Equal(t, code, understood(text).Code)
		assert.NotContains(t, remarkFormats, code)
	}
	for code, format := range remarkFormats {
		args := slices.Repeat([]string{"x<y"}, strings.Count(format, "%"))
		assert.NotContains(t, say(code, args...).text, "%!", code)
	}
	assert.Equal(t, said{Remark{RemarkOther, []string{"something new"}}, "something new"}, understood("something new"))
}

func TestRemarksOfErrors(t *testing.T) {
	t.Parallel()
	vendor := &tuzhan.Error{Vendor: "tuzhan", Op: "employee/batchAdd", HTTPStatus: 503, Message: "王岚 已存在"}
	masked := &maskedError{text: "tuzhan employee/batchAdd: *** 已存在", err: vendor}
	for name, c := range map[string]struct {
		err  error
		want []Remark
	}{
		"none":   {nil, nil},
		"guard":  {&GuardError{Violations: []Violation{{Kind: KindPeople, Target: "t", Planned: 3, Of: 9, Allowed: 1}}}, []Remark{{RemarkGuard, []string{"people", "t", "", "3", "9", "1"}}}},
		"source": {&SourceError{"yunzhijia", errSourceDown}, []Remark{{RemarkSource, []string{"yunzhijia", "not-asked"}}}},
		"a vendor": {&SourceError{"yunzhijia", vendor}, []Remark{{RemarkSource, []string{
			"yunzhijia", "unavailable", "tuzhan", "employee/batchAdd", "503", "", "王岚 已存在",
		}}}},
		"a name": {&SourceError{"yunzhijia", masked}, []Remark{{RemarkSource, []string{
			"yunzhijia", "unavailable", "tuzhan", "employee/batchAdd", "503", "", "",
		}}}},
		"reading": {&ReadingError{Source: "y", Reasons: []string{"x"}, Unanswered: true}, []Remark{{RemarkReading, []string{"y"}}, {RemarkUnanswered, []string{"y"}}}},
		"several, and one twice": {
			errors.Join(&TargetError{Target: "a", Failed: 2}, &TargetError{Target: "a", Failed: 2}, &TargetError{Target: "b", NotSent: 1, Err: ErrLeaseLost}),
			[]Remark{{RemarkTarget, []string{"a", "2", "0"}}, {RemarkTarget, []string{"b", "0", "1", "lease-lost"}}},
		},
		"scope":                  {&CoverageError{Reason: remarkTexts[RemarkScopeUnknown]}, []Remark{{Code: RemarkScopeUnknown}}},
		"empty scope":            {&CoverageError{Reason: remarkTexts[RemarkHoldsNoOne]}, []Remark{{Code: RemarkScopeEmpty}}},
		"holds no one":           {&CoverageError{Target: "a", Reason: remarkTexts[RemarkHoldsNoOne], InScope: 5}, []Remark{{RemarkHoldsNoOne, []string{"a", "5", "0"}}}},
		"unplannable":            {&CoverageError{Target: "a", Reason: "holds 3 people …", InScope: 5, Planned: 2, Unplannable: 3}, []Remark{{RemarkUnplannable, []string{"a", "5", "2", "3"}}}},
		"destination":            {&DestinationError{"a", reasonOtherTenant}, []Remark{{RemarkOtherTenant, []string{"a"}}}},
		"locked":                 {&LockedError{Holder: "host 1"}, []Remark{{RemarkLocked, []string{"host 1"}}}},
		"locked by no one known": {fmt.Errorf("x: %w", ErrLocked), []Remark{{RemarkLocked, []string{""}}}},
		"interrupted":            {context.Canceled, []Remark{{Code: RemarkInterrupted}}},
		"no replacement":         {fmt.Errorf("%w: %s", ErrNoReplacement, "there is a scope"), []Remark{{RemarkNotReplacedBecause, []string{"there is a scope"}}}},
		"a field":                {&orgmodel.ConversionError{Entity: orgmodel.EntityPerson, ID: "1", Field: "mobile", Reason: "is empty"}, []Remark{{RemarkField, []string{"mobile", "is empty"}}}},
		"no record":              {&Unclear{}, []Remark{{Code: RemarkNoRecord}}},
		"another":                {errors.New("orgsync: out of paper"), []Remark{{RemarkOther, []string{"out of paper"}}}},
	} {
		assert.Equal(t, c.want, Remarks(c.err), name)
	}
	for err, code := range map[error]RemarkCode{
		tuzhan.ErrUnauthorized: RemarkUnauthorized, tuzhan.ErrRateLimited: RemarkRateLimited, tuzhan.ErrNotSent: RemarkNotSent,
		tuzhan.ErrUnavailable: RemarkUnavailable, tuzhan.ErrMalformed: RemarkMalformed, context.DeadlineExceeded: RemarkTimeout, errors.New("x"): RemarkRefused,
	} {
		got := remarkOf(&tuzhan.Error{Vendor: "tuzhan", Op: "x", Err: err})
		assert.Equal(t, code, got.Code)
		assert.Len(t, got.Args, 5)
	}
}

// What an argument holds is masked with the text.
func TestRemarkIsMasked(t *testing.T) {
	t.Parallel()
	r := Remark{RemarkOther, []string{"a", "b"}}
	assert.Equal(t, Remark{RemarkOther, []string{`"a"`, `"b"`}}, r.mapped(strconv.Quote))
	assert.Equal(t, []string{"a", "b"}, r.Args)
	assert.True(t, Remark{}.mapped(strconv.Quote).IsZero())
	assert.NotEmpty(t, slices.Collect(maps.Keys(remarkFormats)))
}
