package console_test

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// company is a source of any size, in memory.
type company struct {
	departments []orgmodel.Department
	people      []orgmodel.Person
	tick        int
}

// newCompany has departments eight below each other one.
func newCompany(departments, people int) *company {
	c := &company{}
	for i := range departments {
		d := orgmodel.Department{ID: fmt.Sprintf("dept-%06d", i)}
		d.SetName(fmt.Sprintf("示例部门%d", i))
		if i == 0 {
			d.SetParentID("")
		} else {
			d.SetParentID(fmt.Sprintf("dept-%06d", (i-1)/8))
		}
		c.departments = append(c.departments, d)
	}
	for i := range people {
		p := orgmodel.Person{ID: fmt.Sprintf("5a1b2c3d4e5f%06d", i)}
		p.SetName(fmt.Sprintf("钱示例%d", i))
		p.SetStatus(orgmodel.StatusActive)
		p.SetEmployeeNo(fmt.Sprintf("E%06d", i))
		p.SetDepartmentIDs(fmt.Sprintf("dept-%06d", i%departments))
		c.people = append(c.people, p)
	}
	return c
}

// onePercent leaves, moves, and is renamed, a third each.
func (c *company) onePercent() {
	c.tick++
	for i := 0; i < len(c.people); i += 100 {
		p := &c.people[i]
		switch i / 100 % 3 {
		case 0:
			p.SetStatus(orgmodel.StatusLeft)
		case 1:
			p.SetDepartmentIDs(c.departments[(i+7)%len(c.departments)].ID)
		default:
			p.SetName(p.Name + "改")
		}
	}
}

func (*company) Name() string { return "company" }

func (c *company) Departments(context.Context) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) {
		for _, d := range c.departments {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func (c *company) People(context.Context, orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	people := func(yield func(orgmodel.Person, error) bool) {
		for i := range c.people {
			if !yield(c.people[i], nil) {
				return
			}
		}
	}
	at := orgsync.Watermark{Cursor: strconv.Itoa(c.tick), Time: time.Date(2026, 3, 1, 0, 0, c.tick, 0, time.UTC)}
	return people, func() (orgsync.Watermark, error) { return at, nil }
}

func (c *company) Person(_ context.Context, id string) (orgmodel.Person, error) {
	if i, err := strconv.Atoi(id[max(0, len(id)-6):]); err == nil && i < len(c.people) && c.people[i].ID == id {
		return c.people[i], nil
	}
	return orgmodel.Person{}, orgsync.ErrNotFound
}

func (c *company) Department(_ context.Context, id string) (orgmodel.Department, error) {
	for _, d := range c.departments {
		if d.ID == id {
			return d, nil
		}
	}
	return orgmodel.Department{}, orgsync.ErrNotFound
}

// taker is a target that takes everything.
type taker struct{ name string }

type taken struct{ ID, Name, Department string }

func (t taker) Name() string        { return t.name }
func (t taker) Destination() string { return t.name }
func (taker) Settings() string      { return "1" }
func (taker) Traits() orgsync.Traits {
	return orgsync.Traits{Batch: 2000, Departments: true, Upserts: true, UniqueKeys: true}
}

func (taker) Department(d orgmodel.Department) (orgsync.Record, error) {
	return orgsync.Record{Value: taken{d.ID, d.Name, d.ParentID}}, nil
}

func (taker) Person(p orgmodel.Person, _ *orgmodel.Directory, held string) (orgsync.Record, error) {
	key := p.EmployeeNo
	if key == "" {
		key = held
	}
	return orgsync.Record{Key: key, Value: taken{p.ID, p.Name + p.Status.String(), p.PrimaryDepartmentID()}}, nil
}

func (taker) Push(_ context.Context, batch orgsync.Batch) []orgsync.Outcome {
	return make([]orgsync.Outcome, len(batch.Items))
}

func engineOf(tb testing.TB, source orgsync.Source, targets int) *orgsync.Engine {
	tb.Helper()
	config := orgsync.Config{Tenant: "acme", Source: source, Store: orgsync.NewMemoryStore()}
	for i := range targets {
		config.Targets = append(config.Targets, taker{fmt.Sprintf("target-%d", i+1)})
	}
	engine, err := orgsync.New(config)
	require.NoError(tb, err)
	return engine
}
