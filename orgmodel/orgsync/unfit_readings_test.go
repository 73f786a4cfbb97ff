package orgsync_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// People are missing from a full reading and there when asked for: it moves no watermark,
// the next run reads everyone, and both say so. The same ones missing once more are
// accepted as unlisted, and named.
func TestI27_openlinker2032(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	first := s.sync()
	s.unlists(sceneID(5), sceneID(6))
	report, err := s.run(orgsync.RunOptions{Full: true})
	require.True(t, sceneIs[*orgsync.ReadingError](err), "%v", err)
	require.NotEmpty(t, report.Reading.Unfit)
	require.Equal(t, first.Reading.Watermark.Cursor, report.Reading.Watermark.Cursor)
	require.NotEmpty(t, report.Reading.WatermarkWhy)
	report, err = s.run()
	require.NoError(t, err, "%s", report.Text())
	require.True(t, report.Reading.Full, "the next one is full")
	require.True(t, sceneNamed(report.Reading.Doubts, sceneID(5)), "unlisted and named")
	require.NotEqual(t, first.Reading.Watermark.Cursor, report.Reading.Watermark.Cursor)
	report = s.sync()
	require.False(t, report.Reading.Full, "accepted")
	require.Len(t, s.staff(), 24)
}

// Others are missing in the second full reading: that is no acceptance.
func TestI27_othersAreMissingNext(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	first := s.sync()
	for n := 5; n <= 8; n++ {
		s.unlists(sceneID(n))
		report, err := s.run(orgsync.RunOptions{Full: n == 5})
		require.True(t, sceneIs[*orgsync.ReadingError](err), "%v", err)
		require.True(t, report.Reading.Full)
		require.Equal(t, first.Reading.Watermark.Cursor, report.Reading.Watermark.Cursor)
		s.source.ClearFaults()
	}
	report := s.sync()
	require.True(t, report.Reading.Full)
	require.False(t, s.sync().Reading.Full)
}

// The people who are hidden are not the ones who are lost: a newcomer that slipped
// through an unfit reading arrives with the next.
func TestI27_frigate24392(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.sync()
	s.hire("person-new", "E90001")
	s.unlists("person-new", sceneID(5))
	_, err := s.run(orgsync.RunOptions{Full: true})
	require.True(t, sceneIs[*orgsync.ReadingError](err), "%v", err)
	s.source.ClearFaults()
	s.later(48 * time.Hour)
	s.sync()
	s.requireRight()
}

// slides makes the source forget people after the second page was cut out.
func (s *scene) slides(ids ...string) {
	n := 0
	s.changesPages(func(_ map[string]any, persons []any) []any {
		if n++; n == 2 {
			for _, id := range ids {
				s.source.RemovePerson(id)
			}
		}
		return persons
	})
}

// Accounts are purged while pages are read, so that a newcomer slides over an edge. The
// pages overlap: the reading goes back, or is not accepted; either way no one is lost.
func TestI27_graphback1724(t *testing.T) {
	t.Parallel()
	for name, prefetch := range map[string]int{"page after page": 1, "ahead": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, purged := range []int{1, 6, 11} {
				s := newScene(t, 3, 40)
				s.options = []orgsync.Option{orgsync.WithSealing([]byte("0123456789abcdef0123456789abcdef"))}
				s.loses = true // of those who are purged while they are read
				s.reader.Pages = yunzhijia.PageOptions{Count: 10, Prefetch: prefetch}
				s.sync()
				for n := range 12 {
					s.hire(fmt.Sprintf("person-n%02d", n), fmt.Sprintf("E91%03d", n))
				}
				var ids []string
				for n := 1; n <= purged; n++ {
					ids = append(ids, sceneID(n))
				}
				s.slides(ids...)
				_, _ = s.run(orgsync.RunOptions{Full: true, Force: true})
				s.source.ClearFaults()
				_, _ = s.run(orgsync.RunOptions{Force: true})
				s.settle()
				for n := range 12 {
					require.Contains(t, s.staff(), fmt.Sprintf("person-n%02d", n), "%d purged", purged)
				}
			}
		})
	}
}

// Pages that never hold still: the run says so, keeps its watermark, and reads in full.
func TestI27_pagesThatNeverFit(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 60)
	s.reader.Pages = yunzhijia.PageOptions{Count: 10, Prefetch: 1}
	first := s.sync()
	n := 0
	s.changesPages(func(_ map[string]any, persons []any) []any {
		if n++; len(persons) > 0 { // every page begins with another row
			persons[0].(map[string]any)["openId"] = fmt.Sprintf("person-x%04d", n)
		}
		return persons
	})
	report, err := s.run(orgsync.RunOptions{Full: true})
	require.Error(t, err)
	if report.Reading.Full {
		require.Equal(t, first.Reading.Watermark.Cursor, report.Reading.Watermark.Cursor)
		require.NotEmpty(t, report.Reading.Unfit, report.Text())
	}
	require.Subset(t, keysOf(s.staff()), keysOf(s.inService()))
	s.source.ClearFaults()
	report, _ = s.run()
	require.True(t, report.Reading.Full)
}

func keysOf[T any](m map[string]T) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

func (s *scene) counts(n int) {
	s.source.Inject(yunzhijiatest.Body(200, "application/json",
		fmt.Sprintf(`{"success":true,"errorCode":100,"error":"","data":{"eid":"10001","userCount":"%d","name":"示例"}}`, n)).On("getcompany").Always())
}

// A server caps its pages, while the company's own count says otherwise.
func TestI27_cappedPages(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"the first time": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 60)
			if before {
				s.sync()
			}
			s.changesPages(func(_ map[string]any, persons []any) []any { return persons[:min(20, len(persons))] })
			report, err := s.run(orgsync.RunOptions{Full: true})
			require.True(t, sceneIs[*orgsync.GuardError](err), "%v", err)
			assert.Contains(t, report.Text(), "counted")
			if before {
				s.requireRight()
			} else {
				require.Empty(t, s.staff())
			}
			_, err = s.run(orgsync.RunOptions{Full: true, Hold: true})
			require.True(t, sceneIs[*orgsync.GuardError](err), "the source is in doubt: nothing goes, %v", err)
		})
	}
}

// The app sees a part of the company: once that was approved, only a change of the
// difference beyond the limit counts.
func TestI27_countedDifferenceIsApproved(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 60)
	s.counts(100)
	_, err := s.run()
	guard := &orgsync.GuardError{}
	require.ErrorAs(t, err, &guard)
	require.Equal(t, orgsync.KindCounted, guard.Violations[0].Kind)
	require.Equal(t, 40, guard.Violations[0].Planned)
	s.sync(orgsync.RunOptions{Approve: orgsync.Approve{Digest: guard.Digest}})
	s.requireRight()
	for range 2 {
		s.sync(orgsync.RunOptions{Full: true})
	}
	require.False(t, s.sync().Reading.Full, "nothing is suspicious any more")
	s.source.ClearFaults()
	s.counts(110) // within the limit of what was accepted
	s.sync(orgsync.RunOptions{Full: true})
	s.source.ClearFaults()
	s.counts(200)
	report, err := s.run()
	require.ErrorAs(t, err, &guard, "%s", report.Text())
	require.True(t, report.Reading.Full, "a count that disagrees makes the same run full")
	require.Equal(t, orgsync.KindCounted, guard.Violations[0].Kind)
}

// A count below what is listed, or none at all, is no reason for anything.
func TestI27_countThatSaysNothing(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"fewer": `{"success":true,"data":{"eid":"10001","userCount":"3"}}`, "none": `{"success":true,"data":{"eid":"10001"}}`,
		"refused": refusal(4030, "无权限"), "empty": `{"success":true,"data":{"eid":"10001","userCount":""}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 60)
			s.source.Inject(yunzhijiatest.Body(200, "application/json", body).On("getcompany").Always())
			s.sync()
			s.sync()
			s.requireRight()
		})
	}
}

// The source's clock goes back an hour, and a rename and a leaver are stamped with it:
// the same run reads everyone, and the watermark follows.
func TestI39_clockGoesBack(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{65 * time.Minute, 2 * time.Hour} {
		t.Run(back.String(), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 3, 24)
			s.sync()
			s.sourceAhead(-back)
			s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.Name = "改名" })
			s.source.Leave(sceneID(6))
			report := s.sync()
			require.True(t, report.Reading.Full, "in the same run")
			s.requireRight()
			require.NotContains(t, s.staff(), sceneID(6))
			require.WithinDuration(t, s.sourceNow(), report.Reading.Watermark.Time, time.Minute, "back, if need be")
			s.source.UpdatePerson(sceneID(7), func(p *yunzhijia.Person) { p.Name = "改名" })
			require.False(t, s.sync().Reading.Full)
			s.requireRight()
		})
	}
}

// A watermark from the future, left by a clock that was wrong everywhere, silences
// no one: the same run reads everyone and comes back to the present.
func TestI39_watermarkFromTheFuture(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.later(90 * 24 * time.Hour)
	s.sync()
	s.later(-90 * 24 * time.Hour)
	s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.Name = "改名" })
	s.source.Leave(sceneID(6))
	report := s.sync()
	require.True(t, report.Reading.Full)
	s.requireRight()
	require.WithinDuration(t, s.now(), report.Reading.Watermark.Time, time.Minute)
	s.number(sceneID(7), "E70000")
	require.False(t, s.sync().Reading.Full)
	s.requireRight()
}

// Our clock alone is put right, while the source stays ahead: the watermark lies in the
// future, and every run is full until it does not.
func TestI39_watermarkAheadOfUs(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	s.later(90 * 24 * time.Hour)
	s.sync()
	s.later(-90 * 24 * time.Hour)
	s.sourceAhead(90 * 24 * time.Hour)
	s.source.Leave(sceneID(6))
	for range 2 {
		report, err := s.run()
		require.NoError(t, err)
		require.True(t, report.Reading.Full, "not believed")
		s.requireRight()
	}
	s.sourceAhead(0)
	require.True(t, s.sync().Reading.Full)
	require.False(t, s.sync().Reading.Full)
	s.requireRight()
}

// The source alone is ahead: its watermark is not taken, and nothing is lost.
func TestI09_rangerPR165(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	first := s.sync()
	s.sourceAhead(40 * 24 * time.Hour)
	s.source.UpdatePerson(sceneID(5), func(p *yunzhijia.Person) { p.Name = "改名" })
	report, _ := s.run()
	require.Equal(t, first.Reading.Watermark.Cursor, report.Reading.Watermark.Cursor)
	require.NotEmpty(t, report.Reading.WatermarkWhy)
	s.sourceAhead(0)
	s.source.UpdatePerson(sceneID(6), func(p *yunzhijia.Person) { p.Name = "改名" })
	s.settle()
	s.requireRight()
}

// Removals stamped by a clock that was ahead do not count indefinitely, nor do they hide
// that too many go.
func TestI29_oriruntime634(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 300)
	s.sync()
	ahead := time.Duration(0)
	s.options = []orgsync.Option{orgsync.WithClock(func() time.Time { return s.now().Add(ahead) })}
	for n := 1; n <= 12; n++ {
		s.source.Leave(sceneID(n))
	}
	ahead = 73 * 365 * 24 * time.Hour
	s.sync()
	ahead = 0
	for n := 21; n <= 26; n++ {
		s.source.Leave(sceneID(n))
	}
	s.later(30 * 24 * time.Hour)
	s.sync()
	s.requireRight()
	for n := 31; n <= 60; n++ {
		s.source.Leave(sceneID(n))
	}
	_, err := s.run()
	require.True(t, sceneIs[*orgsync.GuardError](err), "%v", err)
}

// An approval stamped in the future holds for nothing, and a full reading dated in the
// future does not put off the next one.
func TestI29_rai35(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3, 24)
	ahead := 400 * 24 * time.Hour
	s.options = []orgsync.Option{orgsync.WithClock(func() time.Time { return s.now().Add(ahead) })}
	s.sync()
	ahead = 0
	report := s.sync()
	require.True(t, report.Reading.Full, "the last full reading lies in the future")
	require.False(t, s.sync().Reading.Full)
	s.later(8 * 24 * time.Hour)
	require.True(t, s.sync().Reading.Full, "and the next is due after seven days")
}
