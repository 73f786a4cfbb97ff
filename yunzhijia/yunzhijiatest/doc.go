// Package yunzhijiatest is an in-process simulator of 云之家: a server that holds a
// team (工作圈) with departments and people, and answers the calls of package
// yunzhijia the way the vendor's docs describe them. Use it to test code that
// reads 云之家.
//
//	srv := yunzhijiatest.NewServer(yunzhijiatest.Seed(20, 500))
//	defer srv.Close()
//	client := srv.Client() // a *yunzhijia.Client
//
// [NewServer] listens on loopback. [NewInMemory] opens no socket, so that it
// also works within testing/synctest. [Operations] lists what it serves.
//
// # Strict
//
// The server takes what the vendor documents and refuses the rest with
// {"success":false,…} and HTTP 200, as the vendor does: a wrong content type, a
// parameter that is missing, unknown, given twice or malformed, a count above the
// limit, a GET, a token that is unknown or has ended, a team the app does not
// belong to, a token request whose stamp is more than 3 minutes off. The vendor
// publishes no codes for refusals: the errorCode values are this package's own,
// so do not branch on them.
//
// # As the vendor does
//
// getallpersons is a log of events: [Team.AddPerson], [Team.UpdatePerson] and
// [Team.Leave] append to it. Phone and email are left out, except with
// getUserInfoRelyOrgIds, where the phone is masked; see [WithContacts]. A
// success has errorCode 100, at the token call 0. isAdmin and status are
// numbers with getUserInfoRelyOrgIds and strings elsewhere. The token is the
// same until it ends.
//
// # Where the page is silent
//
// An id that does not exist gives a success without a record: [] with getperson and null
// with getorg. With getpersonByRoleIds and getorginfos begin and count page over the
// members of all groups in turn. Events happened after a cursor if they are later than
// that second's beginning; the documented value for a first pull means all of them.
//
// # Events
//
// An [EventSender] sends the signed events that 云之家 tells a URL: as they should be, or
// with faults (wrong, old, unsigned), and many of them in disorder (lost, doubled, shuffled).
//
// # openimport
//
// The directory interface is served for the same people and departments, with the key in
// [Server.SyncConfig]; [Server.SyncClient] makes its client. It is as strict: data must be an object of just the documented
// fields in the documented types, and only tokens of its own level open it. Its answers
// bear the server's clock in the header Date. Phones are whole, see [WithMaskedPhones];
// dept/getall leaves the root out as the vendor's sample does, see [WithListedRoot];
// person/getAtTime names people with records that lack days, tells nothing of side jobs,
// and can be made silent with [Team.LoseChanges]. An unknown id has no row. Someone
// disabled is not listed. REPORT lists no one.
//
// # Faults
//
// [Server.Inject] makes requests go wrong: latency, 429, 5xx, refusals, cut
// and lost answers. [Server.ExpireTokens] ends a token before its time.
package yunzhijiatest
