// Command codes writes the table of the vendors' codes into the READMEs: every code that has
// a sentinel, and what to do about it. The table is made from the sentinels and their doc
// comments, so that it cannot say anything else.
//
//	go run ./internal/codes
//
// It is run from the root of the module. A test compares the READMEs with what it would write.
package main

import (
	"fmt"
	"os"
)

func main() {
	for _, readme := range readmes() {
		if err := readme.write("."); err != nil {
			fmt.Fprintln(os.Stderr, "codes:", err)
			os.Exit(1)
		}
	}
}
