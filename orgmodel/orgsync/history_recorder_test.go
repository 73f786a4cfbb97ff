package orgsync_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
)

// recorder writes the chronicle of runs: it stands between the engine and its source,
// its targets and its store.
type recorder struct {
	now func() time.Time

	mu     sync.Mutex
	events chronicle
	calls  int
	names  map[int]string // of targets, by code
	muted  bool           // nothing is noted: a plan is made
}

func newRecorder(now func() time.Time) *recorder {
	return &recorder{now: now, names: map[int]string{}}
}

func (r *recorder) note(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.muted {
		e.At = r.now()
		r.events = append(r.events, e)
	}
}

func (r *recorder) mute(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.muted = on
}

func shortHash(text string) string {
	if text == "" {
		return ""
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:5])
}

// recordedSource is a source whose answers are noted.
type recordedSource struct {
	orgsync.Source

	rec *recorder
}

// countingSource is one that counts, too.
type countingSource struct {
	recordedSource
	orgsync.Counter
}

func (r *recorder) source(s orgsync.Source) orgsync.Source {
	recorded := recordedSource{s, r}
	if counter, ok := s.(orgsync.Counter); ok {
		return countingSource{recorded, counter}
	}
	if directory, ok := s.(*orgsync.YunzhijiaDirectorySource); ok {
		return batchSource{recorded, directory}
	}
	return recorded
}

// batchSource is one that reads many people at once, too.
type batchSource struct {
	recordedSource
	orgsync.Configured
}

func (s batchSource) Persons(ctx context.Context, ids []string) []orgsync.PointRead {
	reads := s.Source.(orgsync.BatchReader).Persons(ctx, ids)
	for i, read := range reads {
		s.point(ids[i], read.Person, read.Err)
	}
	return reads
}

// watch passes a sequence on, and notes it when it has ended.
func watch[T any](from iter.Seq2[T, error], rowOf func(T) row, ended func(rows []row, refused []string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var rows []row
		var refused []string
		var broken error
		defer func() { ended(rows, refused, broken) }()
		for v, err := range from {
			set, one := errors.AsType[*orgmodel.ConversionError](err)
			switch {
			case one:
				refused = append(refused, set.ID)
			case err != nil:
				broken = err
			default:
				now := rowOf(v)
				rows = append(rows, now)
				refused = slices.DeleteFunc(refused, func(id string) bool { return id == now.ID })
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%T", err)
}

func (s recordedSource) Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error] {
	return watch(s.Source.Departments(ctx), rowOfDepartment, func(rows []row, refused []string, err error) {
		s.rec.note(event{Kind: kindDepartments, Rows: rows, Refused: refused, Error: textOf(err)})
	})
}

func (s recordedSource) People(ctx context.Context, since orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	people, upTo := s.Source.People(ctx, since)
	return watch(people, rowOfPerson, func(rows []row, refused []string, err error) {
		e := event{Kind: kindPeople, Rows: rows, Refused: refused, Since: since, Error: textOf(err)}
		if err == nil {
			e.UpTo, err = upTo()
			e.Slid = errors.Is(err, orgsync.ErrSlid)
		}
		s.rec.note(e)
	}), upTo
}

func (s recordedSource) Person(ctx context.Context, id string) (orgmodel.Person, error) {
	p, err := s.Source.Person(ctx, id)
	s.point(id, p, err)
	return p, err
}

// point notes the answer of one point read.
func (s recordedSource) point(id string, p orgmodel.Person, err error) {
	e := event{Kind: kindPoint, Entity: string(orgmodel.EntityPerson), ID: id, Answer: answerActive}
	r := rowOfPerson(p)
	switch {
	case err != nil:
		e.Answer, e.Signature = answerOf(err, id)
	case r.Status == "":
		e.Answer = answerThere
	case r.Status != answerActive:
		e.Answer = answerLeft
	}
	if err == nil {
		e.Rows = []row{r}
	}
	s.rec.note(e)
}

func (s recordedSource) Department(ctx context.Context, id string) (orgmodel.Department, error) {
	d, err := s.Source.Department(ctx, id)
	e := event{Kind: kindPoint, Entity: string(orgmodel.EntityDepartment), ID: id, Answer: answerThere}
	if err != nil {
		e.Answer, e.Signature = answerOf(err, id)
	}
	s.rec.note(e)
	return d, err
}

var longDigits = regexp.MustCompile(`[0-9A-Fa-f*]{6,}`)

func answerOf(err error, id string) (answer, signature string) {
	if errors.Is(err, orgsync.ErrNotFound) {
		return answerUnknown, ""
	}
	if unclear, ok := errors.AsType[*orgsync.Unclear](err); ok {
		return answerUnclear, longDigits.ReplaceAllString(strings.ReplaceAll(unclear.Signature, id, "#"), "#")
	}
	return answerFailed, ""
}

func rowOfDepartment(d orgmodel.Department) row {
	return row{ID: d.ID, Parent: d.ParentID, Fields: map[string]string{"name": shortHash(d.Name)}}
}

func rowOfPerson(p orgmodel.Person) row {
	r := row{ID: p.ID, Departments: slices.Clone(p.DepartmentIDs), Fields: map[string]string{}}
	if p.Known.Has(orgmodel.PersonStatus) {
		r.Status = answerLeft
		if p.Status == orgmodel.StatusActive {
			r.Status = answerActive
		}
	}
	if p.Known.Has(orgmodel.PersonEmployeeNo) {
		r.No = strings.TrimSpace(p.EmployeeNo)
	}
	known := func(f orgmodel.PersonField, name, text string) {
		if p.Known.Has(f) {
			r.Fields[name] = shortHash(text)
		}
	}
	known(orgmodel.PersonName, "name", p.Name)
	known(orgmodel.PersonMobile, "mobile", p.Mobile)
	known(orgmodel.PersonPosition, "position", p.Position)
	return r
}

// recordedTarget is a target whose calls are noted.
type recordedTarget struct {
	orgsync.Target

	rec *recorder
}

// replacingTarget is one that can be replaced.
type replacingTarget struct {
	recordedTarget

	replacer orgsync.Replacer
}

func (r *recorder) targets(targets ...orgsync.Target) []orgsync.Target {
	list := make([]orgsync.Target, len(targets))
	for i, t := range targets {
		recorded := recordedTarget{t, r}
		list[i] = recorded
		if replacer, ok := t.(orgsync.Replacer); ok {
			list[i] = replacingTarget{recorded, replacer}
		}
	}
	return list
}

func (t recordedTarget) call(op string, items []sent) int {
	t.rec.mu.Lock()
	t.rec.calls++
	n := t.rec.calls
	t.rec.mu.Unlock()
	t.rec.note(event{Kind: kindCall, Call: n, Target: t.Name(), Destination: shortHash(t.Destination()), Op: op, Items: items})
	return n
}

func (t recordedTarget) Push(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
	items := make([]sent, len(b.Items))
	for i, item := range b.Items {
		items[i] = sentOf(b.Op, item)
	}
	n := t.call(b.Op.String(), items)
	outcomes := t.Target.Push(ctx, b)
	e := event{Kind: kindAnswer, Call: n, Target: t.Name(), Outcomes: make([]string, len(outcomes))}
	for i, o := range outcomes {
		e.Outcomes[i] = outcomeText(o.Err)
	}
	t.rec.note(e)
	return outcomes
}

func outcomeText(err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case errors.Is(err, orgsync.ErrRejected):
		return outcomeRejected
	}
	return outcomeOpen
}

func (t replacingTarget) Replace(ctx context.Context, departments, people iter.Seq[orgsync.Item]) error {
	var items []sent
	cut := false // the engine gave up in the middle, and no target takes what it says then
	through := func(op orgsync.Op, from iter.Seq[orgsync.Item]) iter.Seq[orgsync.Item] {
		return func(yield func(orgsync.Item) bool) {
			for item := range from {
				items, cut = append(items, sentOf(op, item)), cut || item.Value == nil
				if !yield(item) {
					return
				}
			}
		}
	}
	n := t.call(opReplace, nil)
	err := t.replacer.Replace(ctx, through(orgsync.OpUpdateDepartments, departments), through(orgsync.OpUpdatePeople, people))
	e := event{Kind: kindAnswer, Call: n, Target: t.Name(), Op: opReplace, Items: items}
	for range items {
		e.Outcomes = append(e.Outcomes, outcomeText(err))
		if cut {
			e.Outcomes[len(e.Outcomes)-1] = outcomeRejected
		}
	}
	t.rec.note(e)
	return err
}

// sentOf is what a record says, without the vendor's time stamp.
func sentOf(op orgsync.Op, item orgsync.Item) sent {
	s := sent{ID: item.ID, Key: item.Key, Fields: map[string]string{}}
	if e, ok := item.Value.(tuzhan.Employee); ok {
		e.UpdateTime = tuzhan.Employee{}.UpdateTime
		item.Value = e
	}
	if d, ok := item.Value.(tuzhan.Department); ok {
		d.UpdateTime = tuzhan.Department{}.UpdateTime
		item.Value = d
	}
	text, _ := json.Marshal(item.Value)
	s.Digest = shortHash(string(text))
	optional := func(name string, given bool, text string) {
		if given {
			s.Fields[name] = shortHash(text)
		}
	}
	switch v := item.Value.(type) {
	case aiguanhuai.Person:
		s.Active = v.Status == aiguanhuai.StatusActive
		s.Fields["name"] = shortHash(v.RealName)
		optional("mobile", v.Mobile.IsSet(), v.Mobile.Or(""))
		optional("position", v.Position.IsSet(), v.Position.Or(""))
	case aiguanhuai.Department:
		s.Active, s.Parent = v.Status == aiguanhuai.StatusActive, v.ParentID.Or("")
	case tuzhan.Employee:
		if s.Active = op != orgsync.OpRemovePeople; s.Active {
			s.Fields["name"], s.Fields["mobile"] = shortHash(v.ChannelName), shortHash(v.Phone)
			optional("position", v.Job.IsSet(), v.Job.Or(""))
		}
	case tuzhan.Department:
		s.Active, s.Parent = op != orgsync.OpRemoveDepartments, v.ThirdParentID
	case yunjian.User:
		s.Active = !v.IsLeave
		s.Fields["name"], s.Fields["mobile"] = shortHash(v.FullName), shortHash(v.Mobile)
	}
	return s
}

// begin and end enclose a run.
func (r *recorder) begin(facts runFacts) { r.note(event{Kind: kindBegin, Options: &facts}) }

func (r *recorder) end(report *orgsync.Report, err error) {
	e := event{Kind: kindEnd, Named: map[string][]string{}, Quiet: true}
	if err != nil {
		e.Error = err.Error()
	}
	for _, t := range report.Targets {
		named := map[string]bool{}
		for _, notes := range [][]orgsync.Note{t.Skipped, t.Withheld, t.Held, t.Failed} {
			for _, n := range notes {
				named[n.ID] = true
			}
		}
		e.Named[t.Name] = slices.Sorted(maps.Keys(named))
		e.Quiet = e.Quiet && t.NotSent == 0 && t.Error == ""
	}
	guard, stopped := errors.AsType[*orgsync.GuardError](err)
	e.Quiet = e.Quiet && len(report.Targets) > 0 && (!stopped || guard.Held)
	r.note(e)
}
