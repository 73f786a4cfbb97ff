package orgsync

import (
	"context"
	"errors"
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
	s.silent, s.clock, s.deleted, s.gone, s.notes = nil, time.Time{}, nil, nil, nil
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
	read := s.Persons(ctx, []string{id})[0]
	return read.Person, read.Err
}

// Persons reads people by their ids, 100 a call.
func (s *YunzhijiaDirectorySource) Persons(ctx context.Context, ids []string) []PointRead {
	reads := make([]PointRead, 0, len(ids))
	for chunk := range slices.Chunk(ids, pointChunk) {
		records := s.records(ctx, chunk)
		jobs, jobsErr := s.silentOf(ctx, records)
		for _, r := range records {
			var read PointRead
			now, known := jobs[r.OpenID]
			switch {
			case r.err != nil:
				read.Err = pointError(orgmodel.EntityPerson, r.err)
			case r.Status != yunzhijia.StatusActive: // whose side jobs mean nothing
				read.Person, read.Err = s.person(member{r.DirectoryPerson, silent{}})
			case jobsErr != nil:
				read.Err = jobsErr
			case !known:
				read.Err = pointError(orgmodel.EntityPerson, jobsMissing(r.OpenID))
			default:
				read.Person, read.Err = s.person(member{r.DirectoryPerson, now})
			}
			reads = append(reads, read)
		}
	}
	return reads
}

// silentOf returns side departments as the reading under way has them, or asks for those
// of the people in service among these.
func (s *YunzhijiaDirectorySource) silentOf(ctx context.Context, records []directoryRecord) (map[string]silent, error) {
	s.mu.Lock()
	all := s.silent
	s.mu.Unlock()
	var ids []string
	known := map[string]silent{}
	for _, r := range records {
		if r.err != nil || r.Status != yunzhijia.StatusActive {
			continue
		}
		ids = append(ids, r.OpenID)
		known[r.OpenID] = all[r.OpenID]
	}
	if all != nil || len(ids) == 0 {
		return known, nil
	}
	return s.jobsOf(ctx, ids)
}
