// Package pgtest tests package sqlstore with a PostgreSQL server of its own, which it
// starts and removes. It is a module apart so that the library needs no driver.
//
//	cd orgmodel/orgsync/sqlstore/pgtest && go test ./...
//
// The programs of PostgreSQL must be installed, in the PATH or where Debian puts
// them (apt-get install postgresql). Without them the tests fail.
package pgtest
