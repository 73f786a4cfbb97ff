package token_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/token"
)

const life = 7200 * time.Second

var errVendor = errors.New("vendor is down")

// vendor hands out value-1, value-2, … and can be told to do otherwise.
type vendor struct {
	mu      sync.Mutex
	calls   int
	delay   time.Duration
	life    time.Duration
	err     error
	same    bool // hand out the current token again while it lives
	current token.Token
}

func newVendor() *vendor { return &vendor{life: life} }

func (v *vendor) set(change func(*vendor)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(v)
}

func (v *vendor) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

// fetch decides on its answer when it is asked, and gives it after the delay.
func (v *vendor) fetch(ctx context.Context) (token.Token, error) {
	v.mu.Lock()
	v.calls++
	answer, err, delay := v.current, v.err, v.delay
	if err == nil && (!v.same || !time.Now().Before(answer.Expires())) {
		answer = token.New(fmt.Sprintf("value-%d", v.calls), time.Now().Add(v.life))
		v.current = answer
	}
	v.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return token.Token{}, ctx.Err()
		}
	}
	if err != nil {
		return token.Token{}, err
	}
	return answer, nil
}

func cacheOf(v *vendor) *token.Cache { return token.NewCache(token.Config{Fetch: v.fetch}) }

// value is what a Token call returns now.
func value(t *testing.T, c *token.Cache) string {
	t.Helper()
	got, err := c.Token(t.Context())
	require.NoError(t, err)
	return got.Reveal()
}

func replace(t *testing.T, c *token.Cache, rejected string) string {
	t.Helper()
	got, err := c.Replace(t.Context(), token.New(rejected, time.Time{}))
	require.NoError(t, err)
	return got.Reveal()
}

// result of a call made on another goroutine.
type result struct {
	token token.Token
	err   error
}

func async(call func() (token.Token, error)) <-chan result {
	out := make(chan result, 1)
	go func() {
		got, err := call()
		out <- result{got, err}
	}()
	return out
}

func assertValue(t *testing.T, want string, out <-chan result) {
	t.Helper()
	got := <-out
	assert.NoError(t, got.err)
	assert.Equal(t, want, got.token.Reveal())
}

// memory is a Store with faults.
type memory struct {
	mu                          sync.Mutex
	tokens                      map[string]token.Token
	loads, saves, deletes       int
	loadErr, saveErr, deleteErr error
	hang                        bool
}

func newMemory() *memory { return &memory{tokens: map[string]token.Token{}} }

func (m *memory) Load(ctx context.Context, key string) (token.Token, error) {
	if m.hang {
		<-ctx.Done()
		return token.Token{}, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	return m.tokens[key], m.loadErr
}

func (m *memory) Save(ctx context.Context, key string, t token.Token) error {
	if m.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saves++
	if m.saveErr == nil {
		m.tokens[key] = t
	}
	return m.saveErr
}

func (m *memory) Delete(ctx context.Context, key string, rejected token.Token) error {
	if m.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deletes++
	if m.deleteErr == nil && m.tokens[key].Same(rejected) {
		delete(m.tokens, key)
	}
	return m.deleteErr
}

func (m *memory) value(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tokens[key].Reveal()
}

// logged returns a logger and what was written to it.
func logged() (*slog.Logger, func() string) {
	var mu sync.Mutex
	var buf bytes.Buffer
	w := writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return buf.Write(p)
	})
	return slog.New(slog.NewJSONHandler(w, nil)), func() string {
		mu.Lock()
		defer mu.Unlock()
		return buf.String()
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
