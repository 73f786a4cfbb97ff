// Package nightly tests package fleet with a real Temporal server, which runs inside the
// test, and a PostgreSQL server. It is a module apart because compiling Temporal's server
// takes ten minutes; .ci/nightly runs it.
package nightly
