package trigger_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
)

func nothing(context.Context, trigger.Request) {}

func TestConfigNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := trigger.New(trigger.Config{Every: -1, Quiet: -1, Longest: -1, Nightly: "25:00"})
	require.EqualError(t, err, `trigger: Run is required
trigger: Every is negative
trigger: Quiet is negative
trigger: Longest is negative
trigger: Nightly is not a time of day such as 02:40`)
	wrong, ok := errors.AsType[*trigger.ConfigError](err)
	require.True(t, ok)
	assert.Equal(t, "Run", wrong.Field)

	for field, config := range map[string]trigger.Config{
		"Every":   {Run: nothing, Every: time.Millisecond},
		"Jitter":  {Run: nothing, Every: time.Minute, Jitter: 2 * time.Minute},
		"Longest": {Run: nothing, Quiet: time.Minute, Longest: time.Second},
		"Nightly": {Run: nothing, Nightly: "2 am"},
	} {
		_, err := trigger.New(config)
		require.ErrorContains(t, err, field)
	}
	for _, config := range []trigger.Config{
		{Run: nothing},
		{Run: nothing, Quiet: 2 * time.Minute}, // Longest follows
		{Run: nothing, Every: time.Second, Jitter: time.Second, Nightly: "00:00"},
	} {
		_, err := trigger.New(config)
		require.NoError(t, err)
	}
}

func TestNightlyReadingWhereClocksChange(t *testing.T) {
	t.Parallel()
	for name, zone := range map[string]*time.Location{
		"fixed": time.FixedZone("", 8*3600),
		"local": time.Local,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := serve(t, trigger.Config{Nightly: "23:59", Location: zone}, 0)
			b.until(t, 40*24*time.Hour)
			assert.Len(t, b.list(), 40, name)
			for _, r := range b.list() {
				assert.Equal(t, 59, b.begin.Add(r.at).In(zone).Minute())
				assert.Equal(t, 23, b.begin.Add(r.at).In(zone).Hour())
			}
		})
	}
}
