package aiguanhuaitest

// Names of the operations, for [Fault].On, [Server.RequestsTo] and [Server.Count]. The Op of
// an aiguanhuai.Error or aiguanhuai.Attempt is one of them.
const (
	OpPrepare  = "add-prepare"
	OpAdd      = "add"
	OpComplete = "add-complete"
	OpUpdate   = "update"
)

// Operations returns the names of all operations.
func Operations() []string { return []string{OpPrepare, OpAdd, OpComplete, OpUpdate} }
