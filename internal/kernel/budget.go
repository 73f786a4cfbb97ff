package kernel

import "sync"

const (
	// defaultBudget is how many retries a client has before it must earn more.
	defaultBudget = 100
	maxBudget     = 1_000_000
	// successesPerRetry is how many calls that succeed at the first attempt earn one retry.
	successesPerRetry = 5
)

// budget limits the retries of all calls of a client together: while a vendor is down,
// six attempts for every call would multiply the load that keeps it down. First
// attempts are free, and so is the replay after a rejected token. It is a bucket like
// that of aws-sdk-go-v2: full at first, filled by success alone.
type budget struct {
	mu   sync.Mutex
	left int // in parts of a retry
	most int
}

// newBudget returns a full budget; nil, which never ends, for 0 retries.
func newBudget(retries int) *budget {
	if retries == 0 {
		return nil
	}
	return &budget{left: retries * successesPerRetry, most: retries * successesPerRetry}
}

// take reports whether there is a retry left, and takes it.
func (b *budget) take() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < successesPerRetry {
		return false
	}
	b.left -= successesPerRetry
	return true
}

// succeeded gives back the retry that succeeded, or a part of one for a call that
// needed none.
func (b *budget) succeeded(retried bool) {
	if b == nil {
		return
	}
	earned := 1
	if retried {
		earned = successesPerRetry
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+earned, b.most)
}
