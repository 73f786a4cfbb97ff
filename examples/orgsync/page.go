package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// page is the file of -html. It is there as a whole or not at all, and no one else may
// read it. A nil page is written nowhere.
type page struct {
	path    string
	file    *os.File
	options console.PageOptions
}

// newPage makes sure that the page can be written before anything is sent.
func newPage(f flags, language string) (*page, error) {
	if f.html == "" {
		return nil, nil //nolint:nilnil // there is no page, and that is no error
	}
	if info, err := os.Stat(f.html); err == nil {
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("-html does not name a regular file")
		}
		if !isPage(f.html) { // the state, perhaps, or the roster
			return nil, fmt.Errorf("-html names a file that is there and is no page: it is not overwritten")
		}
	}
	file, err := os.CreateTemp(filepath.Dir(f.html), ".orgsync-*.html") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("the page of -html cannot be written: %w", withoutPath(err))
	}
	return &page{path: f.html, file: file, options: console.PageOptions{Language: language, Names: f.names}}, nil
}

// isPage reports whether a file is empty, or begins as a page does.
func isPage(path string) bool {
	file, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return false
	}
	defer file.Close()
	begin := make([]byte, len(pageBegins))
	n, err := io.ReadFull(file, begin)
	return n == 0 && errors.Is(err, io.EOF) || bytes.EqualFold(begin[:n], []byte(pageBegins))
}

// pageBegins is what every page begins with.
const pageBegins = "<!doctype html>"

func (p *page) write(report *orgsync.Report) error {
	if p == nil {
		return nil
	}
	var err error
	if plan := report.Plan(); plan != nil {
		err = console.WritePlan(p.file, plan, p.options)
	} else {
		err = console.WriteReport(p.file, report, p.options)
	}
	if err != nil {
		return err
	}
	if err := p.file.Close(); err != nil {
		return err
	}
	return os.Rename(p.file.Name(), p.path) //nolint:gosec // the path is the user's own
}

// close takes away what did not become a page.
func (p *page) close() {
	if p != nil {
		_ = p.file.Close()
		_ = os.Remove(p.file.Name()) //nolint:gosec // beside the path of the user
	}
}
