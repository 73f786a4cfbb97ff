package targettest_test

import (
	"testing"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/targettest"
)

// newWiki would return a target of yours, with nothing in it.
func newWiki(testing.TB) orgsync.Target { return nil }

// newRoster would return a source of yours, over a file for tests.
func newRoster(testing.TB) orgsync.Source { return nil }

func Example() {
	// In a file of tests:
	_ = func(t *testing.T) {
		targettest.Target(t, newWiki, targettest.Options{
			InService: func(_ testing.TB, _ orgsync.Target) []string {
				return nil // the ids that the wiki has now
			},
		})
	}
	_ = func(t *testing.T) {
		targettest.Source(t, newRoster, targettest.SourceOptions{})
	}
}
