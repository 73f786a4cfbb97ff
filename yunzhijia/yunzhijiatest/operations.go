package yunzhijiatest

// Names of the operations, for [Fault].On, [Server.RequestsTo] and [Server.Count]. The Op of
// a yunzhijia.Error or yunzhijia.Attempt is one of them. They are called like the client's
// methods; those that read page by page like the method that reads one page.
const (
	OpToken                = "getAccessToken"
	OpListPersons          = "getallpersons"
	OpGetPerson            = "getperson"
	OpGetOrg               = "getorg"
	OpListAncestorOrgs     = "getancestororgs"
	OpListDescendantOrgs   = "getsuborgs"
	OpListChildOrgs        = "getsublevelorgs"
	OpListOrgs             = "getallorgs"
	OpGetCompany           = "getcompany"
	OpListOrgMembers       = "getorgpersons"
	OpGetSuperiors         = "getparentperson"
	OpListAdminOpenIDs     = "getAdminOidsByEid"
	OpListPartners         = "getPartners"
	OpSearchTeams          = "searchNetwork"
	OpCreatePartner        = "createPartners"
	OpDeletePartnerContact = "delPartContacts"
	OpListRoleMembers      = "getpersonByRoleIds"
	OpListOrgDetails       = "getorginfos"
	OpListOrgUsers         = "getUserInfoRelyOrgIds"
)

// Operations of openimport.
const (
	OpListDirectoryPersons = "person/getall"
	OpListChangedPersons   = "person/getAtTime"
	OpGetDirectoryPersons  = "person/get"
	OpListPhoneChanges     = "person/getPersonChangePhone"
	OpListPersonJobs       = "relation/queryPersonOrgJobInfo"
	OpListDirectoryOrgs    = "dept/getall"
	OpListChangedOrgs      = "dept/getAtTime"
	OpGetDirectoryOrgs     = "dept/get"
	OpListOrgHeads         = "company/queryOrgAdmins"
	OpListSideJobs         = "company/queryPartTimeJobs"
	OpListReportingLines   = "company/queryRelations"
)

// Operations returns the names of all operations.
func Operations() []string {
	names := []string{OpToken}
	for _, op := range operations() {
		names = append(names, op.name)
	}
	for _, op := range syncOperations() {
		names = append(names, op.name)
	}
	return names
}
