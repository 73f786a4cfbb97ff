package console_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// Every text of the templates is there in Chinese, and every key has a text in English.
func TestWords(t *testing.T) {
	t.Parallel()
	zh, en := console.Words("zh"), console.Words("en")
	pages, err := filepath.Glob("pages/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, key := range regexp.MustCompile(`\{\{(?:t|count) "([^"]+)"(?: [.\w]+)?\}\}`).FindAllStringSubmatch(string(text), -1) {
			found++
			require.Contains(t, zh, key[1], page)
		}
	}
	require.Greater(t, found, 60)
	for key := range en {
		require.Contains(t, zh, key)
	}
	var keys []string
	for _, v := range []console.Verdict{console.Apply, console.Approve, console.Hold, console.Reject} {
		keys = append(keys, "verdict "+string(v), "hint "+string(v), "did "+string(v))
	}
	for _, o := range []console.Outcome{console.Done, console.Failed, console.Stopped, console.Held} {
		keys = append(keys, "outcome "+string(o))
	}
	for _, k := range []orgsync.Kind{
		orgsync.KindPeople, orgsync.KindDepartments, orgsync.KindSubtree, orgsync.KindCreated, orgsync.KindChanged, orgsync.KindColliding,
		orgsync.KindSettings, orgsync.KindReplace, orgsync.KindFewerPeople, orgsync.KindFewerDepartments, orgsync.KindCounted, orgsync.KindNothing,
	} {
		keys = append(keys, "kind "+string(k))
	}
	for _, r := range []orgsync.Reason{
		orgsync.ReasonNew, orgsync.ReasonChanged, orgsync.ReasonUncertain, orgsync.ReasonReturned, orgsync.ReasonRekeyed, orgsync.ReasonSuperseded,
		orgsync.ReasonHandedOver, orgsync.ReasonReleased, orgsync.ReasonLeft, orgsync.ReasonAbsent, orgsync.ReasonOutside, orgsync.ReasonReplaced,
	} {
		keys = append(keys, "reason "+string(r))
	}
	for _, a := range []orgsync.Action{orgsync.Create, orgsync.Update, orgsync.Move, orgsync.Reactivate, orgsync.Disable, orgsync.Delete} {
		keys = append(keys, string(a))
	}
	for _, key := range keys {
		require.Contains(t, zh, key)
		require.Contains(t, en, key)
	}
}

// A page comes in the language that the browser prefers, unless the reader has chosen.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "en-GB,en;q=0.9,zh;q=0.1": "en", "de,zh;q=0.2": "zh", "fr": "en",
		"zh;q=0": "en", "en;q=0.1, zh-Hant;q=0.5": "zh", "zh;q=nonsense, en;q=0.1": "en", "zh_CN.UTF-8": "zh", "C.UTF-8": "en", "*": "en",
	} {
		require.Equal(t, want, console.Preferred(accept), accept)
	}
	c := open(t, console.Config{Host: &fakeHost{}})
	_, text := c.get("/")
	require.Contains(t, text, `<html lang="en">`)
	require.Contains(t, text, "No plan yet")
	for back, want := range map[string]string{
		"./runs?x=1": "./runs?x=1", "https://evil.example/": "./", "//evil.example/": "./", ".//evil.example": "./", "./\\evil": "./", "": "./",
	} {
		r := form(t, c, "/language", "lang", "zh", "back", back)
		status, _, header := c.do(r)
		require.Equal(t, 303, status)
		require.Equal(t, want, header.Get("Location"))
		require.True(t, strings.HasPrefix(header.Get("Set-Cookie"), "lang=zh;"), header)
	}
	r := form(t, c, "/language", "lang", "zh")
	_, _, header := c.do(r)
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	r.Header.Set("Cookie", cookie)
	get := r.Clone(t.Context())
	get.Method, get.Body, get.URL.Path = "GET", nil, "/"
	get.ContentLength = 0
	_, text, _ = c.do(get)
	require.Contains(t, text, `<html lang="zh-CN">`)
	require.Contains(t, text, "还没有计划")
}
