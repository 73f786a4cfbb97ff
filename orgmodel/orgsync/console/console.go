package console

import (
	"io"
	"net/http"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Console is the page: an [http.Handler]. Make it with [New]. All its links are
// relative, so that it can be served below any path that ends in a slash, with
// [http.StripPrefix].
type Console struct{ config Config }

// New returns a page. It does no I/O; the error joins a [*ConfigError] for everything
// that is wrong.
func New(config Config) (*Console, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Console{config: config}, nil
}

// ServeHTTP answers a request.
func (c *Console) ServeHTTP(http.ResponseWriter, *http.Request) {}

// Close ends live connections, cancels a plan or run that the page started, and waits
// until it has ended. Give it to [http.Server.RegisterOnShutdown].
func (c *Console) Close() {}

// PageOptions say how [WritePlan] and [WriteReport] render.
type PageOptions struct {
	// Language is "en" or "zh", or what an Accept-Language header or LANG holds. The default
	// is English.
	Language string
	// Title names the team or the company. The default is the tenant.
	Title string
	// Names shows names of people, if the plan or report was made by this process.
	Names bool
	// Now is when the page is made. The default is time.Now.
	Now time.Time
}

// WritePlan writes a plan as one HTML page that needs nothing else: no server, no
// scripts, no other files. Removals are in full; of very large branches the page shows a
// part and says so.
func WritePlan(w io.Writer, plan *orgsync.Plan, options PageOptions) error { return nil }

// WriteReport writes the report of a run as [WritePlan] writes a plan.
func WriteReport(w io.Writer, report *orgsync.Report, options PageOptions) error { return nil }
