package storetest_test

import (
	"testing"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(testing.TB) orgsync.Store { return orgsync.NewMemoryStore() })
}
