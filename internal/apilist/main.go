// Command apilist writes down what the packages of this module export, one text file a
// package. A test compares it with the code, so that no exported name, signature or field
// changes by accident: run it after changing one, so that the commit shows the change.
//
//	go run ./internal/apilist
//
// It is run from the root of the module.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const lists = "internal/apilist/testdata"

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "apilist:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	packages, err := public(root)
	if err != nil {
		return err
	}
	stale, err := filepath.Glob(filepath.Join(root, lists, "*.txt"))
	if err != nil {
		return err
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for _, dir := range packages {
		text, err := exported(filepath.Join(root, dir))
		if err == nil {
			err = os.WriteFile(filepath.Join(root, lists, fileOf(dir)), []byte(text), 0o644) // #nosec G306 -- no secret
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fileOf is the name of the list of a package.
func fileOf(dir string) string { return strings.ReplaceAll(filepath.ToSlash(dir), "/", ".") + ".txt" }
