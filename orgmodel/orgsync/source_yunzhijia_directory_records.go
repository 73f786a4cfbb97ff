package orgsync

import (
	"context"
	"errors"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// directoryRecord is what person/get said about one person: a record, a
// [*yunzhijia.RowError], an [*Unclear], or why it said nothing.
type directoryRecord struct {
	yunzhijia.DirectoryPerson

	err error
}

// errAllRefused is about people who were refused together, and were not asked for alone.
var errAllRefused = errors.New("orgsync: the source refused to answer about many people at once, and about the first of them alone")

// records reads people by their ids, at most 100, by one call if all is well.
func (s *YunzhijiaDirectorySource) records(ctx context.Context, ids []string) []directoryRecord {
	records := make([]directoryRecord, len(ids))
	s.halved(ctx, ids, records, &refusals{})
	return records
}

// refusals counts what was refused while a call was taken apart.
type refusals struct {
	alone    int
	answered bool // one of the calls was
}

// halved reads people into records. Where the vendor refuses a call for many, one of them
// may be the reason, which says nothing about the others: each half is asked for then. If
// all are refused, it is not that.
func (s *YunzhijiaDirectorySource) halved(ctx context.Context, ids []string, records []directoryRecord, r *refusals) {
	err := errAllRefused
	if r.answered || r.alone < maxFailures {
		err = s.readInto(ctx, ids, records)
	}
	switch {
	case err == nil:
		r.answered = true
		return
	case len(ids) > 1 && isUnclear(err):
		middle := len(ids) / 2
		s.halved(ctx, ids[:middle], records[:middle], r)
		s.halved(ctx, ids[middle:], records[middle:], r)
		return
	case isUnclear(err):
		r.alone++
	}
	for i := range records {
		records[i].err = err
	}
}

// readInto makes one call. The error is that of the call.
func (s *YunzhijiaDirectorySource) readInto(ctx context.Context, ids []string, records []directoryRecord) error {
	found, err := s.Client.GetDirectoryPersons(ctx, ids)
	refused := map[string]*yunzhijia.RowError{}
	if err = splitRows(err, refused); err != nil {
		return unclear(err)
	}
	byID := make(map[string]yunzhijia.DirectoryPerson, len(found))
	for _, p := range found {
		if bad := contradiction(byID, p); bad != nil {
			refused[p.OpenID] = bad
		}
		byID[p.OpenID] = p
	}
	for i, id := range ids {
		p, there := byID[id]
		bad := refused[id]
		if bad == nil && !there { // it may be a row of this person's that no id was read of
			bad = refused[""]
		}
		switch {
		case bad != nil:
			bad := *bad
			bad.ID = id
			records[i].err = &bad
		case !there:
			records[i].err = &Unclear{Signature: noRecord}
		default:
			records[i].DirectoryPerson = p
		}
	}
	return nil
}

// contradiction refuses a row of person/get without an id, since it may be that of anyone who
// was asked for, and one that says something else than an earlier one of the same person:
// who has two main departments, for instance, stays as they are.
func contradiction(before map[string]yunzhijia.DirectoryPerson, p yunzhijia.DirectoryPerson) *yunzhijia.RowError {
	switch earlier, twice := before[p.OpenID]; {
	case p.OpenID == "":
		return &yunzhijia.RowError{Op: opPersonGet, Field: "openId", Problem: "is missing"}
	case twice && earlier != p:
		return &yunzhijia.RowError{Op: opPersonGet, ID: p.OpenID, Field: "openId", Problem: "comes twice, with different records"}
	}
	return nil
}

const opPersonGet = "person/get"

// splitRows takes the errors of single rows out of a joined error, by their ids.
func splitRows(err error, into map[string]*yunzhijia.RowError) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	for _, each := range joined.Unwrap() {
		row, one := errors.AsType[*yunzhijia.RowError](each)
		if !one {
			return err
		}
		into[row.ID] = row
	}
	return nil
}
