package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

// status says what the state knows, of every tenant that it has. It needs no settings
// besides the path of the state, and changes nothing.
func (p *program) status(ctx context.Context, args []string) int {
	out := &output{stdout: p.stdout, stderr: p.stderr}
	set := newFlagSet("orgsync status", p.stderr)
	asJSON := set.Bool("json", false, "write one JSON object to standard output")
	err := parseFlags(set, args)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	path := strings.TrimSpace(p.environ(stateVariable))
	if path == "" {
		return out.refuse(&variableError{Variable: stateVariable, Reason: "is required: the path of the state file"}, statusUsage)
	}
	tenants, err := readStatus(ctx, path)
	switch {
	case errors.Is(err, orgsync.ErrLocked):
		return out.refuse(err, statusLocked)
	case err != nil:
		return out.refuse(err, storeStatus(err))
	}
	if *asJSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(struct {
			Tenants []*orgsync.Status `json:"tenants"`
		}{tenants})
	} else {
		err = writeStatus(p.stdout, tenants)
	}
	if err != nil {
		return out.lost()
	}
	return statusDone
}

func readStatus(ctx context.Context, path string) ([]*orgsync.Status, error) {
	list := []*orgsync.Status{}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	store, err := boltstore.Open(path) //nolint:contextcheck // opening takes no context
	if err != nil {
		return nil, &variableError{Variable: stateVariable, Reason: "cannot be opened: " + withoutPath(err).Error(), err: err}
	}
	defer store.Close()
	named := namedStore{store, path + holderSuffix}
	tenants, err := store.Tenants(ctx)
	if errors.Is(err, orgsync.ErrLocked) {
		return nil, named.locked()
	}
	if err != nil {
		return nil, err
	}
	for _, tenant := range tenants {
		status, err := orgsync.ReadStatus(ctx, store, tenant, time.Now())
		if errors.Is(err, orgsync.ErrLocked) {
			return nil, named.locked()
		}
		if err != nil {
			return nil, err
		}
		list = append(list, status)
	}
	return list, nil
}

func writeStatus(w io.Writer, tenants []*orgsync.Status) error {
	var b strings.Builder
	if len(tenants) == 0 {
		b.WriteString("the state knows of no run yet\n")
	}
	for _, s := range tenants {
		tenant := strings.Trim(fmt.Sprintf("%+q", s.Tenant), `"`)
		fmt.Fprintf(&b, "%s: %d people in service, %d departments; read up to %s; everyone was read %s\n", tenant,
			s.InService, s.Departments, cmp.Or(s.Watermark.Cursor, "nothing yet"), when(s.LastFull))
		if s.FullDue != "" {
			fmt.Fprintf(&b, "  the next run reads everyone: %s\n", s.FullDue)
		}
		for _, t := range s.Targets {
			fmt.Fprintf(&b, "  %s holds %d people and %d departments\n", t.Name, t.People, t.Departments)
		}
		if s.Owed+s.Held > 0 {
			fmt.Fprintf(&b, "  %d people are read once more by the next run, %d wait for an approval\n", s.Owed, s.Held)
		}
		if a := s.Approved; a != nil {
			fmt.Fprintf(&b, "  approved: %s, %s, until %s\n", a.Digest, when(a.At), when(a.Until))
		}
		if a, waits := s.Pending(); waits {
			fmt.Fprintf(&b, "  waits for a decision until %s: orgsync -approve %s\n", when(a.Until), a.Digest)
		}
		for _, r := range s.Runs {
			b.WriteString("  " + runLine(r) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// runLine is a run in one line.
func runLine(r orgsync.RunSummary) string {
	kind := "incremental"
	if r.Full {
		kind = "full"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %6s  %-11s  %-11s", when(r.Started), r.Finished.Sub(r.Started).Round(100*time.Millisecond), r.Outcome, kind)
	for _, t := range r.Targets {
		fmt.Fprintf(&b, "  %s: %d changed, %d failed, %d skipped", t.Name, t.Changes(), t.Failed+t.NotSent, t.Skipped)
		if t.Held > 0 {
			fmt.Fprintf(&b, ", %d held", t.Held)
		}
	}
	return b.String()
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
