package yunzhijia_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// Error.Op of every call is the name by which the simulator counts it and takes faults.
func TestErrorsNameTheOperationsOfTheSimulator(t *testing.T) {
	t.Parallel()
	srv := yunzhijiatest.NewInMemory()
	defer srv.Close()
	seen := []string{yunzhijiatest.OpToken}
	for _, half := range []struct {
		client *yunzhijia.Client
		calls  map[string]operation
	}{{srv.Client(), operations()}, {srv.SyncClient(), directoryOperations()}} {
		for _, name := range slices.Sorted(maps.Keys(half.calls)) {
			srv.Inject(yunzhijiatest.Refuse(1201030, "不行").On(name))
			_, err := half.calls[name].call(t.Context(), half.client)
			e, ok := errors.AsType[*yunzhijia.Error](err)
			if assert.True(t, ok, "%s: %v", name, err) {
				assert.Equal(t, []string{name, "1201030"}, []string{e.Op, e.Code})
			}
			seen = append(seen, name)
		}
	}
	assert.ElementsMatch(t, yunzhijiatest.Operations(), seen)
	assert.Empty(t, srv.Pending())
}
