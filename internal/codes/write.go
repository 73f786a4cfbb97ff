package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	begin = "<!-- codes -->"
	end   = "<!-- /codes -->"
)

// filled returns the text of the README as it should be, and as it is.
func (r readme) filled(root string) (want, have string, err error) {
	b, err := os.ReadFile(filepath.Join(root, r.path)) // #nosec G304 -- a README
	if err != nil {
		return "", "", err
	}
	have = string(b)
	before, rest, ok := strings.Cut(have, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", "", fmt.Errorf("%s has no %s … %s", r.path, begin, end)
	}
	table, err := r.table(root)
	return before + begin + table + end + after, have, err
}

func (r readme) write(root string) error {
	want, have, err := r.filled(root)
	if err != nil || want == have {
		return err
	}
	return os.WriteFile(filepath.Join(root, r.path), []byte(want), 0o644) // #nosec G306 -- a README
}
