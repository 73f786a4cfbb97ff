package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// roleVariable makes this program play a part in a measurement.
const roleVariable = "WHOLESYNC_ROLE"

const (
	roleVendors = "vendors"
	roleBound   = "bound"
	roleByHand  = "byhand"
)

// play is the program in one of its roles. It returns the exit status.
func play(ctx context.Context, role string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var err error
	switch role {
	case roleVendors:
		err = playVendors(ctx, args, stdin, stdout)
	case roleBound:
		err = playBound(ctx, args, stdin)
	case roleByHand:
		err = playByHand(ctx, args)
	default:
		err = errors.New(roleVariable + " names no role")
	}
	if err != nil {
		fmt.Fprintln(stderr, role+":", err)
		return statusFailed
	}
	return statusDone
}

// roleCommand is this program in a role.
func roleCommand(ctx context.Context, role string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	command := exec.CommandContext(ctx, self, args...) //nolint:gosec // it is this program
	command.Env = append(os.Environ(), roleVariable+"="+role)
	return command
}

// vendorProcess is the process of the vendors, as its parent knows it.
type vendorProcess struct {
	address string

	command *exec.Cmd
	stdin   io.Closer
	client  *http.Client
}

func startVendors(ctx context.Context, c company, source string) (*vendorProcess, error) {
	command := roleCommand(ctx, roleVendors, strconv.Itoa(c.people), strconv.Itoa(c.departments), source)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	v := &vendorProcess{command: command, stdin: stdin, client: &http.Client{}}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the vendors did not start: %w", err), v.stop())
	}
	v.address = strings.TrimSpace(line)
	return v, nil
}

func (v *vendorProcess) stop() error {
	v.client.CloseIdleConnections()
	return errors.Join(v.stdin.Close(), v.command.Wait())
}

// publish makes the vendors answer with an edition.
func (v *vendorProcess) publish(ctx context.Context, e edition) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return v.control(ctx, http.MethodPost, pathEdition, body, nil)
}

// exchanges returns those since the last time.
func (v *vendorProcess) exchanges(ctx context.Context) ([]exchange, error) {
	var exchanges []exchange
	err := v.control(ctx, http.MethodGet, pathExchanges, nil, &exchanges)
	return exchanges, err
}

func (v *vendorProcess) control(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, v.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the vendors answer %s to %s", response.Status, path)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
