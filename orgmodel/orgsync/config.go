package orgsync

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config says what is kept in step. All fields are required.
type Config struct {
	// Tenant names the state in the store: one source and its targets.
	Tenant  string
	Source  Source
	Targets []Target
	Store   Store
}

// ConfigError says which field of a [Config], or which option, is wrong.
type ConfigError struct{ Field, Reason string }

// Error names field and reason.
func (e *ConfigError) Error() string { return "orgsync: " + e.Field + " " + e.Reason }

// Option changes a default of an [Engine].
type Option func(*settings)

type settings struct {
	scope      Scope
	enrichment Enrichment
	limits     Limits
	grace      int
	fullEvery  time.Duration
	now        func() time.Time
	logger     *slog.Logger
	progress   func(Progress)
}

const defaultFullEvery = 7 * 24 * time.Hour

// WithScope pushes a part of the organisation alone.
func WithScope(scope Scope) Option { return func(s *settings) { s.scope = scope } }

// WithEnrichment adds to what the source knows of people.
func WithEnrichment(e Enrichment) Option { return func(s *settings) { s.enrichment = e } }

// WithLimits replaces [DefaultLimits], which guard against removing too much.
func WithLimits(limits Limits) Option { return func(s *settings) { s.limits = limits } }

// WithGrace sets how many full and complete readings in a row must lack somebody,
// each confirmed by a point read, before absence counts. The default is 1.
func WithGrace(readings int) Option { return func(s *settings) { s.grace = readings } }

// WithFullReadEvery sets how much time, on the clock of [WithClock], may pass before
// everybody is read again although the feed would do. The default is 7 days.
func WithFullReadEvery(d time.Duration) Option { return func(s *settings) { s.fullEvery = d } }

// WithClock sets the clock of reports, of the guard's 24 hours and of the time between
// full readings; the default is time.Now. Watermarks are the source's own and have
// nothing to do with it.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithLogger logs the steps of a run: counts and ids, never personal data. The
// default is silence.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithProgress sets a function that is told how far a run has come. Calls come one
// at a time, from several goroutines, and must not block.
func WithProgress(report func(Progress)) Option { return func(s *settings) { s.progress = report } }

// check reports everything that is wrong at once.
func (c Config) check(s settings) error {
	var errs []error
	wrong := func(bad bool, field, reason string) {
		if bad {
			errs = append(errs, &ConfigError{Field: field, Reason: reason})
		}
	}
	wrong(strings.TrimSpace(c.Tenant) == "", "Tenant", "is empty")
	wrong(c.Source == nil, "Source", "is missing")
	wrong(c.Store == nil, "Store", "is missing")
	wrong(len(c.Targets) == 0, "Targets", "is empty")
	checkPart(c.Source, &errs)
	names := map[string]bool{}
	for i, t := range c.Targets {
		field := fmt.Sprintf("Targets[%d]", i)
		if t == nil {
			wrong(true, field, "is missing")
			continue
		}
		wrong(t.Name() == "", field, "has no name")
		wrong(names[t.Name()], field, "has the name of another target")
		wrong(t.Traits().Batch < 1, field, "takes no records")
		names[t.Name()] = true
		checkPart(t, &errs)
	}
	wrong(s.now == nil, "WithClock", "has no function")
	wrong(s.logger == nil, "WithLogger", "has no logger")
	wrong(s.grace < 1, "WithGrace", "is less than 1")
	wrong(s.fullEvery <= 0, "WithFullReadEvery", "is not positive")
	for _, id := range s.scope.Departments {
		wrong(strings.TrimSpace(id) == "", "WithScope", "has an empty department id")
	}
	if field := s.limits.invalid(); field != "" {
		wrong(true, "WithLimits", field+" is out of range")
	}
	return errors.Join(errs...)
}

// checkPart asks the ready-made sources and targets what they lack.
func checkPart(part any, errs *[]error) {
	if checked, ok := part.(interface{ check() error }); ok {
		if err := checked.check(); err != nil {
			*errs = append(*errs, err)
		}
	}
}
