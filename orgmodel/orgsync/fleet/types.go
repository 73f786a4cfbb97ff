package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// TaskQueue is the queue of workflows and activities. Tenants share it: each has its own
// fairness key.
const TaskQueue = "orgsync"

// Request asks for one run of a tenant.
type Request struct {
	Tenant string `json:"tenant"`
	Full   bool   `json:"full,omitempty"`
	// Hold sends what the guard does not object to, see [orgsync.RunOptions].
	Hold bool `json:"hold,omitempty"`
	// Low lets the runs of other tenants go first; meant for first loads.
	Low bool `json:"low,omitempty"`
	// Digest is what was approved, and By the account of the operator who did.
	Digest string `json:"digest,omitempty"`
	By     string `json:"by,omitempty"`
}

// Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"  // a target, or the reading, is not as it should be; the next run goes on
	Guarded Outcome = "guarded" // the guard stopped it, or held something back
)

// Counts are records of all targets together.
type Counts struct {
	Planned  int `json:"planned,omitempty"`
	Done     int `json:"done,omitempty"`
	Removed  int `json:"removed,omitempty"`
	Skipped  int `json:"skipped,omitempty"`
	Withheld int `json:"withheld,omitempty"`
	Held     int `json:"held,omitempty"`
	Failed   int `json:"failed,omitempty"`
}

// Result is what a run tells Temporal. Everything else is in the report, under ReportKey.
type Result struct {
	Tenant    string  `json:"tenant"`
	Outcome   Outcome `json:"outcome"`
	Digest    string  `json:"digest,omitempty"`
	Counts    Counts  `json:"counts"`
	ReportKey string  `json:"reportKey,omitempty"`
}

// Stopped is what waits for a decision.
type Stopped struct {
	Digest    string    `json:"digest"`
	Counts    Counts    `json:"counts"`
	ReportKey string    `json:"reportKey,omitempty"`
	Since     time.Time `json:"since"`
	// Covering are earlier digests whose sets contain this one: they may be approved too.
	Covering []string `json:"covering,omitempty"`
	// Added says of the other earlier digests what has been added since.
	Added []Added `json:"added,omitempty"`
}

// Added counts what the guard objects to now and did not under an earlier digest, by
// [orgsync.Kind] and at all targets together.
type Added struct {
	Digest string         `json:"digest"`
	Kinds  map[string]int `json:"kinds"`
}

// String lists the counts.
func (a Added) String() string {
	parts := make([]string, 0, len(a.Kinds))
	for _, kind := range slices.Sorted(maps.Keys(a.Kinds)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, a.Kinds[kind]))
	}
	return strings.Join(parts, ", ")
}

// Decision is an answer to what waits.
type Decision struct {
	Digest string `json:"digest"`
	// By is the account of an operator: letters, digits and ._-@ at most 64. It is stored.
	By string `json:"by"`
}

// Reminder says what has been waiting.
type Reminder struct {
	Tenant  string  `json:"tenant"`
	Stopped Stopped `json:"stopped"`
	Expired bool    `json:"expired,omitempty"`
}

// Tenants knows how to run them. Its methods are called on workers, never in a workflow.
type Tenants interface {
	// Engine builds the engine of a tenant, with the given option among its own. Secrets
	// come from wherever the registry keeps them. An error that matches
	// [ErrUnknownTenant], and a *[orgsync.ConfigError], are not tried again.
	Engine(ctx context.Context, tenant string, option orgsync.Option) (engine *orgsync.Engine, done func(), err error)
	// Save keeps a report and returns its key, at most 200 bytes of letters, digits
	// and ._-/ or "".
	Save(ctx context.Context, tenant string, report *orgsync.Report) (key string, err error)
	// Remind tells the operators of what waits. It may be called again.
	Remind(ctx context.Context, reminder Reminder) error
}

// ErrUnknownTenant says that a registry has no such tenant.
var ErrUnknownTenant = errors.New("fleet: no such tenant")

// FieldError says which field is wrong.
type FieldError struct{ Field, Reason string }

// Error names field and reason, never the value.
func (e *FieldError) Error() string { return "fleet: " + e.Field + " " + e.Reason }

const (
	tenantPattern = `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`
	digestPattern = `^[0-9a-f]{64}$`
	byPattern     = `^[A-Za-z0-9._@-]{1,64}$`
	keyPattern    = `^[A-Za-z0-9._/-]{0,200}$`
	kindPattern   = `^[A-Za-z-]{1,32}$`
	maxCovering   = 8
	maxPayload    = 2 << 10
)

func check(field, value, pattern string) error {
	if regexp.MustCompile(pattern).MatchString(value) {
		return nil
	}
	return &FieldError{Field: field, Reason: "does not match " + pattern}
}

func (r Request) check() error {
	err := check("Tenant", r.Tenant, tenantPattern)
	if r.Digest != "" {
		err = errors.Join(err, check("Digest", r.Digest, digestPattern), check("By", r.By, byPattern))
	}
	return err
}

func (s Stopped) check() error {
	errs := []error{check("Digest", s.Digest, digestPattern), check("ReportKey", s.ReportKey, keyPattern)}
	if len(s.Covering) > maxCovering {
		errs = append(errs, &FieldError{Field: "Covering", Reason: "names too many digests"})
	}
	for _, digest := range s.Covering {
		errs = append(errs, check("Covering", digest, digestPattern))
	}
	for _, a := range s.Added {
		errs = append(errs, check("Added", a.Digest, digestPattern))
		for kind := range a.Kinds {
			errs = append(errs, check("Added", kind, kindPattern))
		}
	}
	if s.size() > maxPayload {
		errs = append(errs, &FieldError{Field: "Stopped", Reason: "is larger than 2 KB"})
	}
	return errors.Join(errs...)
}

func (s Stopped) size() int {
	text, _ := json.Marshal(s) // it has nothing that cannot be encoded
	return len(text)
}

// stoppedBy returns what waits after a run that the guard stopped. The oldest comparisons
// are left out of one that would be too large.
func stoppedBy(guard *orgsync.GuardError, result Result, since time.Time) Stopped {
	s := Stopped{Digest: guard.Digest, Counts: result.Counts, ReportKey: result.ReportKey, Since: since}
	for _, earlier := range guard.Earlier {
		switch {
		case len(earlier.Added) > 0:
			a := Added{Digest: earlier.Digest, Kinds: map[string]int{}}
			for kind, n := range earlier.Added {
				a.Kinds[string(kind)] = n
			}
			s.Added = append(s.Added, a)
		case len(s.Covering) < maxCovering:
			s.Covering = append(s.Covering, earlier.Digest)
		}
	}
	for len(s.Added) > 0 && s.size() > maxPayload {
		s.Added = s.Added[:len(s.Added)-1]
	}
	return s
}

func countsOf(report *orgsync.Report) (c Counts) {
	for i := range report.Targets {
		t := &report.Targets[i]
		for _, n := range t.Planned {
			c.Planned += n
		}
		for _, n := range t.Done {
			c.Done += n
		}
		c.Removed += len(t.Removed)
		c.Skipped += len(t.Skipped)
		c.Withheld += len(t.Withheld)
		c.Held += len(t.Held)
		c.Failed += len(t.Failed) + t.NotSent
	}
	return c
}
