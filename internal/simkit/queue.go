package simkit

import (
	"slices"
	"sync"
)

// faultQueue holds the faults that wait, in the order of their injection.
type faultQueue struct {
	mu     sync.Mutex
	faults []*queuedFault
}

type queuedFault struct {
	Fault
	seen, struck int
}

func (q *faultQueue) add(faults []Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range faults {
		q.faults = append(q.faults, &queuedFault{Fault: f})
	}
}

// take consumes and returns the faults that strike a request to op: delays,
// and at most one that acts.
func (q *faultQueue) take(op string) []Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	var due []Fault
	acting := false
	for _, f := range q.faults {
		if f.op != "" && f.op != op {
			continue
		}
		f.seen++
		if f.seen <= f.after || (f.act != nil && acting) {
			continue
		}
		acting = acting || f.act != nil
		f.struck++
		due = append(due, f.Fault)
	}
	q.faults = slices.DeleteFunc(q.faults, func(f *queuedFault) bool { return f.struck >= f.times })
	return due
}

func (q *faultQueue) pending() []Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	var left []Fault
	for _, f := range q.faults {
		rest := f.Fault
		rest.after = max(f.after-f.seen, 0)
		if f.times == always {
			if f.struck > 0 {
				continue
			}
		} else {
			rest.times -= f.struck
		}
		left = append(left, rest)
	}
	return left
}

func (q *faultQueue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.faults = nil
}
