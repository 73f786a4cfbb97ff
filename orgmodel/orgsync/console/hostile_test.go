package console_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// hostile are ids and names that someone might give a department or a person.
func hostile() map[string]string {
	return map[string]string{
		"a script":             `<script>alert(1)</script>`,
		"an end of a script":   `</script></style></title><img src=x onerror=alert(1)>`,
		"double quotes":        `" onmouseover="alert(1)`,
		"single quotes":        `' onfocus='alert(1)' autofocus='`,
		"an address":           `javascript:alert(1)`,
		"a template":           `{{.Host}}${alert(1)}`,
		"an entity":            `&lt;b&gt;&#60;`,
		"a query":              `a&plan=b#c?d=e%00`,
		"a path":               `../../decide`,
		"right to left":        "abc\u202egnp.exe",
		"isolates":             "\u2067abc\u2069",
		"zero width":           "ad\u200bmin\ufeff",
		"control characters":   "a\x00b\x1b[31mc\r\nd\x7f",
		"a line separator":     "a\u2028b\u2029c",
		"emoji":                "👩‍👩‍👧‍👦🏳️‍🌈",
		"combining characters": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤",
		"invalid UTF-8":        "a\xff\xfeb",
		"four kilobytes":       strings.Repeat("长", 1365) + "尾",
		"markup of ours":       `</bdi></td></tr></table><form action=decide method=post><button>x</button>`,
		"data of ours":         "\n\nevent: over\ndata: x",
	}
}

// withHostile names everything by one text.
func withHostile(text string) (*orgsync.Plan, *orgsync.Report) {
	change := func(op orgsync.Op, action orgsync.Action, entity orgmodel.Entity, reason orgsync.Reason) orgsync.Change {
		return orgsync.Change{Op: op, Action: action, Entity: entity, ID: text, Key: text + "k", Department: text + "d", From: text + "f", Reason: reason, After: text}
	}
	note := []orgsync.Note{{Entity: orgmodel.EntityPerson, ID: text, Action: orgsync.Disable, Reason: text}}
	reading := orgsync.Reading{
		Full: true, Why: text, Unfit: []string{text}, Incomplete: []string{text}, Quarantined: note, Doubts: note,
		Watermark: orgsync.Watermark{Cursor: text},
	}
	guard := []orgsync.Violation{{Kind: orgsync.KindSubtree, Target: text, Department: text, Planned: 60, Of: 100, Allowed: 5}}
	plan := &orgsync.Plan{
		Tenant: text, Source: text, Reading: reading, Violations: guard, GuardDigest: "d1",
		Targets: []orgsync.TargetPlan{{
			Name: text, Skipped: note, Withheld: note, Failing: note, Replace: true,
			Changes: []orgsync.Change{
				change(orgsync.OpAddDepartments, orgsync.Create, orgmodel.EntityDepartment, orgsync.ReasonNew),
				change(orgsync.OpUpdatePeople, orgsync.Move, orgmodel.EntityPerson, orgsync.Reason(text)),
				change(orgsync.OpRemovePeople, orgsync.Disable, orgmodel.EntityPerson, orgsync.ReasonLeft),
			},
		}},
	}
	report := &orgsync.Report{
		Tenant: text, Source: text, Reading: reading, Guard: guard, Notes: []string{text}, Error: text,
		Targets: []orgsync.TargetReport{{
			Name: text, Done: map[orgsync.Action]int{orgsync.Create: 1}, Error: text,
			Removed: note, Failed: note, Held: note, Skipped: note, Withheld: note,
		}},
	}
	return plan, report
}

// Whatever ids and messages hold is text on the page, and changes nothing around it.
func TestHostile(t *testing.T) {
	t.Parallel()
	harmless, harmlessReport := withHostile("plain")
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, report := withHostile(text)
			pages, plain := hostilePages(t, plan, report, text), hostilePages(t, harmless, harmlessReport, "plain")
			for where, page := range pages {
				require.Equal(t, strings.Join(tags(plain[where]), "\n"), strings.Join(tags(page), "\n"), "the markup of %s", where)
				require.Empty(t, forbidden().FindAllString(page, 3), where)
				require.NotContains(t, page, strings.Repeat("长", 200), where)
				require.NotContains(t, page, "ZgotmplZ", where)
			}
		})
	}
}

// forbidden are characters that hide, reorder or forge.
func forbidden() *regexp.Regexp {
	return regexp.MustCompile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028\u2029\x00-\x08\x0b-\x1f\x7f]")
}

// hostilePages returns all pages on which a text appears.
func hostilePages(t *testing.T, plan *orgsync.Plan, report *orgsync.Report, text string) map[string]string {
	t.Helper()
	state := console.State{Tenant: text, Watermark: text, Lease: console.Lease{Holder: text}}
	history := []console.Run{{ID: text, Outcome: console.Outcome(text)}, console.RunOf("1", report, nil)}
	c := open(t, console.Config{Host: &fakeHost{plan: plan, report: report, state: state, history: history}, Names: true, Title: text})
	c.post("/plan")
	pages := map[string]string{"the plan": c.idle()}
	get := func(where, path string) {
		status, page := c.get(path)
		require.Equal(t, http.StatusOK, status, "%s: %s", where, page)
		pages[where] = page
	}
	get("a branch of the plan", "/?at="+url.QueryEscape(text+"d"))
	get("removals", "/list?what=removals")
	get("notes", "/list?what=notes")
	get("runs", "/runs")
	get("a report", "/run?id=1")
	_, pages["an unknown department"] = c.get("/?at=" + url.QueryEscape(text+"?"))
	_, pages["rows"] = c.get("/branch?n=1&plan=" + url.QueryEscape(regexp.MustCompile(`data-plan="(\w+)"`).FindStringSubmatch(pages["the plan"])[1]))
	_, pages["a refusal"] = c.post("/decide", "plan", text, "digest", text, "verdict", text, "by", text)
	var file bytes.Buffer
	require.NoError(t, console.WritePlan(&file, plan, console.PageOptions{Title: text, Names: true}))
	pages["a file"] = file.String()
	file.Reset()
	require.NoError(t, console.WriteReport(&file, report, console.PageOptions{Title: text}))
	pages["the file of a report"] = file.String()
	return pages
}

// tags returns the names of all tags and attributes of a page, in order.
func tags(page string) []string {
	var found []string
	for _, tag := range regexp.MustCompile(`<(/?[a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*/?>`).FindAllStringSubmatch(page, -1) {
		names := tag[1]
		for _, attribute := range regexp.MustCompile(`([a-zA-Z-]+)(?:="[^"]*")?`).FindAllStringSubmatch(tag[2], -1) {
			names += " " + attribute[1]
		}
		found = append(found, names)
	}
	return found
}

// What is cut says how much is missing, and two long ids that differ at an end differ.
func TestShown(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4096)
	require.Contains(t, console.Shown(long), "3,956")
	require.NotEqual(t, console.Shown(long+"a"), console.Shown(long+"b"))
	require.NotEqual(t, console.Shown("a"+long), console.Shown("b"+long))
	require.Equal(t, `abc\u202egnp`, console.Shown("abc\u202egnp"))
	require.Equal(t, "王岚 Ünïcode 👍", console.Shown("王岚 Ünïcode 👍"))
	require.Empty(t, console.Shown(""))
}
