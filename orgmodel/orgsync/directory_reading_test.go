package orgsync_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// The watermark is the vendor's clock as the reading began.
func TestDirectory_watermark(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 3, 10)
	report := w.synced(t)
	assert.Equal(t, w.now().UTC(), report.Reading.Watermark.Time)
	assert.Equal(t, string(yunzhijia.CursorAt(w.now(), nil)), report.Reading.Watermark.Cursor, "in Beijing")
	assert.Empty(t, report.Reading.Watermark.Memory)
}

// Without anything remembered, a row that names no one puts all side jobs in doubt.
func TestDirectory_firstReadingInDoubt(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 5, 30)
	w.source.SetSideJobs(person(7), yunzhijia.SideJob{OrgID: "org-0004"})
	w.source.Inject(yunzhijiatest.MutateBody(editRows(func(rows []any) []any {
		rows[0] = "?"
		return rows
	})).On("company/queryPartTimeJobs"))
	w.synced(t)
	assert.Equal(t, []string{"org-0002", "org-0004"}, w.atCare(person(7)).DepartmentID.Or(nil))
	assert.Equal(t, 1, w.source.Count("relation/queryPersonOrgJobInfo"), "30 people at 200 a call")
	w.requireInStep()
}

// Departments that are not listed, and are the parents of others, are asked for.
func TestDirectory_departmentNotListed(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 12, 30) // org-0010 and later are below org-0002
	w.source.Inject(yunzhijiatest.MutateBody(editRows(func(rows []any) []any {
		return slices.DeleteFunc(rows, func(row any) bool { return row.(map[string]any)["id"] == "org-0002" })
	})).On("dept/getall").Always())
	w.synced(t)
	w.requireInStep()
}

// A list of people that never stands still is no full reading.
func TestDirectory_pagesMoved(t *testing.T) {
	t.Parallel()
	w := newDirectory(t, 3, 60)
	w.synced(t)
	before := w.mark
	w.directory.Pages = yunzhijia.PageOptions{Count: 6, Prefetch: 1}
	n := 0
	w.source.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte {
		if n++; n < 50 {
			w.source.UpdatePerson(person(n), func(p *yunzhijia.Person) { p.Status = yunzhijia.StatusLeft })
		}
		return body
	}).On("person/getall").Always())
	report, err := w.run(orgsync.RunOptions{Full: true})
	require.Error(t, err)
	assert.Contains(t, report.Reading.Unfit, "pages moved while they were read")
	assert.Equal(t, before, report.Reading.Watermark.Time)
	w.source.ClearFaults()
	w.later(time.Hour)
	report, err = w.run(orgsync.RunOptions{Force: true})
	require.NoError(t, err, report.Text())
	assert.True(t, report.Reading.Full, "the next one is full")
	w.requireInStep()
}
