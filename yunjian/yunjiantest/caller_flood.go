package yunjiantest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
)

// Flood is a number of pushes at once, by someone who has no session.
type Flood struct {
	Pushes  int    // how many, default 100
	Bytes   int    // about how long each of them is, default 9 MiB
	Session string // their sessionId, sent before the rows; "" leaves it out
}

const (
	defaultFlood     = 100
	defaultFloodSize = 9 << 20
)

// Flood sends the pushes concurrently, and returns how often each HTTP status came. 0
// counts those that had no answer.
func (c *Caller) Flood(ctx context.Context, f Flood) map[int]int {
	if f.Pushes <= 0 {
		f.Pushes = defaultFlood
	}
	if f.Bytes <= 0 {
		f.Bytes = defaultFloodSize
	}
	body := f.body()
	var mu sync.Mutex
	counts := make(map[int]int)
	var all sync.WaitGroup
	for range f.Pushes {
		all.Go(func() {
			status := c.statusOf(ctx, body)
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	all.Wait()
	return counts
}

func (c *Caller) statusOf(ctx context.Context, body []byte) int {
	r, err := (&outgoing{ctx: ctx}).request(c.config.SyncURL, body)
	if err != nil {
		return 0
	}
	resp, err := c.do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func (f Flood) body() []byte {
	const row = `{"userNo":1,"fullName":"张三","mobile":"13800000001","isLeave":false}`
	var b bytes.Buffer
	b.WriteByte('{')
	if f.Session != "" {
		b.WriteString(`"sessionId":"` + f.Session + `",`)
	}
	b.WriteString(`"data":[` + row)
	for b.Len() < f.Bytes-len(row)-3 {
		b.WriteString("," + row)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// ReplayLogin sends the last login that was answered with a session again, byte for byte,
// and reports whether the same session came back. A refusal is a *[RefusedError].
func (c *Caller) ReplayLogin(ctx context.Context) (same bool, err error) {
	c.mu.Lock()
	body, session := c.login, c.session
	c.mu.Unlock()
	if body == nil {
		return false, errors.New("there has been no login to replay")
	}
	status, answer, err := c.send(&outgoing{ctx: ctx}, c.config.SessionURL, body)
	if err != nil {
		return false, err
	}
	again, _, err := readSession(status, answer, c.config.Now())
	return err == nil && again == session, err
}
