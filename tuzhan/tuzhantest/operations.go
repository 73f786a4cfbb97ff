package tuzhantest

// Names of the operations, for [Fault].On, [Server.RequestsTo] and [Server.Count]. The Op of
// a tuzhan.Error or tuzhan.Attempt is one of them; with the two batch calls a blank and the
// optType (add, update, delete) follow.
const (
	OpToken       = "app/getOrgAccessToken"
	OpDepartments = "dept/batchAdd"
	OpEmployees   = "channel/employee/batchAdd"
)

// Operations returns the names of all operations.
func Operations() []string { return []string{OpToken, OpDepartments, OpEmployees} }
