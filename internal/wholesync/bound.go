package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
)

// boundCommand is the process that makes requests like those of the engine.
func (b *bench) boundCommand(ctx context.Context, exchanges []exchange) (*exec.Cmd, error) {
	list, err := json.Marshal(exchanges)
	if err != nil {
		return nil, err
	}
	command := roleCommand(ctx, roleBound, b.vendors.address)
	command.Stdin = bytes.NewReader(list)
	return command, nil
}

// playBound makes the requests that its standard input lists, one after the other, and looks at
// no answer.
func playBound(ctx context.Context, args []string, stdin io.Reader) error {
	if len(args) != 1 {
		return errors.New("the bound needs the address of the vendors")
	}
	var exchanges []exchange
	if err := json.NewDecoder(stdin).Decode(&exchanges); err != nil {
		return err
	}
	most := 0
	for _, e := range exchanges {
		most = max(most, e.In)
	}
	zeros := make([]byte, most)
	client := &http.Client{}
	for _, e := range exchanges {
		if err := repeat(ctx, client, args[0], e, zeros[:e.In]); err != nil {
			return err
		}
	}
	return nil
}

func repeat(ctx context.Context, client *http.Client, address string, e exchange, body []byte) error {
	target := fmt.Sprintf("%s%s?bytes=%d", address, pathReplay, e.Out)
	request, err := http.NewRequestWithContext(ctx, e.Method, target, bytes.NewReader(body)) //nolint:gosec // from the parent
	if err != nil {
		return err
	}
	response, err := client.Do(request) //nolint:gosec // the parent's vendors
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.Copy(io.Discard, response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || got != int64(e.Out)) {
		err = fmt.Errorf("the vendors answer %s with %d bytes, and not %d", response.Status, got, e.Out)
	}
	return err
}
