package yunjiantest

// Names of the operations, for [Fault.On], [Server.RequestsTo], [Server.Count] and
// [CallerFault.On]. The Op of a yunjian.Error or yunjian.Attempt is one of them.
const (
	OpGetSession = "getSession"
	OpSyncUsers  = "userSyn"
)

// OpUserSyn is another name of [OpSyncUsers].
//
// Deprecated: use [OpSyncUsers].
const OpUserSyn = OpSyncUsers

// Operations returns the names of all operations.
func Operations() []string { return []string{OpGetSession, OpSyncUsers} }
