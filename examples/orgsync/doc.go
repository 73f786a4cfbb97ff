// Orgsync keeps an organisation in step: it reads departments and people from
// 云之家 and brings 爱关怀, 兔展 and 云简 up to date. Run it nightly, or every few
// minutes: only what changed is sent.
//
//	go run ./examples/orgsync            # nothing set: everything is simulated
//	orgsync -dry-run -json               # what would happen
//	orgsync -json >report.json           # let it happen
//
// A program that runs all the time, with a page and a schedule:
//
//	orgsync serve
//	orgsync status                       # what the state knows of the last runs
//
// # Environment
//
// The table of settings is in README.md and in the help (-help), both made from
// variables.go. If no setting of any vendor is there, simulators take the place of all
// four, and nothing leaves the process.
//
// X_FILE names a file that holds X, for every X that is secret; white space around it
// does not count. Both together are a mistake.
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
// The roster is a CSV file with the columns
//
//	openId,employeeNo,mobile,email,birthday,joinDate
//
// of which openId is required. They may be in any order, separated by commas, semicolons or
// tabs, in UTF-8 or GB18030, as Excel writes them. Other columns are reported and not used.
//
// An empty or masked cell is unknown and changes nothing. Mobile, email, birthday
// and joinDate (yyyy-MM-dd) take precedence over 云之家; employeeNo fills an empty
// jobNo. A roster whose form is broken, or that lists an openId twice, is refused as
// a whole, before anything is read (exit status 2). A cell that holds no value, such as
// #N/A, 1.38E+10, - or a date in another form, is not used, and every run reports it by its
// line (exit status 1). The rest of the row counts, so that the cell does not keep a leaver
// from being disabled.
//
// After a full reading, rows whose openId belongs to no one at 云之家 are counted and
// reported by their line. They do no harm, unless no row belongs to anyone, or there is no
// row at all (exit status 1).
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
//	-html FILE        write the plan (with -dry-run) or the report as a page, mode 0600; it overwrites pages alone
//	-names            show names of people on that page, and nowhere else
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
// The JSON report lists everyone who was skipped, withheld, held back, removed or refused, by their
// id at 云之家 and with the reason. No output but that page holds names of people, and none a mobile.
// Progress goes to standard error: one line if that is a terminal, log lines otherwise.
//
// # Exit status
//
//	0  all done; people who were skipped, because a target demands what is not known of them, do not matter
//	1  some records or a target failed, a target leads to another destination, a target holds
//	   no one or too few, or the source could not be read to its end or is not believed; the
//	   next run goes on from there
//	2  usage: a flag, a variable, the roster, the path of the state file, or its key
//	3  the guard stopped it, or held something back, or would stop it without -dry-run
//	4  another run holds the state; the message says which, and since when
//	130  interrupted
//
// An interrupt, SIGTERM or SIGHUP ends the run cleanly, with a report; a second one ends the
// program at once. A run goes on if no one reads its output any more; a report that is lost is
// exit status 1. A state that others can write, a key that others can read, or a target of
// which everything but the address is set, is warned of.
//
// # Serve
//
// serve runs every ORGSYNC_EVERY and, if 云之家 sends events to /yunzhijia/events, soon after
// them; one run at a time. It shows plans and reports at ORGSYNC_LISTEN, where people decide
// what the guard stopped, and answers /healthz. Without settings, an invented company stands
// behind the page. SIGTERM ends it once the run under way has noted what it sent.
package main
