package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

var opListPersons = dataOp("getallpersons")

// ListPersonsRequest asks for one page of the person feed.
type ListPersonsRequest struct {
	Since Cursor // changes after this moment; zero means [Beginning]
	Begin int    // see [PageRequest]
	Count int    // see [PageRequest]
}

// PersonPage is one page of the person feed.
type PersonPage struct {
	// Time is the moment up to which this call read. The first page's is where
	// the next run starts; it may be "" on later ones.
	Time Cursor `json:"time"`
	// Persons are events in order: of two with the same openId the later one
	// holds.
	Persons []Person `json:"persons"`
}

// LogValue shows the time and the number of rows.
func (p PersonPage) LogValue() slog.Value {
	return slog.GroupValue(slog.String("time", string(p.Time)), slog.Int("persons", len(p.Persons)))
}

// Format prints [PersonPage.LogValue] whatever the verb.
func (p PersonPage) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.PersonPage", p.LogValue())
}

// ListPersons reads one page of the person feed (getallpersons). A page with fewer
// rows than Count is the last. Give every page of a run the same Since;
// [Client.PersonFeed] takes care of that. The error names rows that cannot be read,
// see [RowError]: they count, and the page holds the others.
func (c *Client) ListPersons(ctx context.Context, request ListPersonsRequest) (PersonPage, error) {
	p, err := c.personPage(ctx, request)
	if err != nil {
		return PersonPage{}, err
	}
	list, err := result(p.persons, nil)
	return PersonPage{Time: p.time, Persons: list}, err
}

// personPage is a [PersonPage] with the rows that cannot be read.
type personPage struct {
	time    Cursor
	persons rows[Person]
}

func (c *Client) personPage(ctx context.Context, request ListPersonsRequest) (personPage, error) {
	r := newRequest(opListPersons)
	since := request.Since.orBeginning()
	if _, err := since.Time(nil); err != nil {
		r.refuse("Since", problemCursor)
	}
	r.form.Set("time", string(since))
	r.page(PageRequest{Begin: request.Begin, Count: request.Count}, maxCount)

	return call(ctx, c, r, func(s *wire.Scanner) (p personPage) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "time":
				seen.Once(s, 0, "data.time")
				p.time = Cursor(s.Text("data.time", wire.Strict))
			case "persons":
				seen.Once(s, 1, "data.persons")
				p.persons = readRows(s, opListPersons.Name, "data.persons", readPerson)
			default:
				s.Skip()
			}
		}
		// On the first page a bad cursor is better found now than by the next run.
		if request.Begin == 0 {
			if p.time == "" {
				s.Bad("data.time", problemMissing)
			} else if _, err := p.time.Time(nil); err != nil {
				s.Bad("data.time", problemCursor)
			}
		}
		seen.Need(s, 1, "data.persons")
		return p
	})
}
