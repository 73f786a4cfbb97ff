package orgsync

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/orgmodel"
)

func namesOf(all ...string) *names {
	n := &names{known: map[string]bool{}}
	for _, name := range all {
		var p orgmodel.Person
		p.SetName(name)
		n.add(p)
	}
	return n
}

func TestNamesAreMasked(t *testing.T) {
	t.Parallel()
	n := namesOf("张三", "张三丰", "欧阳修", "Li Lei", "王", "")
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
		assert.Equal(t, want, n.mask(text), text)
	}
	assert.Equal(t, "张三", namesOf().mask("张三"))
}

func FuzzNamesAreMasked(f *testing.F) {
	f.Add("已被张三占用", "张三")
	f.Add("aaa", "aa")
	f.Fuzz(func(t *testing.T, text, name string) {
		if !utf8.ValidString(text) || !utf8.ValidString(name) || strings.ContainsRune(name, '*') || utf8.RuneCountInString(name) < 2 {
			return
		}
		assert.NotContains(t, namesOf(name).mask(text), name)
	})
}
