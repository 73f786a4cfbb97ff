package orgsync

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

// ConfigError says which field of a [Config] or of [RunOptions], or which option, is wrong.
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
	sealing    [][]byte // keys: the first seals, all open
	sealed     bool     // sealing was asked for
}

// registryPrefix begins the names under which a store keeps which tenants feed a destination.
const registryPrefix = "\x00orgsync/destinations/"

const defaultFullEvery = 7 * 24 * time.Hour

func defaultSettings() settings {
	return settings{
		limits: DefaultLimits(), grace: 1, fullEvery: defaultFullEvery,
		now: time.Now, logger: slog.New(slog.DiscardHandler),
	}
}

// WithScope pushes a part of the organisation alone.
func WithScope(scope Scope) Option { return func(s *settings) { s.scope = scope } }

// WithEnrichment adds to what the source knows of people.
func WithEnrichment(e Enrichment) Option { return func(s *settings) { s.enrichment = e } }

// WithLimits replaces [DefaultLimits], beyond which a run needs an approval.
func WithLimits(limits Limits) Option { return func(s *settings) { s.limits = limits } }

// WithGrace sets how many full and complete readings in a row must lack a person,
// each confirmed by a point read, before absence counts. The default is 1.
func WithGrace(readings int) Option { return func(s *settings) { s.grace = readings } }

// WithFullReadEvery sets how much time, on the clock of [WithClock], may pass before
// everyone is read again even if the feed would do. The default is 7 days.
func WithFullReadEvery(d time.Duration) Option { return func(s *settings) { s.fullEvery = d } }

// WithClock sets the clock of reports, approvals, the guard's 24 hours and the time
// between full readings; the default is time.Now. Watermarks are the source's own and
// leases the store's: neither depends on it.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithLogger logs the steps of a run: counts and ids, never personal data. The
// default is silence.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithProgress sets a function that is told how far a run has come. Calls come one
// at a time, from several goroutines, and must not block.
func WithProgress(report func(Progress)) Option { return func(s *settings) { s.progress = report } }

// WithSealing keeps, sealed in the state, the few fields that targets demand to
// disable a person who has vanished from the source: name, mobile and employee
// number. key has 32 bytes and must be kept apart from the state and its backups.
// To change it, give the new key first and the former ones after it until a full
// reading has ended.
func WithSealing(key []byte, former ...[]byte) Option {
	return func(s *settings) {
		s.sealed, s.sealing = true, nil
		for _, k := range append([][]byte{key}, former...) {
			s.sealing = append(s.sealing, slices.Clone(k))
		}
	}
}

// check reports everything that is wrong at once.
func (c Config) check(s settings) error {
	var errs []error
	wrong := func(bad bool, field, reason string) {
		if bad {
			errs = append(errs, &ConfigError{Field: field, Reason: reason})
		}
	}
	wrong(strings.TrimSpace(c.Tenant) == "", "Tenant", "is empty")
	wrong(strings.HasPrefix(c.Tenant, registryPrefix), "Tenant", "is reserved")
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
	for _, key := range s.sealing {
		wrong(len(key) != sealKeySize, "WithSealing", "has a key that is not 32 bytes long")
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

// RunOptions say how one run differs from the usual.
type RunOptions struct {
	// DryRun reads and plans, and neither sends nor stores anything.
	DryRun bool
	// Full reads everyone from the beginning, so that those who are missing count as
	// absent once the source has confirmed it.
	Full bool
	// Approve lets what the guard objected to pass.
	Approve Approve
	// Hold sends everything except what the guard objects to, instead of nothing.
	Hold bool
	// Force overrules the guard, for this run alone.
	Force bool
	// Replace names targets that are given everything at once, so that what others put
	// there goes too. It needs an approval.
	Replace []string
	// Adopt names targets whose state may be used for another destination than the one
	// it was made with, or for one that another tenant feeds as well.
	Adopt []string
	// ForgetSealed drops what was sealed with a key that is lost, and begins anew with the
	// key of [WithSealing]: people who have vanished meanwhile cannot be disabled everywhere.
	ForgetSealed bool
}

// Approve is a decision about what the guard objected to.
type Approve struct {
	// Digest is [GuardError.Digest], or that of a [Plan].
	Digest string `json:"digest"`
	// By says who decided, for the record. Optional.
	By string `json:"by,omitempty"`
	// Plan is the plan that was looked at, if it was made by this process. What the guard
	// objects to may have become less since then, and the digest another one. Optional:
	// without it, the digest of a plan holds only while it stays the same.
	Plan *Plan `json:"-"`
}

func (o RunOptions) check(targets []Target) error {
	var errs []error
	known := map[string]bool{}
	for _, t := range targets {
		known[t.Name()] = true
	}
	for _, list := range []struct {
		field string
		names []string
	}{{"RunOptions.Replace", o.Replace}, {"RunOptions.Adopt", o.Adopt}} {
		for _, name := range list.names {
			if !known[name] {
				errs = append(errs, &ConfigError{Field: list.field, Reason: fmt.Sprintf("names no target of this engine: %q", name)})
			}
		}
	}
	return errors.Join(errs...)
}
