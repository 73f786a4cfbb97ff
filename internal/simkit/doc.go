// Package simkit is what the four vendor simulators share: an HTTP server on
// loopback or in memory, named operations, a record of every request, and
// faults on request.
//
// A simulator registers its endpoints on a [Mux] and wraps it in a [Server]:
//
//	mux := simkit.NewMux()
//	mux.Handle("getperson", http.MethodPost, "/gateway/…/getperson", handler)
//	srv := simkit.New(mux)
//	defer srv.Close()
//
//	srv.Inject(simkit.RateLimited(2*time.Second).On("getperson").After(1).Times(2))
//	… run the code under test against srv.URL() with srv.Client() …
//	srv.RequestsTo("getperson") // what was received
//	srv.Pending()               // faults that never struck
//
// [NewInMemory] gives the same server without a socket. Its client calls the
// handler directly, so it works inside a testing/synctest bubble, where
// delays and back-off take no real time.
//
// A request goes through one pipeline in both modes: its body is read whole,
// it is recorded, latency and due delays pass, then one due fault or the
// vendor's handler answers. The answer is complete before its first byte
// leaves, which is what lets a fault alter, cut or lose it.
//
// # What the four simulators repeat, and why
//
//   - fault.go and observe.go: functions and methods of one line that pass on to this package.
//     If a simulator embedded a [Server] instead, pkg.go.dev would not show the methods, for
//     this package is internal; and the comments say what "carried out" means at that vendor.
//     A test in internal/apilist holds the four together.
//   - NewServer, NewInMemory and start: what is made in between is the vendor's own state.
//   - Client: a line, because the type of the client differs. [NewClient] is the rest.
//   - yunjiantest.Caller and yunzhijiatest.EventSender, which play a vendor that calls: defaults
//     and printing without secrets. What they send and how they go wrong has nothing in common.
//   - Structs of JSON that a client has too: a simulator is written from the docs, not from the
//     client, or it would repeat the client's mistakes.
package simkit
