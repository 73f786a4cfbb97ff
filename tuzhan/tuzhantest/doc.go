// Package tuzhantest simulates 兔展 for tests: a real HTTP server on loopback,
// or one in memory, that holds departments and employees and follows the
// vendor's page to the letter.
//
//	srv := tuzhantest.NewServer()
//	defer srv.Close()
//	client := srv.Client() // a *tuzhan.Client
//	…
//	srv.Departments() // what the company now has
//
// # What is refused
//
// As a whole, with a code: a token that is unknown or has ended (100200, or HTTP
// 401 on request), wrong credentials (100100), and whatever is not the documented
// request: another method or content type, unknown fields, values of another
// type, an unknown optType, no records or more than 500. The vendor has not
// published codes for the latter; the simulator answers [CodeBadRequest].
//
// Record by record, in errorData and errorMsg: a missing required field, what
// exists already (已存在) or does not exist (不存在), a parent or department that
// is not there, a department of another type than those held, the deletion of a
// department that has employees, or departments below it without
// deleteSubDepartmentFlag. Records are carried out in the order given, so a parent may
// come earlier in the same call.
//
// Where the page contradicts itself, numbers may come quoted, as in its
// samples, and userType is required, as in its table.
//
// # Faults
//
// [Server.Inject] takes the faults of this package. [Server.RefuseRecord]
// makes single records fail, [Server.ExpireTokens] ends the tokens given out.
package tuzhantest
