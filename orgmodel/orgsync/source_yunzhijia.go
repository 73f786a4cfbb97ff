package orgsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// YunzhijiaSource reads a team of 云之家: departments by getallorgs, people by the
// feed getallpersons, one of them by getperson and getorg.
type YunzhijiaSource struct {
	// Client reads the team. Required.
	Client *yunzhijia.Client
	// Adapter turns the vendor's records into people and departments.
	Adapter orgmodel.Yunzhijia
	// Overlap is how far before the end of the last reading the next one starts,
	// default 5 minutes. The vendor's cursor is exact to the second only; what is
	// read twice is recognised and not sent twice.
	Overlap time.Duration
	// Zone is the zone of the vendor's wall clock, nil for Beijing. It matters for
	// comparing cursors, not for reading: they go back as they came.
	Zone *time.Location
	// Pages says how pages are read. By default a full reading of people asks for
	// four concurrently; what is short anyway is read page after page.
	Pages yunzhijia.PageOptions
}

const (
	defaultOverlap  = 5 * time.Minute
	defaultPrefetch = 4
)

// Name returns "yunzhijia".
func (s *YunzhijiaSource) Name() string { return "yunzhijia" }

func (s *YunzhijiaSource) check() error {
	switch {
	case s.Client == nil:
		return &ConfigError{Field: "Source.Client", Reason: "is missing"}
	case s.Overlap < 0:
		return &ConfigError{Field: "Source.Overlap", Reason: "is negative"}
	}
	return nil
}

// Departments yields all departments (getallorgs).
func (s *YunzhijiaSource) Departments(ctx context.Context) iter.Seq2[orgmodel.Department, error] {
	return orgmodel.Convert(s.Client.AllOrgs(ctx, s.Pages), s.Adapter.Department)
}

// People yields the events of getallpersons, whose last one of a person holds.
func (s *YunzhijiaSource) People(ctx context.Context, since Watermark) (iter.Seq2[orgmodel.Person, error], func() (Watermark, error)) {
	from, pages := yunzhijia.Beginning, s.Pages
	if since.IsZero() {
		pages.Prefetch = cmp.Or(pages.Prefetch, defaultPrefetch)
	} else {
		var err error
		from, err = yunzhijia.Cursor(since.Cursor).Minus(cmp.Or(s.Overlap, defaultOverlap))
		if err != nil {
			return func(yield func(orgmodel.Person, error) bool) { yield(orgmodel.Person{}, err) },
				func() (Watermark, error) { return Watermark{}, err }
		}
	}
	feed := s.Client.PersonFeed(from, pages)
	return orgmodel.Convert(feed.Events(ctx), s.Adapter.Person), func() (Watermark, error) { return s.watermark(feed) }
}

func (s *YunzhijiaSource) watermark(feed *yunzhijia.PersonFeed) (Watermark, error) {
	cursor, ended := feed.Cursor()
	switch {
	case ended && feed.Slid():
		return Watermark{}, ErrSlid
	case !ended:
		return Watermark{}, errors.New("orgsync: the feed of people was not read to its end")
	case cursor == "": // which would read as the beginning of all times
		return Watermark{}, nil
	}
	t, err := cursor.Time(s.Zone)
	if err != nil {
		return Watermark{}, err
	}
	return Watermark{Cursor: string(cursor), Time: t}, nil
}

// CountPeople is the team's userCount (getcompany).
func (s *YunzhijiaSource) CountPeople(ctx context.Context) (int, bool, error) {
	company, err := s.Client.GetCompany(ctx)
	return company.UserCount, company.UserCountKnown, err
}

// Person reads one person (getperson).
func (s *YunzhijiaSource) Person(ctx context.Context, id string) (orgmodel.Person, error) {
	person, err := s.Client.GetPerson(ctx, id)
	if err != nil {
		return orgmodel.Person{}, unclear(err)
	}
	return s.Adapter.Person(person)
}

// Department reads one department (getorg).
func (s *YunzhijiaSource) Department(ctx context.Context, id string) (orgmodel.Department, error) {
	org, err := s.Client.GetOrg(ctx, id)
	if err != nil {
		return orgmodel.Department{}, unclear(err)
	}
	return s.Adapter.Department(org)
}

// unclear tells answers without the record from failures to answer. The vendor's docs
// do not say how a point read answers for an id that does not exist: a success without
// a record, a refusal, or an HTTP 404 may all mean that, or none.
func unclear(err error) error {
	e, ok := errors.AsType[*yunzhijia.Error](err)
	if !ok || e.OutcomeUnknown {
		return err
	}
	switch {
	case errors.Is(err, yunzhijia.ErrNoRecord):
		return &Unclear{Signature: "no record"}
	case e.Err == nil && (e.HTTPStatus == http.StatusOK || e.HTTPStatus == http.StatusNotFound || e.HTTPStatus == http.StatusGone):
		return &Unclear{Signature: fmt.Sprintf("%d|%s|%s", e.HTTPStatus, e.Code, e.Message), Err: err}
	}
	return err
}

// sourceFailure returns the failed call of the source's client, nil if it is none.
func sourceFailure(err error) *kernel.Failure {
	if e, ok := errors.AsType[*yunzhijia.Error](err); ok {
		return (*kernel.Failure)(e)
	}
	return nil
}

// unreadableRow returns what is wrong with a row of an answer.
func unreadableRow(err error) (field, problem string, ok bool) {
	row, ok := errors.AsType[*yunzhijia.RowError](err)
	if !ok {
		return "", "", false
	}
	return row.Field, row.Problem, true
}
