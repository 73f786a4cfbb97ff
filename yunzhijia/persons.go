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

// ListPersons reads one page of the person feed (getallpersons). A page with
// fewer rows than Count is the last. Give every page of a run the same Since;
// [Client.PersonFeed] takes care of that.
func (c *Client) ListPersons(ctx context.Context, request ListPersonsRequest) (PersonPage, error) {
	r := newRequest(opListPersons)
	since := request.Since.orBeginning()
	if _, err := since.Time(nil); err != nil {
		r.refuse("Since", problemCursor)
	}
	r.form.Set("time", string(since))
	r.page(PageRequest{Begin: request.Begin, Count: request.Count}, maxCount)

	type wirePage struct {
		Time    wire.Text    `json:"time"`
		Persons []wirePerson `json:"persons"`
	}
	return call(ctx, c, r, required(func(data *wirePage) (PersonPage, error) {
		p := PersonPage{Time: Cursor(data.Time)}
		// On the first page a bad cursor is better found now than by the next run.
		if request.Begin == 0 {
			if p.Time == "" {
				return p, &wire.DecodeError{Field: "data.time", Problem: problemMissing}
			}
			if _, err := p.Time.Time(nil); err != nil {
				return p, &wire.DecodeError{Field: "data.time", Problem: problemCursor}
			}
		}
		p.Persons = persons(data.Persons)
		return p, nil
	}))
}
