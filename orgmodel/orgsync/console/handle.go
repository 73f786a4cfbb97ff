package console

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// maxForm bounds the body of a request, in bytes.
const maxForm = 16 << 10

// page returns what all pages show.
func (c *Console) page(r *http.Request, section string) (*page, glance) {
	g := c.desk.look()
	p := &page{
		Section: section, Title: c.config.Title, Stamp: c.stamp, User: c.user(r), Now: c.config.Now(), Names: c.config.Names,
		Version: g.version, Failure: g.failure, Back: back(r),
	}
	state, err := c.config.Host.State(r.Context())
	if err != nil {
		c.config.Logger.LogAttrs(r.Context(), slog.LevelWarn, "no state", slog.String("error", shown(err.Error())))
	}
	p.State = state
	if p.Title == "" {
		p.Title = state.Tenant
	}
	if c.config.Sandbox != nil {
		p.Actions = c.config.Sandbox.Actions()
	}
	p.Busy = c.busy(g, state)
	return p, g
}

// busy returns what is under way, nil if nothing is.
func (c *Console) busy(g glance, state State) *busyView {
	if g.doing == "" && !state.Running {
		return nil
	}
	b := &busyView{Doing: g.doing, Since: g.since}
	if g.doing == "" {
		b.Doing, b.Since = "other", state.Since
	}
	b.Activity, _ = c.config.Feed.Now()
	return b
}

// send renders and answers.
func (c *Console) send(w http.ResponseWriter, r *http.Request, status int, name string, p *page) {
	text, err := c.renderers[language(r)].html(name, p)
	if err != nil {
		c.config.Logger.LogAttrs(r.Context(), slog.LevelError, "no page", slog.String("error", err.Error()))
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", language(r))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (c *Console) refuse(w http.ResponseWriter, r *http.Request, status int, text string, added ...orgsync.Objection) {
	p, _ := c.page(r, "notice")
	p.Notice = &notice{Status: status, Text: text, Added: added}
	c.send(w, r, status, "page", p)
}

// see sends the browser to another page. The address is relative, because the page does
// not know below which path it is served.
func see(w http.ResponseWriter, address string) {
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}

// back is the address of a page without what is above it.
func back(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "./"
	}
	address := "." + r.URL.Path
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	return address
}

// form reads a form; it answers and reports false if that is not possible.
func (c *Console) form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		c.refuse(w, r, http.StatusBadRequest, "the form cannot be read")
		return false
	}
	return true
}

func (c *Console) makePlan(w http.ResponseWriter, r *http.Request) {
	if !c.form(w, r) {
		return
	}
	options := orgsync.RunOptions{Full: r.PostForm.Get("full") != ""}
	if name := r.PostForm.Get("replace"); name != "" {
		options.Replace = []string{name}
	}
	c.desk.makePlan(r.Context(), options) // one that is under way is as good
	see(w, "./")
}

func (c *Console) decide(w http.ResponseWriter, r *http.Request) {
	if !c.form(w, r) {
		return
	}
	by := c.user(r)
	if by == "" {
		by = signature(r.PostForm.Get("by"))
	}
	verdict := Verdict(r.PostForm.Get("verdict"))
	added, err := c.desk.decide(r.Context(), r.PostForm.Get("plan"), r.PostForm.Get("digest"), Decision{Verdict: verdict, By: by})
	switch {
	case err == nil:
		see(w, "./")
	case errors.Is(err, ErrBusy):
		c.refuse(w, r, http.StatusConflict, "something else is under way: try again when it has ended")
	case errors.Is(err, errVerdict):
		c.refuse(w, r, http.StatusBadRequest, errVerdict.Error())
	default:
		c.refuse(w, r, http.StatusConflict, err.Error(), added...)
	}
}

// signature is a name that someone typed.
func signature(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	const most = 64
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most])
	}
	return visible(text)
}

func (c *Console) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	if !c.form(w, r) {
		return
	}
	lang := preferred(r.PostForm.Get("lang"))
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- it is no secret, and the page may be served without TLS on this machine
		Name: "lang", Value: lang, MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	address := r.PostForm.Get("back")
	if !strings.HasPrefix(address, "./") || strings.ContainsAny(address, "\\\r\n") || strings.HasPrefix(address, ".//") {
		address = "./"
	}
	see(w, address)
}

func (c *Console) sandbox(w http.ResponseWriter, r *http.Request) {
	if !c.form(w, r) {
		return
	}
	if g := c.desk.look(); g.doing != "" {
		c.refuse(w, r, http.StatusConflict, "something else is under way: try again when it has ended")
		return
	}
	if err := c.config.Sandbox.Do(r.Context(), r.PostForm.Get("do")); err != nil {
		c.refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	c.desk.makePlan(r.Context(), orgsync.RunOptions{})
	see(w, "./")
}

// whole reads a number from an address, and returns other if there is none.
func whole(r *http.Request, name string, other int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil && n >= 0 {
		return n
	}
	return other
}
