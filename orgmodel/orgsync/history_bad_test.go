package orgsync_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// at is a moment of the chronicles that are made by hand.
func at(hour int) time.Time { return time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC) }

func markAt(hour int) orgsync.Watermark {
	return orgsync.Watermark{Cursor: at(hour).Format(time.DateTime), Time: at(hour)}
}

// scripted is a chronicle made by hand. The target t knows people by their ids, k by keys
// that are unique, r by keys that are the records.
func scripted(parts ...[]event) chronicle {
	c := chronicle(slices.Concat(parts...))
	for i := range c {
		c[i].At = at(12)
	}
	return c
}

func beginning(change func(f *runFacts)) event {
	limits := orgsync.DefaultLimits()
	f := runFacts{Limits: &limits, Truth: []string{"a", "b"}, Keyed: map[string]bool{"k": false, "r": true}}
	if change != nil {
		change(&f)
	}
	return event{Kind: kindBegin, Options: &f}
}

func someone(id, status string) row {
	return row{ID: id, Status: status, No: "N" + id, Departments: []string{"d"}, Fields: map[string]string{"name": "n" + id, "mobile": "m" + id}}
}

func listed(rows ...row) event {
	return event{Kind: kindPeople, Rows: rows, UpTo: markAt(11)}
}

func feed(rows ...row) event {
	return event{Kind: kindPeople, Rows: rows, Since: markAt(10), UpTo: markAt(11)}
}

func tree() event {
	return event{Kind: kindDepartments, Rows: []row{{ID: "d"}, {ID: "e", Parent: "d"}}}
}

func asked(id, answer string) event {
	e := event{Kind: kindPoint, Entity: "person", ID: id, Answer: answer}
	switch answer {
	case answerActive:
		e.Rows = []row{someone(id, answerActive)}
	case answerLeft:
		e.Rows = []row{someone(id, answerLeft)}
	case answerUnclear:
		e.Signature = "200|1|#不存在"
	}
	return e
}

func called(n int, target, op string, items ...sent) event {
	return event{Kind: kindCall, Call: n, Target: target, Op: op, Items: items, Destination: "somewhere"}
}

func answered(n int, target string, outcomes ...string) event {
	return event{Kind: kindAnswer, Call: n, Target: target, Outcomes: outcomes}
}

func record(id, key string) sent {
	return sent{ID: id, Key: key, Active: true, Fields: map[string]string{"name": "n" + id}, Digest: "of " + id}
}

func off(id, key string) sent { return sent{ID: id, Key: key, Digest: "off " + id} }

func holding(target, id string, k orgsync.Known) event {
	return event{Kind: kindWrite, Stored: []stored{{Bucket: "p", Key: id, Target: target, Entity: "person", Known: &k}}}
}

func marked(hour int) event {
	m := orgsync.StoredMeta{Watermark: markAt(hour), LastFull: at(hour), InService: 2}
	return event{Kind: kindWrite, Stored: []stored{{Bucket: "meta", Key: "meta", Meta: &m}}}
}

func ended(text string) event {
	return event{Kind: kindEnd, Error: text, Quiet: true, Named: map[string][]string{"t": nil, "k": nil, "r": nil}}
}

// filled is a first run in which all targets were told of a and b.
func filled() []event {
	events := []event{beginning(nil), tree(), {Kind: kindPeople, Rows: []row{someone("a", answerActive), someone("b", answerActive)}, UpTo: markAt(10)}}
	keys := map[string][]string{"t": {"", ""}, "k": {"Na", "Nb"}, "r": {"Na", "Nb"}}
	for i, target := range []string{"t", "k", "r"} {
		key := keys[target]
		events = append(events, called(i+1, target, "updatePeople", record("a", key[0]), record("b", key[1])),
			answered(i+1, target, outcomeOK, outcomeOK),
			holding(target, "a", orgsync.Known{Hash: "1", Key: key[0]}), holding(target, "b", orgsync.Known{Hash: "2", Key: key[1]}))
	}
	return append(events, marked(10), ended(""))
}

// both is a full reading in which nothing changed.
func both() []event {
	return []event{tree(), listed(someone("a", answerActive), someone("b", answerActive))}
}

// TestHistoryRulesReject holds every rule against a chronicle that breaks it, after a
// first run in which all was well.
func TestHistoryRulesReject(t *testing.T) {
	t.Parallel()
	require.Empty(t, validate(scripted(filled())), "the first run")
	for _, bad := range badChronicles() {
		t.Run(bad.rule+" "+bad.name, func(t *testing.T) {
			t.Parallel()
			c := scripted(filled(), bad.events)
			path := filepath.Join(t.TempDir(), "history.jsonl")
			require.NoError(t, c.write(path))
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			read, err := readChronicle(f)
			require.NoError(t, err)
			require.Len(t, read, len(c))
			var found bool
			broken := validate(read)
			for _, line := range broken {
				found = found || strings.HasPrefix(line, bad.rule+": ")
			}
			assert.True(t, found, "%q was not found broken, but %q", bad.rule, broken)
			assert.Equal(t, broken, validate(c), "after writing and reading")
		})
	}
	tried := map[string]bool{}
	for _, bad := range badChronicles() {
		tried[bad.rule] = true
	}
	for _, rule := range rules() {
		assert.True(t, tried[rule.name], "no chronicle breaks %s", rule.name)
		assert.NotEmpty(t, rule.doc)
	}
}
