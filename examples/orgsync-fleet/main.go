// Orgsync-fleet keeps many tenants in step, on many machines, with Temporal and PostgreSQL.
//
//	orgsync-fleet worker                          # as many as are wanted
//	orgsync-fleet apply [-yes] tenants.yaml       # shows what it would do; -yes does it
//	orgsync-fleet status [TENANT]                 # schedules, or what a tenant waits for
//	orgsync-fleet approve|reject -by ACCOUNT TENANT DIGEST
//	orgsync-fleet run [-full] TENANT              # once, besides the schedule
//
// # Environment
//
//	TEMPORAL_ADDRESS    host and port, default 127.0.0.1:7233
//	TEMPORAL_NAMESPACE  default "default"
//	ORGSYNC_PAYLOAD_KEY 32 bytes in hexadecimal: what Temporal stores is encrypted with it
//	ORGSYNC_PAYLOAD_KEYS_FORMER
//	                    other keys, joined with commas, that decrypt: see "Rotate keys" in the
//	                    README of package fleet
//	ORGSYNC_DSN         PostgreSQL, for worker
//	ORGSYNC_TENANTS     directory with a file NAME.env for each tenant, for worker; see registry.go
//	ORGSYNC_WORKERS     how many workers share the vendors' rates, default 2
//	ORGSYNC_LISTEN      /healthz, /readyz and /metrics, default 127.0.0.1:9090
//
// Worker traces runs and calls with OpenTelemetry if its own variables ask for it:
//
//	OTEL_EXPORTER_OTLP_ENDPOINT  where spans go, such as http://127.0.0.1:4318
//	OTEL_TRACES_EXPORTER         otlp, console (standard output) or none
//
// # Exit status
//
//	0  done
//	1  it failed, or a run did not end as done
//	2  usage
//	3  apply without -yes: there is something to do
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
	statusToDo   = 3
)

var errUsage = errors.New("usage: orgsync-fleet worker | apply [-yes] FILE | status [TENANT] | " +
	"approve -by ACCOUNT TENANT DIGEST | reject … | run [-full] TENANT")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, dial, os.Stdout, os.Stderr))
}

type dialer func(
	ctx context.Context, environ func(string) string, interceptors ...interceptor.ClientInterceptor,
) (client.Client, error)

func run(ctx context.Context, args []string, environ func(string) string, dial dialer, stdout, stderr io.Writer) int {
	toDo, err := command(ctx, args, environ, dial, stdout)
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, err)
		return statusUsage
	case err != nil:
		fmt.Fprintln(stderr, "orgsync-fleet:", err)
		return statusFailed
	case toDo:
		return statusToDo
	}
	return statusDone
}

func command(ctx context.Context, args []string, environ func(string) string, dial dialer, out io.Writer) (toDo bool, err error) {
	if len(args) == 0 {
		return false, errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	yes := flags.Bool("yes", false, "")
	by := flags.String("by", "", "")
	full := flags.Bool("full", false, "")
	if flags.Parse(args[1:]) != nil {
		return false, errUsage
	}
	verb, rest := args[0], flags.Args()
	switch {
	case verb == "worker" && len(rest) == 0:
		return false, serve(ctx, environ, dial, out)
	case verb == "apply" && len(rest) == 1:
		tenants, err := readTenants(rest[0])
		if err != nil {
			return false, err
		}
		return with(ctx, environ, dial, func(c client.Client) (bool, error) { return apply(ctx, c, tenants, *yes, out) })
	case verb == "status" && len(rest) <= 1:
		return with(ctx, environ, dial, func(c client.Client) (bool, error) { return false, status(ctx, c, rest, out) })
	case (verb == "approve" || verb == "reject") && len(rest) == 2 && *by != "":
		return with(ctx, environ, dial, func(c client.Client) (bool, error) {
			return false, fleet.Decide(ctx, c, rest[0], fleet.Decision{Digest: rest[1], By: *by}, verb == "approve")
		})
	case verb == "run" && len(rest) == 1:
		return with(ctx, environ, dial, func(c client.Client) (bool, error) {
			return false, once(ctx, c, fleet.Request{Tenant: rest[0], Full: *full}, out)
		})
	}
	return false, errUsage
}

func once(ctx context.Context, c client.Client, request fleet.Request, out io.Writer) error {
	result, err := fleet.Once(ctx, c, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d done, %d removed, %d held, %d failed; report %q\n", result.Outcome,
		result.Counts.Done, result.Counts.Removed, result.Counts.Held, result.Counts.Failed, result.ReportKey)
	if result.Outcome != fleet.Done {
		return errors.New("the run did not end as done: " + string(result.Outcome))
	}
	return nil
}

func with(ctx context.Context, environ func(string) string, dial dialer, do func(client.Client) (bool, error)) (bool, error) {
	c, err := dial(ctx, environ)
	if err != nil {
		return false, err
	}
	defer c.Close()
	return do(c)
}

func apply(ctx context.Context, c client.Client, tenants []fleet.Tenant, yes bool, out io.Writer) (toDo bool, err error) {
	have, err := fleet.Schedules(ctx, c)
	if err != nil {
		return false, err
	}
	steps, err := fleet.Plan(have, tenants)
	if err != nil {
		return false, err
	}
	for _, step := range steps {
		fmt.Fprintln(out, step)
	}
	if len(steps) == 0 {
		fmt.Fprintln(out, "nothing to do")
	}
	if !yes {
		return len(steps) > 0, nil
	}
	return false, fleet.Apply(ctx, c, steps)
}

func status(ctx context.Context, c client.Client, tenant []string, out io.Writer) error {
	if len(tenant) == 1 {
		waiting, err := fleet.Waiting(ctx, c, tenant[0])
		if err != nil {
			return err
		}
		if waiting == nil {
			fmt.Fprintln(out, "nothing waits for a decision")
			return nil
		}
		fmt.Fprintf(out, "waits since %s: %d removed, %d held; report %q\ndigest %s\n",
			waiting.Since.Format("2006-01-02 15:04"), waiting.Counts.Removed, waiting.Counts.Held, waiting.ReportKey, waiting.Digest)
		for _, digest := range waiting.Covering {
			fmt.Fprintf(out, "an approval of %s covers it too\n", digest)
		}
		for _, added := range waiting.Added {
			fmt.Fprintf(out, "added since %s: %s\n", added.Digest, added)
		}
		return nil
	}
	all, err := fleet.Schedules(ctx, c)
	for _, s := range all {
		next := s.Next.Format("2006-01-02 15:04")
		if s.Paused {
			next = "paused"
		}
		fmt.Fprintf(out, "%-30s every %-8s next %s\n", s.Name, s.Every, next)
	}
	return err
}
