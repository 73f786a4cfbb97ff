package orgsync

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// masker knows people of this reading, and others by the hashes of their names in the
// state.
func masker(tb testing.TB, reading, before []string) *nameMasker {
	tb.Helper()
	s := &state{hash: newHasher(newHashKey())}
	s.names = index{get: s.get, all: s.all, hash: s.hash, bucket: bucketNames, kind: kindName}.opened()
	s.names.inMemory()
	for _, name := range before {
		require.NoError(tb, s.names.add(tb.Context(), name, ""))
	}
	var b orgmodel.Builder
	require.NoError(tb, b.AddPeople(func(yield func(orgmodel.Person, error) bool) {
		for i, name := range reading {
			p := orgmodel.Person{ID: string(rune('a' + i))}
			p.SetName(name)
			if !yield(p, nil) {
				return
			}
		}
	}))
	return &nameMasker{state: s, org: b.Seal()}
}

func TestNamesAreMasked(t *testing.T) {
	t.Parallel()
	m := masker(t, []string{"张三", "欧阳修", "王", ""}, []string{"张三丰", "Li Lei"})
	for text, want := range map[string]string{
		"":             "",
		"张三":           "***",
		"张三丰已存在":       "***已存在",
		"已被张三,欧阳修占用":   "已被***,***占用",
		"张三张三丰":        "******",
		"王经理":          "王经理", // one letter is no name that could be told from a word
		"user Li Lei!": "user ***!",
		"张":            "张",
		"职级未维护":        "职级未维护",
	} {
		assert.Equal(t, want, m.mask(t.Context(), text), text)
	}
	assert.Equal(t, "张三", masker(t, nil, nil).mask(t.Context(), "张三"))
}

func FuzzNamesAreMasked(f *testing.F) {
	f.Add("已被张三占用", "张三")
	f.Add("aaa", "aa")
	f.Fuzz(func(t *testing.T, text, name string) {
		letters := utf8.RuneCountInString(name)
		if !utf8.ValidString(text) || !utf8.ValidString(name) || strings.ContainsRune(name, '*') ||
			letters < shortestName || letters > longestName || !couldBeName([]rune(name)) {
			return
		}
		assert.NotContains(t, masker(t, []string{name}, nil).mask(t.Context(), text), name)
		assert.NotContains(t, masker(t, nil, []string{name}).mask(t.Context(), text), name)
	})
}
