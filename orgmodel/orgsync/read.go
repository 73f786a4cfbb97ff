package orgsync

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// read reads departments, decides how to read people, and reads them. What makes an
// incremental reading suspicious makes this same run read everyone.
func (r *run) read(ctx context.Context) (*reading, error) {
	r.tell(Progress{Phase: PhaseDepartments})
	var departments []orgmodel.Department
	var refused []error
	for d, err := range r.config.Source.Departments(ctx) {
		if _, one := errors.AsType[*orgmodel.ConversionError](err); one {
			refused = append(refused, err)
			continue
		}
		if err != nil {
			return nil, r.sourceError(ctx, err)
		}
		departments = append(departments, d.Clone())
	}
	rd := &reading{
		roster: r.state.hash.texts(r.set.enrichment.digest()).String(),
		tree:   r.treeHash(departments),
	}
	why := r.whyFull(rd)
	for {
		*rd = reading{roster: rd.roster, tree: rd.tree, why: why, reread: map[string]bool{}}
		r.fullDue = ""
		if rd.full() || !r.state.clean {
			if err := r.state.verify(ctx); err != nil {
				return nil, err
			}
		}
		var b orgmodel.Builder
		if err := b.AddDepartments(usable(replayed(departments, refused), func(d orgmodel.Department) string { return d.ID }, orgmodel.EntityDepartment)); err != nil {
			return nil, r.sourceError(ctx, err)
		}
		if err := r.readPeople(ctx, &b, rd); err != nil {
			return nil, r.sourceError(ctx, err)
		}
		rd.org = b.Seal()
		if !rd.full() { // a feed may not name them again
			for _, refused := range rd.org.Quarantined() {
				if refused.Entity == orgmodel.EntityPerson && refused.ID != "" {
					rd.reread[refused.ID] = true
				}
			}
		}
		if err := r.count(ctx, rd); err != nil {
			return nil, r.sourceError(ctx, err)
		}
		if why = r.suspicion(rd); why.isEmpty() || rd.full() {
			break
		}
	}
	rd.badDepartments = rootless(rd.org)
	return rd, nil
}

func (r *run) sourceHash() string {
	return r.state.hash.texts("source", r.config.Source.Name()).String()
}

func (r *run) treeHash(departments []orgmodel.Department) string {
	lines := make([]string, len(departments))
	for i := range departments {
		d := &departments[i]
		lines[i] = strings.Join(append([]string{d.ID, d.ParentID, d.Name}, rarer(d)...), "\x00")
	}
	slices.Sort(lines)
	return r.state.hash.texts(lines...).String()
}

// rarer is what few sources tell of departments, and targets are told too. Most are active.
// Heads are left out: they change often, no ready-made target is told of them, and each
// change would cost a full reading.
func rarer(d *orgmodel.Department) []string {
	var texts []string
	if d.Known.Has(orgmodel.DepartmentStatus) && d.Status != orgmodel.StatusActive {
		texts = append(texts, "status", d.Status.String())
	}
	if d.Known.Has(orgmodel.DepartmentOrder) {
		texts = append(texts, "order", strconv.Itoa(d.Order))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Attributes)) {
		texts = append(texts, "attribute", key, d.Attributes[key])
	}
	return texts
}

// whyFull says why people must all be read, "" if the feed is enough: it is,
// unless something changed that affects people of whom the feed is silent.
func (r *run) whyFull(rd *reading) said {
	s := r.state
	// A span between two runs of ours is measured on our clock: the source's may
	// stand anywhere. A clock that was wrong then or is now tells nothing.
	since := r.set.now().Sub(s.LastFull)
	switch {
	case s.Watermark.IsZero():
		return say(RemarkFirstRun)
	case r.options.Full:
		return say(RemarkAskedFor)
	case s.Source != "" && s.Source != r.sourceHash():
		return say(RemarkOtherSource)
	case len(r.options.Replace) > 0:
		return say(RemarkReplacement)
	case s.FullDue != "":
		return understood(s.FullDue)
	case !s.clean:
		return say(RemarkNotClean)
	case s.Tree != rd.tree:
		return say(RemarkTreeChanged)
	case s.Roster != rd.roster:
		return say(RemarkRosterChanged)
	case since >= r.set.fullEvery, since < -clockTolerance:
		return say(RemarkDue)
	case r.deciding() && slices.Contains(slices.Collect(maps.Values(s.held)), true):
		return say(RemarkAbsencesWait)
	case len(s.owed) > r.mostOwed(), r.deciding() && len(s.held)+len(s.owed) > r.mostOwed():
		return say(RemarkManyOwed)
	}
	for _, t := range r.config.Targets {
		ts := s.targets[t.Name()]
		if !ts.Started {
			return say(RemarkTargetBehind, t.Name())
		}
		if ts.Settings != r.settingsOf(t) {
			return say(RemarkTargetSettings, t.Name())
		}
		if len(s.Fed) > 0 && !slices.Contains(s.Fed, t.Name()) {
			return say(RemarkTargetMissed, t.Name())
		}
	}
	return said{}
}

// suspicion says why an incremental reading is not believed.
func (r *run) suspicion(rd *reading) said {
	if why := r.state.Watermark.suspicious(rd.watermark, r.set.now()); why != "" {
		return understood(why)
	}
	if v, bad := r.uncounted(rd, r.expected()); bad && !rd.full() {
		return say(RemarkCountDiffers, strconv.Itoa(rd.counted), strconv.Itoa(rd.counted-v.Planned))
	}
	return said{}
}

func (r *run) readPeople(ctx context.Context, b *orgmodel.Builder, rd *reading) error {
	since, options := r.state.Watermark, []orgmodel.PullOption{orgmodel.LastWins, orgmodel.Incremental}
	if rd.full() {
		since, options = Watermark{Memory: since.Memory}, options[:1]
	}
	people, upTo := r.config.Source.People(ctx, since)
	count := 0
	counted := tee(people, func(orgmodel.Person) {
		if count++; count%1000 == 0 {
			r.tell(Progress{Phase: PhasePeople, Done: count})
		}
	})
	if err := b.AddPeople(r.usablePeople(counted), options...); err != nil {
		return err
	}
	r.tell(Progress{Phase: PhasePeople, Done: count})
	var err error
	rd.watermark, err = upTo()
	switch {
	case errors.Is(err, ErrSlid):
		rd.watermark, rd.unfit = Watermark{}, append(rd.unfit, say(RemarkSlid))
	case err != nil:
		return err
	}
	again := r.toReread()
	if rd.full() || len(again) == 0 {
		return nil
	}
	// What an earlier run could not bring to every target is read again. A point
	// read is newer than the feed, so it is the last that wins.
	return b.AddPeople(r.usablePeople(r.readAgain(ctx, again, rd)), options...)
}

// mostOwed is how many people are read by their ids before reading all is cheaper.
func (r *run) mostOwed() int {
	if _, can := r.config.Source.(BatchReader); can {
		return min(max(maxOwed, r.state.InService/pageOverBatch), maxOwedInBatches)
	}
	return maxOwed
}

func (r *run) toReread() []string {
	again := slices.Clone(r.state.owed)
	if r.deciding() {
		again = append(again, slices.Collect(maps.Keys(r.state.held))...)
		slices.Sort(again)
		again = slices.Compact(again)
	}
	return again
}

// usablePeople enriches people and sets those aside whose ids cannot be used.
func (r *run) usablePeople(people iter.Seq2[orgmodel.Person, error]) iter.Seq2[orgmodel.Person, error] {
	return r.set.enrichment.apply(usable(people, func(p orgmodel.Person) string { return p.ID }, orgmodel.EntityPerson))
}

// readAgain reads people by their ids. People who are not there any more are left
// to the next full reading, which alone tells absence. So are people who cannot be
// read, because one bad record must not end every run from now on.
func (r *run) readAgain(ctx context.Context, ids []string, rd *reading) iter.Seq2[orgmodel.Person, error] {
	return func(yield func(orgmodel.Person, error) bool) {
		for id, read := range r.readEach(ctx, ids) {
			p, err := read.Person, read.Err
			switch {
			case ctx.Err() != nil:
				yield(p, context.Cause(ctx))
				return
			case errors.Is(err, ErrNotFound), isUnclear(err):
				held, lookErr := r.holdsAnything(ctx, id)
				if lookErr != nil {
					yield(p, lookErr)
					return
				}
				if held { // a full reading finds out what that means
					rd.unanswered, rd.reread[id] = true, true
					rd.doubt(orgmodel.EntityPerson, id, because(RemarkNotReread, "could not be read again: "+err.Error(), remarkOf(err)))
					r.fullDue = remarkTexts[RemarkRereadMissing]
				}
				continue
			case !read.answered():
				rd.unanswered, rd.reread[id] = true, true
				rd.doubt(orgmodel.EntityPerson, id, because(RemarkNotReread, "could not be read again: "+err.Error(), remarkOf(err)))
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// holdsAnything reports whether a target has to be told if a person goes.
func (r *run) holdsAnything(ctx context.Context, id string) (bool, error) {
	for _, t := range r.state.targets {
		found, err := r.state.entriesOf(ctx, t, orgmodel.EntityPerson, id)
		if err != nil {
			return false, err
		}
		if e, there := found[id]; there && e.holds() {
			return true, nil
		}
	}
	return false, nil
}

// usable sets records aside whose ids cannot be stored or printed faithfully.
func usable[T any](records iter.Seq2[T, error], id func(T) string, entity orgmodel.Entity) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range records {
			if err == nil {
				switch text := id(record); {
				case len(text) > maxID:
					err = &orgmodel.ConversionError{Entity: entity, ID: text[:maxID/4] + "…", Field: "id", Reason: "is longer than 256 bytes"}
				case !utf8.ValidString(text):
					err = &orgmodel.ConversionError{Entity: entity, ID: strings.ToValidUTF8(text, "�"), Field: "id", Reason: "is not UTF-8"}
				}
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// replayed yields records that were read before, and the errors among them.
func replayed[T any](records []T, refused []error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
		for _, err := range refused {
			var none T
			if !yield(none, err) {
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
