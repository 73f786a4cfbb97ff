//go:build unix

package nightly_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// server is a PostgreSQL server in a directory of its own, reached through a socket
// in it.
type server struct {
	dir     string
	process *exec.Cmd
	exited  chan error
	output  bytes.Buffer // read after exited
}

func (s *server) dsn() string { return "host=" + s.dir + " user=orgsync dbname=postgres" }

var errNotInstalled = errors.New("PostgreSQL is not installed: initdb and postgres are neither in the PATH nor in /usr/lib/postgresql/*/bin; " +
	"install it (apt-get install postgresql, brew install postgresql)")

// program finds a program of PostgreSQL; of several versions, the newest.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(paths) == 0 {
		return "", errNotInstalled
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return slices.MaxFunc(paths, func(a, b string) int { return version(a) - version(b) }), nil
}

// account is the one that the server runs as: it refuses to be root.
func account() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
			gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUID, errGID)
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no account postgres or nobody")
}

func startServer(ctx context.Context) (*server, error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	as, err := account()
	if err != nil {
		return nil, err
	}
	s := &server{exited: make(chan error, 1)}
	if s.dir, err = os.MkdirTemp("", "nightly"); err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(s.dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(s.dir))
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, name, args...)
		c.Dir = s.dir
		c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
		return c
	}
	data := filepath.Join(s.dir, "data")
	out, err := command(initdb, "-D", data, "-U", "orgsync", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C").CombinedOutput()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(s.dir))
	}
	s.process = command(postgres, "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	go func() { s.exited <- s.process.Wait() }()
	if err := s.wait(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// wait returns when the server answers.
func (s *server) wait(ctx context.Context) error {
	db, err := sql.Open("pgx", s.dsn())
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case exit := <-s.exited:
			s.exited <- exit
			return fmt.Errorf("the server ended: %w\n%s", errors.Join(exit, err), s.output.String())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

// stop ends the server and removes its directory.
func (s *server) stop() error {
	_ = s.process.Process.Signal(os.Interrupt) // a "fast shutdown"
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		_ = s.process.Process.Kill()
		<-s.exited
	}
	return os.RemoveAll(s.dir)
}
