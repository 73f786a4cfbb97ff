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
// The source. If none of these is set and no target is, simulators take the place of
// all four vendors, and nothing leaves the process.
//
//	YUNZHIJIA_BASE_URL      default https://www.yunzhijia.com
//	YUNZHIJIA_EID           the team (工作圈), required
//	YUNZHIJIA_APP_ID        with YUNZHIJIA_APP_SECRET; or else
//	YUNZHIJIA_ACCESS_TOKEN  a token that another program renews
//
// The targets. One whose first variable is unset is left out. At least one is required.
//
//	AIGUANHUAI_BASE_URL     with AIGUANHUAI_CORP_ID
//	TUZHAN_BASE_URL         with TUZHAN_TOKEN, or TUZHAN_APP_ID and TUZHAN_APP_SECRET
//	YUNJIAN_URL             the full sync endpoint, with YUNJIAN_ACCOUNT, YUNJIAN_USER_NO and
//	                        YUNJIAN_SESSION_ID, or YUNJIAN_SESSION_URL, YUNJIAN_SECRET and YUNJIAN_SIGN_KEY
//
// The program itself.
//
//	ORGSYNC_STATE           path of the state file, on a local disk; required unless everything is simulated
//	ORGSYNC_STATE_KEY       the key that seals the state: 32 bytes in base64 or hexadecimal;
//	                        default: the key file, see below
//	ORGSYNC_ROSTER          path of a CSV file that adds to what 云之家 knows of people
//
// # State
//
// The state file says what each target was told. It holds ids, keys, names of departments,
// keyed hashes and sealed fields. It is created if there is none. Its content belongs to a
// team and, for each target, to a destination: the host, and the corpId, app or account
// there. A file of an earlier version is converted when it is first opened, by a dry run
// too. A run that finds another destination stops before anything is sent, until -adopt
// says that this is intended. With a bare token, companies at 兔展 cannot be told apart, so
// use a separate file for each of them.
//
// 爱关怀 and 云简 require the name, mobile or number of a person they are to disable. A person
// who has vanished from 云之家 has none of these any more, so the state keeps them sealed
// (AES-256-GCM). The key is ORGSYNC_STATE_KEY or, without that, in the key file. That file
// has the path of the state file with .key appended, mode 0600 and 64 hexadecimal digits.
// The first run that is not a dry run makes it. A state of an earlier version is sealed
// from its next full reading on.
//
// Keep the key apart from backups of the state: anyone who has both can read the sealed
// fields. Back it up elsewhere, because without it they cannot be read again. If the key
// file is missing although the state was sealed, runs go on without it and say so: put it
// back. No new key is made in its place. To move the key into the variable, or to change
// it, set the variable and leave the key file where it is until a full reading (-full) has
// ended. A key that opens nothing is refused before anything is sent (exit status 2). To
// give up a lost key, use -forget-sealed: what it sealed is dropped, and that run seals
// people anew. People who vanished before cannot be disabled everywhere and are named
// (exit status 1).
//
// To make a key: openssl rand -hex 32
//
// # Roster
//
// The roster is UTF-8 with the header
//
//	openId,employeeNo,mobile,email,birthday,joinDate
//
// An empty or masked cell is unknown and changes nothing. Mobile, email, birthday
// and joinDate (yyyy-MM-dd) take precedence over 云之家; employeeNo fills an empty
// jobNo. A roster whose form is broken, or that lists an openId twice, is refused as
// a whole, before anything is read (exit status 2). A cell that is not a date is
// ignored, and every run reports it by its line (exit status 1). The rest of the row
// counts, so that the cell does not keep a leaver from being disabled.
//
// After a full reading, rows whose openId belongs to no one at 云之家 are reported by
// their line. They do no harm, unless no row belongs to anyone (exit status 1).
//
// # Flags
//
//	-dry-run          plan, and neither send nor store anything; with -json the report lists every change
//	-full             read everyone: people who are missing then count as gone, once 云之家 confirms it
//	-approve DIGEST   let what the guard objected to pass; DIGEST is in the report of the run that it stopped
//	-hold             send everything except what the guard objects to
//	-force            overrule the guard, this once
//	-replace TARGET   give TARGET everything at once, so that what others put there goes too; needs an approval
//	-adopt TARGET     use the state of TARGET for another destination: everything is sent there again
//	-forget-sealed    drop what was sealed with a key that is lost, and seal anew
//	-json             write the report as one JSON object to standard output, and nothing else there
//
// -replace and -adopt can be repeated. TARGET is a name from the report, or the vendor's
// alone if there is one target of that vendor: aiguanhuai, tuzhan or yunjian.
//
// The guard stops a run that would remove, create or change too much, or whose source has
// lost too many people, before anything is sent. Look at the plan with -dry-run -json. If it
// is right, run again with the digest that the report named. The approval is kept, with the
// name of the user who gave it, until everything it names is done, for at most 7 days. It
// lets pass what the guard objected to then, or less, and nothing new. Until you decide,
// -hold keeps back what the guard objects to and sends the rest. It sends nothing if the
// source itself is in doubt. An empty source never passes.
//
// The JSON report lists everyone who was skipped, withheld, held back, removed or
// refused, by their id at 云之家 and with the reason. No output holds names or mobiles.
// Progress goes to standard error: one line if that is a terminal, log lines
// otherwise.
//
// # Exit status
//
//	0  all done; people who were skipped, because a target demands what is not known of them, do not matter
//	1  some records or a target failed, a target leads to another destination, a target holds
//	   no one or too few, or the source could not be read to its end or is not believed; the
//	   next run goes on from there
//	2  usage: a flag, a variable, the roster, the path of the state file, or its key
//	3  the guard stopped it, or held something back, or would stop it without -dry-run
//
// An interrupt or SIGTERM ends the run cleanly, with a report and status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"os/signal"
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
	if options.Approve.Digest != "" {
		options.Approve.By = environ("USER")
	}
	con := newConsole(stderr)
	set, err := readSettings(environ, con.logger)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	defer set.close()
	if set.simulated {
		con.warn(ctx, "no settings of any vendor: everything is simulated")
	}
	if err := nameTargets(&options, set.targets); err != nil {
		return out.refuse(err, statusUsage)
	}
	store, closeStore, err := openStore(set.state, options.DryRun) //nolint:contextcheck // opening takes no context
	if err != nil {
		return out.refuse(err, storeStatus(err))
	}
	defer closeStore()
	keys, lost, err := sealing(ctx, set, store, options)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	if lost {
		con.warn(ctx, "the key file is missing, and the state was sealed with it: put it back beside the state, or set "+stateKeyVariable)
	}

	engine, err := orgsync.New(orgsync.Config{
		Tenant: set.tenant, Source: set.source, Targets: set.targets, Store: store,
	}, engineOptions(set, con, keys)...)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	report, err := engine.Run(ctx, options)
	findings := set.roster.findings(report)
	if out.write(report, err, findings, options) != nil {
		return out.lost()
	}
	return exitStatus(report, err, set.roster.failed(findings))
}

func engineOptions(set settings, con *console, keys [][]byte) []orgsync.Option {
	options := []orgsync.Option{
		orgsync.WithEnrichment(set.roster.enrichment()), orgsync.WithProgress(con.progress), orgsync.WithLogger(con.logger),
	}
	if len(keys) > 0 {
		options = append(options, orgsync.WithSealing(keys[0], keys[1:]...))
	}
	return options
}

// exitStatus is that of a run that came to a report.
func exitStatus(report *orgsync.Report, err error, rosterFailed bool) int {
	_, stopped := errors.AsType[*orgsync.GuardError](err)
	_, usage := errors.AsType[*orgsync.ConfigError](err)
	switch {
	case stopped:
		return statusGuarded
	case usage, errors.Is(err, orgsync.ErrSealKey):
		return statusUsage
	case err != nil:
		return statusFailed
	case report.DryRun && len(report.Guard) > 0 && !report.Approved:
		return statusGuarded
	case rosterFailed, len(report.Reading.Quarantined) > 0:
		return statusFailed
	}
	for i := range report.Targets {
		// Leavers are still there, because the reading is not believed. If that
		// were "all done", no one would look.
		t := &report.Targets[i]
		if len(t.Failed) > 0 || !report.Reading.Complete && len(t.Withheld) > 0 {
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
