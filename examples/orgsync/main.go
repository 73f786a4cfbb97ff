package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// No one may be reading what a run writes: it goes on without.
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the whole program. It returns the exit status.
func run(ctx context.Context, args []string, environ func(string) string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: stdout, stderr: stderr}
	verb := ""
	if len(args) > 0 && len(args[0]) > 0 && args[0][0] != '-' {
		verb = args[0]
	}
	switch verb {
	case "serve":
		return p.serve(ctx, args[1:])
	case "status":
		return p.status(ctx, args[1:])
	case "version":
		return p.version(args[1:])
	default:
		return p.once(ctx, args)
	}
}

// program is what a verb needs.
type program struct {
	environ        func(string) string
	stdout, stderr io.Writer
}

// once brings the targets up to date, once.
func (p *program) once(ctx context.Context, args []string) int {
	out := &output{stdout: p.stdout, stderr: p.stderr}
	flags, err := out.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	con := newTerminal(p.stderr)
	set, err := readSettings(newEnvironment(p.environ), con.logger)
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	defer set.close()
	if err := nameTargets(&flags.options, set.targets); err != nil {
		return out.refuse(err, statusUsage)
	}
	if flags.options.Approve.Digest != "" {
		flags.options.Approve.By = p.environ("USER")
	}
	page, err := newPage(flags, p.environ("LANG"))
	if err != nil {
		return out.refuse(err, statusUsage)
	}
	defer page.close()
	s, err := newSyncer(ctx, set, con, flags.options.DryRun)
	if err != nil {
		return out.refuse(err, storeStatus(err))
	}
	defer s.close()

	end := s.run(ctx, flags.options)
	if end.report == nil {
		return out.refuse(end.err, end.status)
	}
	if err := out.write(end, flags.options); err != nil {
		return out.lost()
	}
	if err := page.write(end.report); err != nil {
		return out.lost()
	}
	return end.status
}
