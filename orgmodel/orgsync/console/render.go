package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

//go:embed pages/*.html assets/*
var files embed.FS

// asset returns an embedded file, which is there.
func asset(name string) []byte {
	text, _ := files.ReadFile("assets/" + name)
	return text
}

// stamp is part of the address of assets, so that a new version is a new address.
func stamp() string {
	sum := sha256.New()
	for _, name := range []string{"console.css", "console.js", "icon.svg"} {
		sum.Write(asset(name))
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// page is all that a template can show.
type page struct {
	Lang    string
	Other   string // the language to switch to
	Title   string
	Section string // plan, runs, report, notice or sandbox
	Stamp   string
	Back    string // where the switch of languages comes back to
	User    string
	Now     time.Time
	Static  bool
	Names   bool
	State   State
	Busy    *busyView
	Version int

	Plan    *planView
	Kept    *fateView
	Failure trouble
	Actions []SandboxAction
	List    *listView
	Rows    []row
	Runs    *runsView
	Report  *reportView
	Notice  *notice
}

// trouble is what an error says: in English, and for the words of the page.
type trouble struct {
	Text    string
	Remarks []orgsync.Remark
}

func troubleOf(err error) trouble {
	if err == nil {
		return trouble{}
	}
	return trouble{err.Error(), orgsync.Remarks(err)}
}

// busyView is what is under way.
type busyView struct {
	Doing string // plan, run or other
	Since time.Time
	Activity
}

// notice says why something was refused, and what can be done.
type notice struct {
	Status int
	Text   string
	Added  []orgsync.Objection
}

// renderer has the templates of one language.
type renderer struct {
	lang    string
	words   map[string]string
	remarks map[orgsync.RemarkCode]string // none in English: the texts of the engine are
	set     *template.Template
}

func newRenderer(lang string) *renderer {
	r := &renderer{lang: lang, words: englishWords()}
	if lang == chinese {
		r.words, r.remarks = chineseWords(), chineseRemarks()
	}
	r.set = template.Must(template.New("").Funcs(template.FuncMap{
		"t": r.translate, "n": number, "shown": shown, "moment": moment, "machine": machineTime,
		"took": took, "kind": r.kind, "css": func() template.CSS { return template.CSS(asset("console.css")) }, // #nosec G203 -- ours
		"policy": staticPolicy, "indent": func(depth int) int { return min(depth, maxIndent) },
		"label": func(texts map[string]string) string { return texts[lang] },
		"below": func(depth int) int { return max(0, depth-1) },
		"mark":  mark, "count": r.count, "why": r.why, "whys": r.whys, "errors": r.errors,
		"cells": func(columns int) int { return columns + 1 },
		"mix":   func(p *page, rows []row) page { q := *p; q.Rows = rows; return q },
	}).ParseFS(files, "pages/*.html"))
	return r
}

const maxIndent = 12

// mark tells departments apart, in this plan and the next one, without showing the id.
func mark(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:6])
}

// translate returns a text of the page in the language of the reader. Texts of vendors
// and of the engine that are not known are shown as they are.
func (r *renderer) translate(text string) string {
	if translated, there := r.words[text]; there {
		return translated
	}
	return shown(text)
}

// count returns a text with a number in its place.
func (r *renderer) count(text string, n int) string {
	return strings.ReplaceAll(r.translate(text), "{n}", number(n))
}

// kind says in words what a limit is about.
func (r *renderer) kind(kind orgsync.Kind) string { return r.translate("kind " + string(kind)) }

// html renders a template to the end before any of it is sent.
func (r *renderer) html(name string, data *page) ([]byte, error) {
	data.Lang = r.lang
	data.Other = chinese
	if r.lang == chinese {
		data.Other = english
	}
	var b bytes.Buffer
	if err := r.set.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("console: rendering %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// staticPolicy is the policy of a page in a file: it names the one style that is in it.
func staticPolicy() string {
	sum := sha256.Sum256(asset("console.css"))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

const (
	english = "en"
	chinese = "zh"
)

// language returns the language of a reader: what they chose, else the one of the two
// that their browser prefers.
func language(r *http.Request) string {
	if cookie, err := r.Cookie("lang"); err == nil && (cookie.Value == chinese || cookie.Value == english) {
		return cookie.Value
	}
	return preferred(r.Header.Get("Accept-Language"))
}

// preferred reads an Accept-Language header, or a locale such as zh_CN.UTF-8.
func preferred(accept string) string {
	best, weight := english, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if given, found := strings.CutPrefix(strings.TrimSpace(parameters), "q="); found {
			if _, err := fmt.Sscanf(given, "%g", &q); err != nil {
				continue
			}
		}
		base := strings.ToLower(tag)
		if i := strings.IndexAny(base, "-_."); i >= 0 {
			base = base[:i]
		}
		if (base == english || base == chinese) && q > weight {
			best, weight = base, q
		}
	}
	return best
}
