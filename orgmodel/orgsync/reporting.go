package orgsync

import (
	"context"
	"log/slog"
	"maps"
	"strconv"
)

// describe fills in what the reading was.
func (r *run) describe(ctx context.Context) {
	rd := r.reading
	rep := &r.report.Reading
	*rep = Reading{
		Full: rd.full(), Why: rd.why.text, WhyCode: rd.why.Remark, Departments: rd.org.NumDepartments(), People: rd.org.NumPeople(),
		Complete: rd.org.Complete(), CountedPeople: rd.counted,
	}
	mask := func(text string) string { return r.names.mask(ctx, text) }
	for _, n := range rd.doubts {
		n.Reason = mask(n.Reason)
		n.Args = n.Remark().mapped(mask).Args
		rep.Doubts = append(rep.Doubts, n)
	}
	for _, why := range rd.unfit {
		rep.Unfit = append(rep.Unfit, mask(why.text))
		rep.UnfitCodes = append(rep.UnfitCodes, why.mapped(mask))
	}
	if noting, ok := r.config.Source.(Noting); ok {
		for _, note := range noting.Notes() {
			r.report.remark(understood(mask(note)))
		}
	}
	const most = 20
	problems := rd.org.Incomplete()
	for _, problem := range problems[:min(most, len(problems))] {
		rep.Incomplete = append(rep.Incomplete, problem.Error())
		rep.IncompleteCodes = append(rep.IncompleteCodes, remarkOfProblem(problem))
	}
	if more := len(problems) - most; more > 0 {
		rest := say(RemarkMore, strconv.Itoa(more))
		rep.Incomplete, rep.IncompleteCodes = append(rep.Incomplete, rest.text), append(rep.IncompleteCodes, rest.Remark)
	}
	for _, refused := range rd.org.Quarantined() {
		rep.Quarantined = append(rep.Quarantined, Note{
			Entity: refused.Entity, ID: refused.ID, Reason: mask(refused.Field + " " + refused.Reason),
			Code: RemarkField, Args: []string{refused.Field, mask(refused.Reason)},
		})
	}
	const listed = 100
	n := min(listed, len(r.unknownLeavers))
	rep.UnknownLeft, rep.MoreUnknown = r.unknownLeavers[:n], len(r.unknownLeavers)-n
}

// reportPlans fills in what was planned.
func (r *run) reportPlans(ctx context.Context) {
	for _, t := range r.planners {
		rep := TargetReport{
			Name: t.name, Replaced: t.replace, Planned: map[Action]int{}, Done: map[Action]int{},
			Unchanged: t.unchanged, Outside: t.outside,
			Skipped: t.skipped, Withheld: t.withheld, Failed: t.failing,
		}
		for c := range t.all {
			rep.Planned[t.actionOf(c)]++
		}
		if r.options.DryRun {
			rep.Changes = t.changes()
		}
		r.report.Targets = append(r.report.Targets, rep)
		r.set.logger.LogAttrs(ctx, slog.LevelInfo, "planned", slog.String("target", t.name),
			slog.Int("changes", t.size()), slog.Int("unchanged", t.unchanged), slog.Int("skipped", len(t.skipped)), slog.Int("withheld", len(t.withheld)))
	}
}

// changes lists the plan as it is shown.
func (t *planner) changes() []Change {
	list := make([]Change, 0, t.size())
	for c := range t.all {
		d := t.detailOf(c)
		change := Change{
			Op: c.op, Action: t.actionOf(c), Entity: c.op.entity(), ID: c.id, Reason: t.reasonOf(c), After: d.after,
			Key: t.keyOf(c, d), Department: d.parent, From: d.above,
		}
		if d.from != 0 {
			change.From = t.places.department(d.from)
		}
		if d.place != 0 {
			change.Department = t.places.department(d.place)
		} else if change.Department == "" {
			if c.op.isDepartment() {
				department, _ := t.org.Department(c.id)
				change.Department = department.ParentID
			} else {
				p, _ := t.org.Person(c.id)
				change.Department = p.PrimaryDepartmentID()
			}
		}
		list = append(list, change)
	}
	return list
}

// keyOf returns by which key a target knows a person, for plans that are shown.
func (t *planner) keyOf(c *change, d detail) string {
	if c.op.isDepartment() || !t.traits.keyed() || d.key != "" {
		return d.key
	}
	p, there := t.org.Person(c.id)
	if !there {
		return ""
	}
	p, _ = t.area.person(p)
	record, err := t.maker.record(p, "")
	if err != nil || record.Provisional {
		return ""
	}
	return record.Key
}

// value returns the plans as a value.
func (r *run) value(objections, left []objection) *Plan {
	p := &Plan{
		Tenant: r.config.Tenant, Source: r.config.Source.Name(), Reading: r.report.Reading,
		Violations: r.report.Guard, GuardDigest: r.report.Digest, Approved: len(objections) > 0 && len(left) == 0,
		Targets: []TargetPlan{},
		org:     r.reading.org, objections: objections, titles: map[string]string{},
	}
	for i, t := range r.planners {
		maps.Copy(p.titles, t.titles)
		p.Targets = append(p.Targets, TargetPlan{
			Name: t.name, Replace: t.replace, Changes: r.report.Targets[i].Changes, Unchanged: t.unchanged, Outside: t.outside,
			Skipped: t.skipped, Withheld: t.withheld, Failing: t.failing,
		})
	}
	return p
}
