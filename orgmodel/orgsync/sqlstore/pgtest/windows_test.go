//go:build unix

package pgtest_test

import (
	"slices"
	"testing"
	"time"
)

// assertWindows looks at every window that begins and ends with a call.
func assertWindows(t *testing.T, made []int64) {
	t.Helper()
	const inHand = 30 * time.Millisecond // between a permit and the look at the clock
	slices.Sort(made)
	worst := 0.0
	for i := range made {
		for j := i; j < len(made); j++ {
			window := time.Duration(made[j]-made[i]) + inHand
			allowed := limitedRate*window.Seconds() + limitedBurst
			worst = max(worst, float64(j-i+1)/allowed)
		}
	}
	t.Logf("the fullest window had %.1f %% of what is allowed", 100*worst)
	if worst > 1 {
		t.Error("more calls than rate and burst allow")
	}
}
