package simkit

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Mux routes exact methods and paths to named operations. Register every
// operation before the server starts; after that it is safe for concurrent use.
type Mux struct {
	// Now is the clock that stamps requests, [time.Now] unless it is set before the
	// server starts.
	Now func() time.Time

	paths map[string]map[string]operation // path, then method
	ops   map[string]struct{}
}

type operation struct {
	name    string
	handler http.Handler
}

// NewMux returns an empty Mux.
func NewMux() *Mux {
	return &Mux{Now: time.Now, paths: make(map[string]map[string]operation), ops: make(map[string]struct{})}
}

// Handle registers handler as operation op, for one method and one exact path.
// The handler finds the whole request body in memory, and a handler that waits
// has to watch the request's context. An operation may have several paths.
// Handle panics if op is empty or the method and path are taken.
func (m *Mux) Handle(op, method, path string, handler http.HandlerFunc) {
	if op == "" {
		panic("simkit: operation without a name: " + method + " " + path)
	}
	if m.paths[path] == nil {
		m.paths[path] = make(map[string]operation)
	}
	if taken, ok := m.paths[path][method]; ok {
		panic(fmt.Sprintf("simkit: %s %s is operation %q already", method, path, taken.name))
	}
	m.paths[path][method] = operation{name: op, handler: handler}
	m.ops[op] = struct{}{}
}

// Operations returns the names of all operations, sorted.
func (m *Mux) Operations() []string { return slices.Sorted(maps.Keys(m.ops)) }

// find returns the operation r asks for. What is no operation has an empty
// name and a handler that answers 404, or 405 for a known path.
func (m *Mux) find(r *http.Request) operation {
	methods, ok := m.paths[r.URL.Path]
	if !ok {
		return operation{handler: http.HandlerFunc(http.NotFound)}
	}
	if op, ok := methods[r.Method]; ok {
		return op
	}
	return operation{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	})}
}

// mustKnow panics on a misspelt operation; "" stands for all.
func (m *Mux) mustKnow(op string) {
	if _, ok := m.ops[op]; !ok && op != "" {
		panic(fmt.Sprintf("simkit: no operation %q; there are %q", op, m.Operations()))
	}
}
