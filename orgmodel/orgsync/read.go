package orgsync

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
)

const (
	// maxOwed is how many people are read one by one before reading all is cheaper.
	maxOwed = 200
	// maxConfirmations is how many absences one run confirms by point reads, unless
	// it is forced: more than that the guard would not let pass.
	maxConfirmations = 200

	manyOwed = "more people are owed than are read one by one"
)

// reading is everything that a run learnt from the source. It is finished before
// anything is written.
type reading struct {
	org       *orgmodel.Directory
	why       string // the reading is full, "" if it is not
	watermark Watermark
	tree      string
	roster    string
	inService int // of a full reading

	badDepartments map[string]bool // without a way up to a root
	leavers        map[string]orgmodel.Person
	absentPeople   []string // confirmed, and out of grace
	absentDepts    []string
	missing        map[string]int // to be stored; nil leaves what is stored
	doubts         []Note
	unconfirmed    bool // there was more to confirm than one run does
	unread         bool // somebody who is owed could not be read

	names names
}

func (r *reading) full() bool { return r.why != "" }

// read reads departments, decides how to read people, reads them, and confirms
// absences.
func (r *run) read(ctx context.Context) (*reading, error) {
	rd := &reading{roster: r.state.hash([]byte(r.set.enrichment.digest())).String(), leavers: map[string]orgmodel.Person{}}
	var b orgmodel.Builder
	var lines []string
	r.tell(Progress{Phase: PhaseDepartments})
	departments := tee(r.config.Source.Departments(ctx), func(d orgmodel.Department) {
		lines = append(lines, strings.Join([]string{d.ID, d.ParentID, d.Name}, "\x00"))
	})
	if err := b.AddDepartments(departments); err != nil {
		return nil, &SourceError{Source: r.config.Source.Name(), Err: err}
	}
	slices.Sort(lines)
	rd.tree = r.state.hash([]byte(strings.Join(lines, "\x01"))).String()
	rd.why = r.whyFull(rd)

	if err := r.readPeople(ctx, &b, rd); err != nil {
		return nil, &SourceError{Source: r.config.Source.Name(), Err: err}
	}
	rd.org = b.Seal()
	rd.badDepartments = rootless(rd.org)
	for p := range rd.org.People() {
		if p.Known.Has(orgmodel.PersonStatus) && p.Status == orgmodel.StatusActive {
			rd.inService++
		}
	}
	if err := r.confirm(ctx, rd); err != nil {
		return nil, &SourceError{Source: r.config.Source.Name(), Err: err}
	}
	return rd, nil
}

// whyFull says why people must all be read, "" if the feed is enough: it is,
// unless something changed that affects people of whom the feed is silent.
func (r *run) whyFull(rd *reading) string {
	s := r.state
	// A span between two runs of ours is measured on our clock: the source's may
	// stand anywhere. A clock that was wrong then or is now tells nothing.
	since := r.set.now().Sub(s.LastFull)
	switch {
	case s.Watermark.IsZero():
		return "first run"
	case r.options.Full:
		return "asked for"
	case s.FullDue != "":
		return s.FullDue
	case s.Tree != rd.tree:
		return "departments changed"
	case s.Roster != rd.roster:
		return "the enrichment changed"
	case since >= r.set.fullEvery, since < -clockTolerance:
		return "due"
	}
	for _, t := range r.config.Targets {
		ts := s.targets[t.Name()]
		if !ts.Started {
			return t.Name() + " does not hold everything yet"
		}
		if ts.Fingerprint != r.fingerprint(t) {
			return "settings of " + t.Name() + " changed"
		}
	}
	return ""
}

func (r *run) readPeople(ctx context.Context, b *orgmodel.Builder, rd *reading) error {
	since, options := r.state.Watermark, []orgmodel.PullOption{orgmodel.LastWins, orgmodel.Incremental}
	if rd.full() {
		since, options = Watermark{}, options[:1]
	}
	people, upTo := r.config.Source.People(ctx, since)
	count := 0
	counted := tee(people, func(orgmodel.Person) {
		if count++; count%1000 == 0 {
			r.tell(Progress{Phase: PhasePeople, Done: count})
		}
	})
	if err := b.AddPeople(r.set.enrichment.apply(counted), options...); err != nil {
		return err
	}
	r.tell(Progress{Phase: PhasePeople, Done: count})
	var err error
	if rd.watermark, err = upTo(); err != nil {
		return err
	}
	if rd.full() || len(r.state.owed) == 0 {
		return nil
	}
	// What an earlier run could not bring to every target is read again. A point
	// read is newer than the feed, so it is the last that wins.
	return b.AddPeople(r.set.enrichment.apply(r.owedPeople(ctx, rd)), options...)
}

// owedPeople reads people one by one. Whoever is not there any more is left to the
// next full reading, which alone tells absence; and so is whoever cannot be read,
// because one bad record must not end every run from now on.
func (r *run) owedPeople(ctx context.Context, rd *reading) iter.Seq2[orgmodel.Person, error] {
	return func(yield func(orgmodel.Person, error) bool) {
		for _, id := range r.state.owed {
			p, err := r.config.Source.Person(ctx, id)
			_, refused := errors.AsType[*orgmodel.ConversionError](err)
			switch {
			case ctx.Err() != nil:
				yield(p, err)
				return
			case errors.Is(err, ErrNotFound):
				continue
			case err != nil && !refused:
				rd.unread = true
				rd.doubts = append(rd.doubts, Note{Entity: orgmodel.EntityPerson, ID: id, Reason: "could not be read again: " + err.Error()})
				if unreachable(err) {
					return
				}
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// rootless returns the departments whose chain of parents reaches no root: to
// push them would be to invent their place.
func rootless(org *orgmodel.Directory) map[string]bool {
	rooted := map[string]bool{}
	for _, d := range org.Walk() { // parents before children
		if d.IsRoot() || d.Known.Has(orgmodel.DepartmentParent) && rooted[d.ParentID] {
			rooted[d.ID] = true
		}
	}
	bad := map[string]bool{}
	for d := range org.Departments() {
		if !rooted[d.ID] {
			bad[d.ID] = true
		}
	}
	return bad
}

// tee calls each with every record that passes.
func tee[T any](records iter.Seq2[T, error], each func(T)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range records {
			if err == nil {
				each(record)
			}
			if !yield(record, err) {
				return
			}
		}
	}
}
