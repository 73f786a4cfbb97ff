// Orgsync keeps an organisation in step: it reads departments and people from
// 云之家 and brings 爱关怀, 兔展 and 云简 up to date. Run it nightly, or every few
// minutes: only what changed is sent.
//
//	go run ./examples/orgsync            # nothing set: everything is simulated
//	orgsync -dry-run -json               # what would happen
//	orgsync -json >report.json           # let it happen
//
// # Environment
//
// The source. Without any of these, and without a target, simulators take the
// place of all four vendors; nothing leaves the process then.
//
//	YUNZHIJIA_BASE_URL      default https://www.yunzhijia.com
//	YUNZHIJIA_EID           the team (工作圈), required
//	YUNZHIJIA_APP_ID        with YUNZHIJIA_APP_SECRET; or else
//	YUNZHIJIA_ACCESS_TOKEN  a token that somebody else renews
//
// The targets. One whose first variable is unset is left out, but one there must be.
//
//	AIGUANHUAI_BASE_URL     with AIGUANHUAI_CORP_ID
//	TUZHAN_BASE_URL         with TUZHAN_TOKEN, or TUZHAN_APP_ID and TUZHAN_APP_SECRET
//	YUNJIAN_URL             the full sync endpoint, with YUNJIAN_ACCOUNT, YUNJIAN_USER_NO and
//	                        YUNJIAN_SESSION_ID, or YUNJIAN_SESSION_URL, YUNJIAN_SECRET and YUNJIAN_SIGN_KEY
//
// The program itself.
//
//	ORGSYNC_STATE           path of the state file, on a local disk; required unless everything is simulated
//	ORGSYNC_ROSTER          path of a CSV file that adds to what 云之家 knows of people
//
// The state file says what each target was told. It is created when there is none, and
// holds ids, names of departments and keyed hashes. What is in it goes by the team, the
// corpId at 爱关怀 and the account at 云简, which are part of those targets' names in
// reports: another one of them begins from nothing. The settings of 兔展 name no company,
// so use another file for another company there.
//
// The roster is UTF-8 with the header
//
//	openId,employeeNo,mobile,email,birthday,joinDate
//
// An empty or masked cell is unknown and changes nothing. Mobile, email, birthday
// and joinDate (yyyy-MM-dd) take precedence over 云之家; employeeNo fills an empty
// jobNo. A roster whose form is broken, or that lists an openId twice, is refused as
// a whole, before anything is read (exit status 2). A cell that is no date is left
// out and reported each time by its line, and the rest of the row counts (exit
// status 1): it must not keep somebody who left from being disabled.
//
// # Flags
//
//	-dry-run          plan, and neither send nor store anything
//	-full             read everybody: who is missing then counts as gone, once 云之家 confirms it
//	-force            overrule the guard, this once
//	-approve DIGEST   let exactly one plan pass the guard
//	-json             write the report as one JSON object to standard output, and nothing else there
//
// The guard stops a run that would remove or change too much, or whose source has
// lost too many people, before anything is sent. Look at the plan with -dry-run
// -json and, if it is right, run again with the digest that the report named. A plan
// made with -full is approved with -full. An empty source never passes.
//
// The JSON report names everybody who was skipped, set aside or refused by the id at
// 云之家 with the reason. Nothing that is printed holds names or mobiles. Progress
// goes to standard error: one line if that is a terminal, log lines otherwise.
//
// # Exit status
//
//	0  all done; people who were skipped, because a target demands what nobody knows, do not matter
//	1  some records or a target failed, the source could not be read to its end, or it
//	   was read with gaps, so that somebody who left is still there; the next run goes on from there
//	2  usage: a flag, a variable, the roster or the path of the state file
//	3  the guard stopped it, or would stop it without -dry-run
//
// An interrupt or SIGTERM ends the run in good order, with a report and status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/boltstore"
)

const (
	statusDone    = 0
	statusFailed  = 1
	statusUsage   = 2
	statusGuarded = 3
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A run mostly waits for vendors: better to collect more often than to hold
		// a large company twice. 100,000 people stay below 300 MB.
		debug.SetGCPercent(30)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the whole program. It returns the exit status.
func run(ctx context.Context, args []string, environ func(string) string, stdout, stderr io.Writer) int {
	out := output{stdout: stdout, stderr: stderr}
	options, err := out.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	con := newConsole(stderr)
	set, err := readSettings(environ, con.logger)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	defer set.close()
	if set.simulated {
		con.warnSimulated(ctx)
	}
	store, closeStore, err := openStore(set.state, options.DryRun)
	if err != nil {
		return out.refuse(err, storeStatus(err))
	}
	defer closeStore()

	engine, err := orgsync.New(orgsync.Config{
		Tenant: set.tenant, Source: set.source, Targets: set.targets, Store: store,
	}, orgsync.WithEnrichment(set.roster.enrichment()), orgsync.WithProgress(con.progress), orgsync.WithLogger(con.logger))
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	report, err := engine.Run(ctx, options)
	if out.write(report, set.roster.faults, args) != nil {
		return out.lost()
	}
	return exitStatus(report, err, options, len(set.roster.faults))
}

// exitStatus is that of a run that came to a report.
func exitStatus(report *orgsync.Report, err error, options orgsync.RunOptions, rosterFaults int) int {
	if _, stopped := errors.AsType[*orgsync.GuardError](err); stopped {
		return statusGuarded
	}
	if err != nil {
		return statusFailed
	}
	approved := options.Force || options.Approve == report.Digest
	if options.DryRun && len(report.Guard) > 0 && !approved {
		return statusGuarded
	}
	if rosterFaults > 0 || len(report.Reading.Quarantined) > 0 {
		return statusFailed
	}
	for i := range report.Targets {
		// Whoever left is still there, because the reading is not believed: were
		// that "all done", nobody would ever look.
		if !report.Reading.Complete && report.Targets[i].Withheld > 0 {
			return statusFailed
		}
	}
	return statusDone
}

// openStore opens the state file; without a path the state ends with the process,
// and a dry run does not so much as create the file.
func openStore(path string, dryRun bool) (orgsync.Store, func(), error) {
	_, err := os.Stat(path)
	if path == "" || dryRun && errors.Is(err, fs.ErrNotExist) {
		return orgsync.NewMemoryStore(), func() {}, nil
	}
	store, err := boltstore.Open(path)
	if err != nil {
		return nil, nil, &variableError{Variable: stateVariable, Reason: "cannot be opened: " + withoutPath(err).Error(), err: err}
	}
	return store, func() { _ = store.Close() }, nil
}

// storeStatus tells a wrong path from a state that is damaged.
func storeStatus(err error) int {
	if errors.Is(err, orgsync.ErrCorrupt) && !errors.Is(err, boltstore.ErrForeign) {
		return statusFailed
	}
	return statusUsage
}
