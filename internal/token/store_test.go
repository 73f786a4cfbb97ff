package token_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

func shared(v *vendor, m *memory) *token.Cache {
	return token.NewCache(token.Config{Key: "k", Fetch: v.fetch, Store: m})
}

func TestProcessesShareOneToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, m := newVendor(), newMemory()
		a, b := shared(v, m), shared(v, m)
		assert.Equal(t, "value-1", value(t, a))
		assert.Equal(t, "value-1", value(t, b))
		assert.Equal(t, "value-1", value(t, b))
		assert.Equal(t, 1, v.count())
		assert.Equal(t, 2, m.loads, "the store is asked on a cold cache only")

		<-time.After(life - 4*time.Minute)
		assert.Equal(t, "value-2", value(t, a))
		assert.Equal(t, "value-2", value(t, b), "the early renewal of one serves the other")
		assert.Equal(t, 2, v.count())
		assert.Equal(t, "value-2", m.value("k"))
	})
}

func TestStoredTokenThatIsAboutToEndIsAMiss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for left, want := range map[time.Duration]string{
			-time.Hour:                       "value-1",
			10 * time.Second:                 "value-1",
			10*time.Second + time.Nanosecond: "stored",
			0:                                "stored", // stands for: never ends
		} {
			m := newMemory()
			end := time.Now().Add(left)
			if left == 0 {
				end = time.Time{}
			}
			m.tokens["k"] = token.New("stored", end)
			assert.Equal(t, want, value(t, shared(newVendor(), m)), left)
			assert.Equal(t, want, m.value("k"), left)
		}
	})
}

func TestRenewalTakesOnlyABetterTokenFromTheStore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value string
		left  time.Duration // 0: never ends
		want  string
	}{
		"no end":      {"stored", 0, "stored"},
		"later end":   {"stored", time.Hour, "stored"},
		"sooner end":  {"stored", time.Minute, "value-2"},
		"the old one": {"value-1", time.Hour, "value-2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, m := newVendor(), newMemory()
				c := shared(v, m)
				value(t, c)
				<-time.After(life - 4*time.Minute)
				end := time.Now().Add(test.left)
				if test.left == 0 {
					end = time.Time{}
				}
				m.tokens["k"] = token.New(test.value, end)
				assert.Equal(t, test.want, value(t, c))
			})
		})
	}
}

func TestReplaceWithAStore(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	c := shared(v, m)
	value(t, c)
	assert.Equal(t, "value-2", replace(t, c, "value-1"))
	assert.Equal(t, 1, m.deletes)
	assert.Equal(t, "value-2", m.value("k"))

	// Another process was faster.
	m.tokens["k"] = token.New("theirs", time.Now().Add(time.Hour))
	assert.Equal(t, "theirs", replace(t, c, "value-2"))
	assert.Equal(t, "theirs", value(t, c))
	assert.Equal(t, "theirs", m.value("k"), "only the rejected token is deleted")
	assert.Equal(t, 2, v.count())

	// A token that ends sooner still is better than a rejected one.
	m.tokens["k"] = token.New("short", time.Now().Add(time.Minute))
	assert.Equal(t, "short", replace(t, c, "theirs"))
	assert.Equal(t, 2, v.count())
}

func TestReplaceIgnoresTheRejectedTokenInTheStore(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	m.deleteErr = errors.New("read-only")
	m.tokens["k"] = token.New("rejected", time.Now().Add(life))
	c := shared(v, m)
	assert.Equal(t, "rejected", value(t, c))
	assert.Equal(t, "value-1", replace(t, c, "rejected"))
	assert.Equal(t, "value-1", m.value("k"))
}

func TestReplaceOnAColdCacheWithAStore(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	m.tokens["k"] = token.New("theirs", time.Now().Add(life))
	assert.Equal(t, "theirs", replace(t, shared(v, m), "rejected"))
	assert.Zero(t, v.count())

	m.deleteErr = errors.New("read-only")
	assert.Equal(t, "value-1", replace(t, shared(v, m), "theirs"), "not the rejected one, although it is still there")
}

func TestSameTokenGoesBackToTheStore(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	v.same = true
	c := shared(v, m)
	assert.Equal(t, "value-1", replace(t, c, value(t, c)))
	assert.Equal(t, 2, v.count())
	assert.Equal(t, "value-1", m.value("k"))
}

func TestFailingStoreIsAMiss(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	fault := fmt.Errorf("SET k %s: %w", canary, errors.New("no space for "+canary))
	m.loadErr, m.saveErr, m.deleteErr = fault, fault, fault
	m.tokens["k"] = token.New("beside an error", time.Now().Add(life))
	logger, log := logged()
	c := token.NewCache(token.Config{Key: "k", Fetch: v.fetch, Store: m, Logger: logger})

	assert.Equal(t, "value-1", value(t, c))
	assert.Equal(t, "value-2", replace(t, c, "value-1"))
	assert.Equal(t, 2, strings.Count(log(), `"step":"load"`))
	assert.Equal(t, 2, strings.Count(log(), `"step":"save"`))
	assert.Equal(t, 1, strings.Count(log(), `"step":"delete"`))
	assert.Contains(t, log(), `"error":"*fmt.wrapError: *errors.errorString"`)
	assert.NotContains(t, log(), canary)
}

type loggable struct{ error }

func (loggable) LogValue() slog.Value { return slog.StringValue("status 503") }

// A token that was stored with the line break of its file goes into no header: nothing would
// be sent, nothing be rejected, and the call fail until the token ends.
func TestDamagedTokenInTheStoreIsAMiss(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.tokens["k"] = token.New("geheim\n", time.Time{})
	logger, log := logged()
	c := token.NewCache(token.Config{Key: "k", Fetch: newVendor().fetch, Store: m, Logger: logger})
	assert.Equal(t, "value-1", value(t, c))
	assert.Equal(t, "value-1", m.value("k"), "it is replaced for the others too")
	assert.Contains(t, log(), `"step":"load"`)
	assert.NotContains(t, log(), "geheim")
}

func TestErrorMadeForLogsIsLogged(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.loadErr = fmt.Errorf("%s: %w", canary, loggable{errors.New(canary)})
	logger, log := logged()
	c := token.NewCache(token.Config{Key: "k", Fetch: newVendor().fetch, Store: m, Logger: logger})
	value(t, c)
	assert.Contains(t, log(), `"error":"status 503"`)
	assert.NotContains(t, log(), canary)
}

func TestHangingStoreIsAMiss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, m := newVendor(), newMemory()
		m.hang = true
		v.delay = 25 * time.Second
		c := shared(v, m)
		start := time.Now()
		assert.Equal(t, "value-1", value(t, c))
		assert.Equal(t, 35*time.Second, time.Since(start), "5 s to load, 25 s to fetch, 5 s to save")
		assert.Equal(t, "value-1", value(t, c))
	})
}

func TestFailedFetchSavesNothing(t *testing.T) {
	t.Parallel()
	v, m := newVendor(), newMemory()
	v.err = errVendor
	_, err := shared(v, m).Token(t.Context())
	require.ErrorIs(t, err, errVendor)
	assert.Zero(t, m.saves)
}

func TestStoreOutlivesTheFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, m := newVendor(), newMemory()
		v.delay = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		out := async(func() (token.Token, error) { return shared(v, m).Token(ctx) })
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, (<-out).err, context.Canceled)
		<-time.After(2 * time.Second)
		assert.Equal(t, "value-1", m.value("k"))
	})
}

func TestKey(t *testing.T) {
	t.Parallel()
	key := token.Key("yunzhijia", "app", "500001", canary)
	assert.Regexp(t, `^yunzhijia:app:500001:[0-9a-f]{32}$`, key)
	assert.NotContains(t, key, canary)
	assert.Equal(t, key, token.Key("yunzhijia", "app", "500001", canary))

	seen := map[string]bool{key: true}
	for _, other := range []string{
		token.Key("tuzhan", "app", "500001", canary),
		token.Key("yunzhijia", "team", "500001", canary),
		token.Key("yunzhijia", "app", "500002", canary),
		token.Key("yunzhijia", "app", "500001", "another"),
		token.Key("yunzhijia", "app:500001", "", canary),
		token.Key("yunzhijia", "app", ":500001", canary),
		token.Key("yunzhijia", "", "app:500001", canary),
		token.Key("yunzhijia:app", "500001", "", canary),
	} {
		assert.False(t, seen[other], other)
		seen[other] = true
	}
}
