package orgsync

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

const (
	// pointChunk is how many people person/get returns in one call.
	pointChunk = 100
	// deletedWithin is how far back dept/getAtTime is asked for deleted departments: a
	// full reading is due more often.
	deletedWithin = 31 * 24 * time.Hour
)

// begin forgets what an earlier reading found out.
func (s *YunzhijiaDirectorySource) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent, s.clock, s.deleted = nil, time.Time{}, nil
}

// readDeleted notes which departments were deleted after a moment (dept/getAtTime). Of
// several rows of one, the last holds.
func (s *YunzhijiaDirectorySource) readDeleted(ctx context.Context, since yunzhijia.Cursor) error {
	rows, err := s.Client.ListChangedOrgs(ctx, since)
	if _, some := errors.AsType[*yunzhijia.RowError](err); err != nil && !some {
		return err
	}
	deleted := map[string]bool{}
	for _, row := range rows {
		deleted[row.ID] = row.ChangeType == yunzhijia.OrgDeleted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = deleted
	return nil
}

// Department reads one department (dept/get). One that is not there, and that
// dept/getAtTime calls deleted, is known not to exist.
func (s *YunzhijiaDirectorySource) Department(ctx context.Context, id string) (orgmodel.Department, error) {
	found, err := s.Client.GetDirectoryOrgs(ctx, []string{id})
	switch {
	case err != nil:
		return orgmodel.Department{}, pointError(orgmodel.EntityDepartment, err)
	case len(found) > 0:
		return s.Adapter.Department(found[0])
	case s.wasDeleted(ctx, id):
		return orgmodel.Department{}, ErrNotFound
	}
	return orgmodel.Department{}, &Unclear{Signature: noRecord}
}

// noRecord is the signature of a success without a record.
const noRecord = "no record"

func (s *YunzhijiaDirectorySource) wasDeleted(ctx context.Context, id string) bool {
	s.mu.Lock()
	deleted, at := s.deleted, s.clock
	s.mu.Unlock()
	if deleted == nil && !at.IsZero() {
		if s.readDeleted(ctx, yunzhijia.CursorAt(at.Add(-deletedWithin), s.Zone)) != nil {
			return false // the control says what the answer means
		}
		s.mu.Lock()
		deleted = s.deleted
		s.mu.Unlock()
	}
	return deleted[id]
}

// pointError tells answers without the record from failures to answer.
func pointError(entity orgmodel.Entity, err error) error {
	if row, ok := errors.AsType[*yunzhijia.RowError](err); ok {
		return &orgmodel.ConversionError{Entity: entity, ID: row.ID, Field: row.Field, Reason: row.Problem}
	}
	return unclear(err)
}

// Person reads one person (person/get).
func (s *YunzhijiaDirectorySource) Person(ctx context.Context, id string) (orgmodel.Person, error) {
	read := s.persons(ctx, []string{id})[0]
	return read.Person, read.Err
}

// Persons reads people by their ids, 100 a call.
func (s *YunzhijiaDirectorySource) Persons(ctx context.Context, ids []string) []PointRead {
	var all []PointRead
	for start := 0; start < len(ids); start += pointChunk {
		all = append(all, s.persons(ctx, ids[start:min(start+pointChunk, len(ids))])...)
	}
	return all
}

// errAllRefused is the answer about people who were refused together, and were not asked
// for alone.
var errAllRefused = errors.New("orgsync: the source refused to answer about many people at once, and about the first of them alone")

func (s *YunzhijiaDirectorySource) persons(ctx context.Context, ids []string) []PointRead {
	reads := make([]PointRead, len(ids))
	s.halved(ctx, ids, reads, &refusals{})
	return reads
}

// refusals counts what was refused while a call was taken apart.
type refusals struct {
	alone    int
	answered bool // one of the calls was
}

// halved reads people into reads. Where the vendor refuses a call for many, one of them may
// be the reason, which says nothing about the others: each half is asked for then. If all
// are refused, it is not that.
func (s *YunzhijiaDirectorySource) halved(ctx context.Context, ids []string, reads []PointRead, r *refusals) {
	err := errAllRefused
	if r.answered || r.alone < maxFailures {
		err = s.readInto(ctx, ids, reads)
	}
	switch {
	case err == nil:
		r.answered = true
		return
	case len(ids) > 1 && isUnclear(err):
		middle := len(ids) / 2
		s.halved(ctx, ids[:middle], reads[:middle], r)
		s.halved(ctx, ids[middle:], reads[middle:], r)
		return
	case isUnclear(err):
		r.alone++
	}
	for i := range reads {
		reads[i].Err = err
	}
}

// readInto reads people by one call. The error is that of the call.
func (s *YunzhijiaDirectorySource) readInto(ctx context.Context, ids []string, reads []PointRead) error {
	found, err := s.Client.GetDirectoryPersons(ctx, ids)
	rowErrors := map[string]error{}
	if err = splitRows(err, rowErrors); err != nil {
		return pointError(orgmodel.EntityPerson, err)
	}
	byID := make(map[string]yunzhijia.DirectoryPerson, len(found))
	for _, p := range found {
		byID[p.OpenID] = p
	}
	jobs, jobsErr := s.silentOf(ctx, found)
	for i, id := range ids {
		p, there := byID[id]
		now, known := jobs[id]
		switch {
		case rowErrors[id] != nil:
			reads[i].Err = rowErrors[id]
		case !there && rowErrors[""] != nil: // it may be that one
			reads[i].Err = rowErrors[""]
		case !there:
			reads[i].Err = &Unclear{Signature: noRecord}
		case p.Status != yunzhijia.StatusActive: // whose side jobs mean nothing
			reads[i].Person, reads[i].Err = s.person(member{p, silent{}})
		case jobsErr != nil:
			reads[i].Err = jobsErr
		case !known:
			reads[i].Err = pointError(orgmodel.EntityPerson, jobsMissing(id))
		default:
			reads[i].Person, reads[i].Err = s.person(member{p, now})
		}
	}
	return nil
}

// splitRows takes the errors of single rows out of a joined error, by their ids.
func splitRows(err error, into map[string]error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	for _, each := range joined.Unwrap() {
		row, one := errors.AsType[*yunzhijia.RowError](each)
		if !one {
			return err
		}
		into[row.ID] = pointError(orgmodel.EntityPerson, row)
	}
	return nil
}

// byID reads people by their ids. Where the vendor refuses a call for many, one of them may
// be the reason, so they are asked for one by one; who is refused alone does not come.
func (s *YunzhijiaDirectorySource) byID(ctx context.Context, ids []string) iter.Seq2[yunzhijia.DirectoryPerson, error] {
	return func(yield func(yunzhijia.DirectoryPerson, error) bool) {
		refused := 0 // in a row
		for rest := ids; len(rest) > 0; {
			chunk := rest[:min(pointChunk, len(rest))]
			if refused > 0 {
				chunk = rest[:1]
			}
			rest = rest[len(chunk):]
			for p, err := range s.Client.AllDirectoryPersonsByID(ctx, chunk) {
				if isUnclear(unclear(err)) && refused < maxFailures {
					if refused++; len(chunk) > 1 {
						rest = append(slices.Clone(chunk), rest...) // once more
					}
					break
				}
				if _, one := errors.AsType[*yunzhijia.RowError](err); !yield(p, err) || err != nil && !one {
					return
				}
				refused = 0
			}
		}
	}
}

// silentOf returns side departments as the reading under way has them, or asks for those
// of the people in service among these.
func (s *YunzhijiaDirectorySource) silentOf(ctx context.Context, people []yunzhijia.DirectoryPerson) (map[string]silent, error) {
	s.mu.Lock()
	all := s.silent
	s.mu.Unlock()
	var ids []string
	known := map[string]silent{}
	for _, p := range people {
		if p.Status != yunzhijia.StatusActive {
			continue
		}
		ids = append(ids, p.OpenID)
		known[p.OpenID] = all[p.OpenID]
	}
	if all != nil || len(ids) == 0 {
		return known, nil
	}
	return s.jobsOf(ctx, ids)
}
