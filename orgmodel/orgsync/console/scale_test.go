package console_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

const (
	manyPeople      = 100_000
	manyDepartments = 5_000
	// most is how large a page may be, in bytes: it must open on a phone.
	most = 2 << 20
)

// A page costs what it shows, not what the plan holds.
func TestScale(t *testing.T) {
	t.Parallel()
	source := newCompany(manyDepartments, manyPeople)
	engine := engineOf(t, source, 3)
	first, err := engine.Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	require.Len(t, first.Targets[0].Changes, manyPeople+manyDepartments)
	_, err = engine.Run(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	source.onePercent()
	second, err := engine.Plan(t.Context(), orgsync.RunOptions{})
	require.NoError(t, err)
	require.Len(t, second.Violations, 3, "334 leave, at each target")

	for name, plan := range map[string]*orgsync.Plan{"a first sync": first, "one in a hundred": second} {
		c := open(t, console.Config{Host: &fakeHost{plan: plan}, Names: true})
		c.plan()
		for _, path := range []string{"/", "/?at=dept-000000", "/?at=dept-000585", "/?at=dept-004999", "/list?what=removals"} {
			status, text := c.get(path)
			require.Equal(t, http.StatusOK, status)
			t.Logf("%s %s: %d KiB", name, path, len(text)>>10)
			require.Less(t, len(text), most, "%s %s", name, path)
			if path == "/" && plan == second {
				require.InDelta(t, 210e3, len(text), 15e3, "the size that the READMEs name")
			}
		}
		var page bytes.Buffer
		require.NoError(t, console.WritePlan(&page, plan, console.PageOptions{Names: true}))
		t.Logf("%s as a file: %d KiB", name, page.Len()>>10)
		require.Less(t, page.Len(), most, name)
	}
}

// Removals are in full, however many: page by page on a server.
func TestScale_everyRemoval(t *testing.T) {
	t.Parallel()
	plan := &orgsync.Plan{Targets: []orgsync.TargetPlan{{Name: "t"}}}
	for i := range 2500 {
		plan.Targets[0].Changes = append(plan.Targets[0].Changes, orgsync.Change{
			Op: orgsync.OpRemovePeople, Action: orgsync.Disable, Entity: "person", ID: id(i), Department: "d", Reason: orgsync.ReasonLeft,
		})
	}
	c := open(t, console.Config{Host: &fakeHost{plan: plan}})
	c.plan()
	seen := map[string]bool{}
	path, pages := "/list?what=removals", 0
	for path != "" {
		_, text := c.get(path)
		pages++
		for _, found := range regexp.MustCompile(`>(person-\d+)<`).FindAllStringSubmatch(text, -1) {
			seen[found[1]] = true
		}
		path = ""
		if _, after, more := strings.Cut(text, `rel="next" href="`); more {
			address, _, _ := strings.Cut(after, `"`)
			path = "/" + strings.ReplaceAll(address, "&amp;", "&")
		}
	}
	require.Equal(t, 3, pages)
	require.Len(t, seen, 2500)
	var page bytes.Buffer
	require.NoError(t, console.WritePlan(&page, plan, console.PageOptions{}))
	found := map[string]bool{}
	for _, each := range regexp.MustCompile(`>(person-\d+)<`).FindAllString(page.String(), -1) {
		found[each] = true
	}
	require.Len(t, found, 2500)
}

func id(i int) string { return fmt.Sprintf("person-%05d", i) }

// One department may hold everyone, or all the others: it opens in parts, which lead to
// each other.
func TestScale_flat(t *testing.T) {
	t.Parallel()
	plan := &orgsync.Plan{Targets: []orgsync.TargetPlan{{Name: "t"}}}
	add := func(op orgsync.Op, entity orgmodel.Entity, id, department string) {
		plan.Targets[0].Changes = append(plan.Targets[0].Changes, orgsync.Change{
			Op: op, Action: orgsync.Create, Entity: entity, ID: id, Department: department, Reason: orgsync.ReasonNew,
		})
	}
	add(orgsync.OpAddDepartments, orgmodel.EntityDepartment, "root", "")
	for i := range manyDepartments {
		add(orgsync.OpAddDepartments, orgmodel.EntityDepartment, fmt.Sprintf("dept-%04d", i), "root")
	}
	for i := range 20_000 {
		add(orgsync.OpAddPeople, orgmodel.EntityPerson, id(i), "dept-0000")
	}
	c := open(t, console.Config{Host: &fakeHost{plan: plan}})
	c.plan()
	for _, path := range []string{"/", "/?at=root", "/?at=dept-0000", "/?at=dept-4999", "/?at=root&from=4800", "/?at=dept-0000&from=19900"} {
		_, text := c.get(path)
		require.Less(t, len(text), 256<<10, path)
		require.Equal(t, strings.HasPrefix(path, "/?at=dept-0000&"), strings.Contains(text, ">"+id(19999)+"<"), path)
	}
	_, text := c.get("/?at=root")
	require.Contains(t, text, `href="./?at=root&amp;from=200#tree"`)
	require.Regexp(t, `data-more="branch\?plan=\w+&amp;n=0&amp;depth=0&amp;from=200"`, text)
}

// BenchmarkPage opens the plan page of 100,000 people: the goal is a second.
func BenchmarkPage(b *testing.B) {
	source := newCompany(manyDepartments, manyPeople)
	engine := engineOf(b, source, 3)
	first, err := engine.Plan(b.Context(), orgsync.RunOptions{})
	require.NoError(b, err)
	_, err = engine.Run(b.Context(), orgsync.RunOptions{})
	require.NoError(b, err)
	source.onePercent()
	second, err := engine.Plan(b.Context(), orgsync.RunOptions{})
	require.NoError(b, err)
	for name, plan := range map[string]*orgsync.Plan{"first": first, "percent": second} {
		page, err := console.New(console.Config{Host: &fakeHost{plan: plan}, Names: true})
		require.NoError(b, err)
		b.Cleanup(page.Close)
		get := func(method, path string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(b.Context(), method, "http://localhost"+path, nil)
			r.RemoteAddr = "127.0.0.1:1"
			w := httptest.NewRecorder()
			page.ServeHTTP(w, r)
			return w
		}
		get(http.MethodPost, "/plan")
		for strings.Contains(get(http.MethodGet, "/").Body.String(), `class="busy"`) {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = get(http.MethodGet, "/").Body.Len()
			}
			b.ReportMetric(float64(size)/1024, "KiB/page")
		})
	}
	b.Run("index", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			console.IndexPlan(first)
		}
	})
}
