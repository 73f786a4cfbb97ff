package console

import (
	"cmp"
	"io"
	"math"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// PageOptions say how [WritePlan] and [WriteReport] render.
type PageOptions struct {
	// Language is "en" or "zh", or what an Accept-Language header or LANG holds. The default
	// is English.
	Language string
	// Title names the team or the company. The default is the tenant.
	Title string
	// Names shows names of people, if the plan or report was made by this process.
	Names bool
	// Now is when the page is made. The default is time.Now.
	Now time.Time
}

func (o PageOptions) page(section, tenant string) (*renderer, *page) {
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	return newRenderer(preferred(o.Language)), &page{
		Section: section, Title: cmp.Or(o.Title, tenant), Now: now, Names: o.Names, Static: true, State: State{Tenant: tenant},
	}
}

// WritePlan writes a plan as one HTML page that needs nothing else: no server, no
// scripts, no other files. Removals are in full; of very large branches the page shows a
// part and says so.
func WritePlan(w io.Writer, plan *orgsync.Plan, options PageOptions) error {
	r, p := options.page("plan", plan.Tenant)
	x := newIndex(plan)
	p.Plan = newPlanView(x, options.Names)
	p.Plan.Made = p.Now
	p.Plan.Removals = x.removalList(options.Names, 0, math.MaxInt32)
	p.Plan.Notes = x.noteList(options.Names, 0, staticNotes)
	p.Plan.Rows = x.wholeTree(options.Names)
	return write(w, r, p)
}

// WriteReport writes the report of a run as [WritePlan] writes a plan.
func WriteReport(w io.Writer, report *orgsync.Report, options PageOptions) error {
	r, p := options.page("report", report.Tenant)
	p.Report = newReportView("", report, options.Names)
	return write(w, r, p)
}

func write(w io.Writer, r *renderer, p *page) error {
	text, err := r.html("static", p)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// How much a page that cannot ask for more shows.
const (
	staticRows   = 3000 // of the tree
	staticPeople = 20   // of one department
	staticNotes  = 2000
)

// wholeTree returns the tree with all branches open, as far as the rows go.
func (x *index) wholeTree(names bool) []row {
	var rows []row
	var walk func(nodes []int32, up int32, depth int)
	walk = func(nodes []int32, up int32, depth int) {
		left := 0
		for _, n := range nodes {
			if x.nodes[n].total == 0 {
				continue
			}
			if len(rows) >= staticRows {
				left++
				continue
			}
			r := x.department(n, up, depth, true)
			rows = append(rows, r)
			people := x.peopleIn(names, n, depth+1)
			most := min(len(people), staticPeople, max(0, staticRows-len(rows)))
			rows = append(rows, people[:most]...)
			if more := len(people) - most; more > 0 {
				rows = append(rows, row{N: -1, Up: n, Depth: depth + 1, Entity: orgmodel.EntityPerson, More: more})
			}
			walk(x.nodes[n].children, n, depth+1)
		}
		if left > 0 {
			rows = append(rows, row{N: -1, Up: up, Depth: depth, Entity: orgmodel.EntityDepartment, More: left})
		}
	}
	walk(x.top, -1, 0)
	return rows
}
