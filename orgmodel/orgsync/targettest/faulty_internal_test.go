package targettest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// faultyTarget keeps the contract, except for the one fault it is made with.
type faultyTarget struct {
	fault string

	mu      sync.Mutex
	asked   int
	people  map[string]string // id -> status
	refused map[string]bool
}

func newFaultyTarget(fault string) *faultyTarget {
	return &faultyTarget{fault: fault, people: map[string]string{}, refused: map[string]bool{}}
}

func (f *faultyTarget) count() string {
	f.asked++
	return strconv.Itoa(f.asked)
}

func (f *faultyTarget) Name() string {
	switch f.fault {
	case "no name":
		return ""
	case "names change":
		return f.count()
	}
	return "faulty"
}

func (f *faultyTarget) Destination() string {
	if f.fault == "places change" {
		return f.count()
	}
	return "host"
}

func (f *faultyTarget) Settings() string {
	switch f.fault {
	case "settings change":
		return f.count()
	case "settings are an address":
		return fmt.Sprintf("%p", f)
	}
	return "1"
}

func (f *faultyTarget) Traits() orgsync.Traits {
	traits := orgsync.Traits{Batch: 50, Departments: true, Upserts: true, IdentifiesByKey: true}
	switch f.fault {
	case "no batch":
		traits.Batch = 0
	case "traits change":
		f.asked++
		traits.Batch += f.asked
	}
	return traits
}

type faultyRecord struct{ ID, Key, Name, Status string }

func (f *faultyTarget) Department(d orgmodel.Department) (orgsync.Record, error) {
	if f.fault == "department panics" && d.Name == "" {
		panic("no name")
	}
	return orgsync.Record{Value: faultyRecord{ID: d.ID, Name: d.Name}}, nil
}

func (f *faultyTarget) Person(p orgmodel.Person, org *orgmodel.Directory, held string) (orgsync.Record, error) {
	number := strings.Trim(p.EmployeeNo, " \u200b")
	if strings.ContainsAny(number, "*#") {
		number = ""
	}
	key := cmp.Or(number, held, p.ID)
	provisional := number == "" && held == ""
	r := faultyRecord{ID: p.ID, Key: key, Name: p.Name, Status: p.Status.String()}
	switch f.fault {
	case "panics":
		_ = p.DepartmentIDs[0]
	case "panics without a directory entry":
		d, there := org.Department(p.PrimaryDepartmentID())
		if !there {
			panic(d.ID)
		}
	case "forgets the key":
		key, provisional = cmp.Or(number, p.ID), number == ""
	case "is sure":
		provisional = false
	case "is never sure":
		provisional = true
	case "blank keys":
		key = cmp.Or(strings.ReplaceAll(p.EmployeeNo, "\u200b", "*"), held, p.ID)
	case "masked keys":
		key = cmp.Or(strings.Trim(p.EmployeeNo, " \u200b"), held, p.ID)
	case "keys of names":
		key = p.ID + p.Name
	case "keeps no key":
		key = ""
	case "changes people":
		if len(p.DepartmentIDs) > 1 {
			p.DepartmentIDs[0] = p.DepartmentIDs[1]
		}
	case "stamps":
		r.Status = f.count()
	case "hides names":
		r.Name = ""
	case "hides leavers":
		r.Status = ""
	case "shows values":
		if p.Mobile != "" && p.Name == "" {
			return orgsync.Record{}, errors.New("no name for " + p.Mobile)
		}
	case "no JSON":
		return orgsync.Record{Key: key, Value: make(chan int)}, nil
	case "wrong JSON":
		return orgsync.Record{Key: key, Value: appends("{")}, nil
	case "overwrites":
		return orgsync.Record{Key: key, Value: overwrites{r}}, nil
	}
	return orgsync.Record{Key: key, Provisional: provisional, Value: r}, nil
}

type appends string

func (a appends) AppendJSON(b []byte) ([]byte, error) { return append(b, a...), nil }

type overwrites struct{ faultyRecord }

func (overwrites) AppendJSON(b []byte) ([]byte, error) {
	return append(b[:0], "{\"a\": 12345}"...), nil
}

func (f *faultyTarget) Push(ctx context.Context, b orgsync.Batch) []orgsync.Outcome {
	outcomes := make([]orgsync.Outcome, len(b.Items))
	if ctx.Err() != nil && f.fault != "sends after the end" {
		if f.fault == "acknowledges after the end" {
			return outcomes
		}
		return orgsync.FailAll(len(b.Items), orgsync.Outcome{Err: ctx.Err(), Down: true})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, item := range b.Items {
		outcomes[i] = f.one(b.Op, item)
	}
	switch {
	case f.fault == "too few" && len(outcomes) > 1:
		return outcomes[1:]
	case f.fault == "too many":
		return slices.Concat(outcomes, []orgsync.Outcome{{}})
	case f.fault == "other order" && len(outcomes) > 1:
		outcomes[0], outcomes[1] = outcomes[1], outcomes[0]
	case f.fault == "half" && len(outcomes) > 25:
		outcomes[25].Err = errors.New("too many")
	}
	return outcomes
}

func (f *faultyTarget) one(op orgsync.Op, item orgsync.Item) orgsync.Outcome {
	r, ok := item.Value.(faultyRecord)
	if !ok {
		if f.fault == "panics over others" {
			_ = item.Value.(faultyRecord)
		}
		if f.fault == "takes anything" {
			return orgsync.Outcome{}
		}
		return orgsync.Outcome{Err: errors.New("not ours")}
	}
	if f.refused[item.ID] {
		err := errors.New("refused")
		switch f.fault {
		case "leaves it open":
			return orgsync.Outcome{Err: err}
		case "is down":
			return orgsync.Outcome{Err: orgsync.Rejected(err), Down: true}
		}
		return orgsync.Outcome{Err: orgsync.Rejected(err)}
	}
	status, there := f.people[item.ID]
	switch {
	case op < orgsync.OpAddPeople:
		return orgsync.Outcome{}
	case f.fault == "adds once" && there && status == r.Status:
		return orgsync.Outcome{Err: orgsync.Rejected(errors.New("exists"))}
	case f.fault == "removes no one" && op == orgsync.OpRemovePeople, f.fault == "does nothing":
		return orgsync.Outcome{}
	case f.fault == "adds twice" && there:
		f.people[item.ID+"-2"] = r.Status
	}
	f.people[item.ID] = r.Status
	return orgsync.Outcome{}
}

func (f *faultyTarget) inService(testing.TB, orgsync.Target) (ids []string) {
	for id, status := range f.people {
		if status == orgmodel.StatusActive.String() {
			ids = append(ids, id)
		}
	}
	return ids
}

// faultySource is the same for sources.
type faultySource struct {
	fault string
	asked int
	ended int
}

func (f *faultySource) Name() string {
	if f.fault == "no name" {
		return ""
	}
	return "faulty"
}

func faultySeq[T any](ctx context.Context, f *faultySource, records []T) iter.Seq2[T, error] {
	left := len(records)
	return func(yield func(T, error) bool) {
		if f.fault != "once" {
			left = len(records)
		}
		for _, r := range records[len(records)-left:] {
			if ctx.Err() != nil && f.fault != "goes on" {
				var none T
				if f.fault != "ends quietly" {
					yield(none, ctx.Err())
				}
				return
			}
			left--
			more := yield(r, nil)
			if f.fault == "yields on" && !more {
				more = yield(r, nil)
			}
			if !more {
				return
			}
		}
		f.ended++
	}
}

func (f *faultySource) Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error] {
	list := departments()
	switch f.fault {
	case "departments twice":
		list = append(list, list[1])
	case "no id":
		list[1].ID = ""
	}
	return faultySeq(ctx, f, list)
}

func (f *faultySource) People(ctx context.Context, since orgsync.Watermark) (iter.Seq2[orgmodel.Person, error], func() (orgsync.Watermark, error)) {
	people := []orgmodel.Person{whole(1), whole(2), whole(3)}
	switch {
	case f.fault == "no status":
		people[1].Forget(orgmodel.PersonStatus)
	case f.fault == "tells of others" && !since.IsZero():
		people = []orgmodel.Person{whole(9)}
	case !since.IsZero():
		people = people[:1]
	}
	f.asked++
	asked, ended := f.asked, f.ended
	return faultySeq(ctx, f, people), func() (orgsync.Watermark, error) {
		mark := orgsync.Watermark{Cursor: "1", Time: time.Unix(1000, 0)}
		switch {
		case f.ended == ended && f.fault != "early watermark":
			return orgsync.Watermark{}, errors.New("not read to its end")
		case f.fault == "goes back":
			mark.Time = time.Unix(int64(1000-asked), 0)
		case f.fault == "no time":
			mark.Time = time.Time{}
		case f.fault == "no quiet end" && !since.IsZero():
			return mark, errors.New("nothing new")
		}
		return mark, nil
	}
}

func (f *faultySource) Person(ctx context.Context, id string) (orgmodel.Person, error) {
	if err := f.cut(ctx); err != nil {
		return orgmodel.Person{}, err
	}
	for _, p := range []orgmodel.Person{whole(1), whole(2), whole(3)} {
		if p.ID != id {
			continue
		}
		switch f.fault {
		case "reads another status":
			p.SetStatus(orgmodel.StatusLeft)
		case "reads no status":
			p.Forget(orgmodel.PersonStatus)
		case "reads another name":
			p.SetName("另名")
		case "reads another person":
			return whole(4), nil
		}
		return p, nil
	}
	return orgmodel.Person{}, f.unknown()
}

func (f *faultySource) Persons(ctx context.Context, ids []string) []orgsync.PointRead {
	reads := make([]orgsync.PointRead, len(ids))
	for i, id := range ids {
		reads[i].Person, reads[i].Err = f.Person(ctx, id)
	}
	switch {
	case f.fault == "batch in another order":
		slices.Reverse(reads)
	case f.fault == "batch lacks one" && len(reads) > 0:
		return reads[1:]
	case f.fault == "batch fails for one" && slices.ContainsFunc(reads, func(r orgsync.PointRead) bool { return r.Err != nil }):
		for i := range reads {
			reads[i] = orgsync.PointRead{Err: &orgsync.Unclear{Signature: "404"}}
		}
	case f.fault == "batch cut off is gone" && ctx.Err() != nil:
		for i := range reads {
			reads[i].Err = orgsync.ErrNotFound
		}
	}
	return reads
}

func (f *faultySource) Department(ctx context.Context, id string) (orgmodel.Department, error) {
	if err := f.cut(ctx); err != nil {
		return orgmodel.Department{}, err
	}
	for _, d := range departments() {
		if d.ID == id {
			return d, nil
		}
	}
	return orgmodel.Department{}, f.unknown()
}

func (f *faultySource) cut(ctx context.Context) error {
	if ctx.Err() == nil || f.fault == "goes on" {
		return nil
	}
	if f.fault == "cut off is gone" {
		return orgsync.ErrNotFound
	}
	return ctx.Err()
}

func (f *faultySource) unknown() error {
	switch f.fault {
	case "unknown is empty":
		return nil
	case "unknown is an error":
		return errors.New("HTTP 500")
	case "no signature":
		return &orgsync.Unclear{}
	case "unclear":
		return &orgsync.Unclear{Signature: "404"}
	}
	return orgsync.ErrNotFound
}

func (f *faultySource) CountPeople(context.Context) (int, bool, error) {
	switch f.fault {
	case "counts below nothing":
		return -1, true, nil
	case "counts on":
		f.asked++
		return f.asked, true, nil
	}
	return 3, true, nil
}
