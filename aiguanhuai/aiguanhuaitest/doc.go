// Package aiguanhuaitest is a simulator of 爱关怀's organisation sync, for tests
// of programs that push to it.
//
//	srv := aiguanhuaitest.NewServer()
//	defer srv.Close()
//	client := srv.Client() // an *aiguanhuai.Client
//	… push …
//	srv.People() // what the vendor now holds
//
// It keeps to the vendor's page to the letter. A wrong method or path, another
// content type than JSON, an unknown, missing or mistyped field, more than 2,000
// records, an unknown company or task are refused with the documented errno. A
// record without status is taken for disabled, and completing a task replaces
// everything, as they do there. Where the page contradicts itself, both readings
// of a value are taken (orgSource 1 and 11); of the two names of the task
// parameter, the one in the tables (taskId).
//
// [NewInMemory] opens no socket and works inside a testing/synctest
// bubble. [Server.Inject] makes requests go wrong.
package aiguanhuaitest
