package yunzhijiatest

import (
	"net/http"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

const (
	tokenPath   = "/gateway/oauth2/token/"
	dataPath    = "/gateway/opendata-control/data/"
	partnerPath = "/gateway/opendata-control/partner/"

	maxCount         = 1000
	maxCountOrgUsers = 500
)

// Codes. The two of successes are the vendor's, the others are invented.
const (
	codeSuccess      = 100
	codeTokenSuccess = 0

	codeParameter      = 90001
	codeAuthentication = 90002
	codeNotAuthorised  = 90003
	codeState          = 90004
)

// operation is one data call.
type operation struct {
	path, name string
	params     []param
	serve      func(t *Team, in values) (data any, refusal *refusal)
}

func operations() []operation {
	orgID, openID := text("orgId"), text("openId")
	begin, count := optional("begin", isOffset), optional("count", isCount(maxCount))
	return []operation{
		{dataPath, OpListPersons, []param{{"time", true, isMoment}, begin, count}, (*Team).getAllPersons},
		{dataPath, OpGetPerson, []param{openID}, (*Team).getPerson},
		{dataPath, OpGetOrg, []param{orgID}, (*Team).getOrg},
		{dataPath, OpListAncestorOrgs, []param{orgID}, (*Team).getAncestorOrgs},
		{dataPath, OpListDescendantOrgs, []param{orgID}, (*Team).getSubOrgs},
		{dataPath, OpListChildOrgs, []param{orgID}, (*Team).getSubLevelOrgs},
		{dataPath, OpListOrgs, []param{begin, count}, (*Team).getAllOrgs},
		{dataPath, OpGetCompany, nil, (*Team).getCompany},
		{dataPath, OpListOrgMembers, []param{orgID, begin, count}, (*Team).getOrgPersons},
		{dataPath, OpGetSuperiors, []param{openID}, (*Team).getParentPerson},
		{dataPath, OpListAdminOpenIDs, nil, (*Team).getAdminOids},
		{partnerPath, OpListPartners, []param{optional("time", isMillis), begin, count}, (*Team).getPartners},
		{partnerPath, OpSearchTeams, []param{text("phone"), text("name")}, (*Team).searchNetwork},
		{partnerPath, OpCreatePartner, []param{text("myOid"), text("partnerEid"), text("partnerPhone")}, (*Team).createPartner},
		{partnerPath, OpDeletePartnerContact, []param{text("partnerEid"), text("contactId")}, (*Team).deleteContact},
		{dataPath, OpListRoleMembers, []param{text("roleIds"), begin, count}, (*Team).getPersonByRoleIDs},
		{dataPath, OpListOrgDetails, []param{text("orgIds"), begin, count, {"hasChild", true, isBool}}, (*Team).getOrgInfos},
		{dataPath + "org/", OpListOrgUsers, []param{
			text("orgIds"), begin, optional("count", isCount(maxCountOrgUsers)), {"isIncludeSub", true, isBool},
		}, (*Team).getUserInfo},
	}
}

func (s *Server) routes() *simkit.Mux {
	mux := simkit.NewMux()
	mux.Now = s.now
	handle := func(name, path string, handler http.HandlerFunc) {
		mux.Handle(name, http.MethodPost, path, handler)
		// The vendor's FAQ gives a GET as one cause of "authentication failed".
		mux.Handle(name, http.MethodGet, path, func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, &refusal{codeAuthentication, "authentication failed: use POST"})
		})
	}
	handle(OpToken, tokenPath+OpToken, s.getAccessToken)
	for _, op := range operations() {
		op.params = append(op.params, text("eid"))
		handle(op.name, op.path+op.name, func(w http.ResponseWriter, r *http.Request) {
			data, refusal := s.run(op, r)
			if refusal != nil {
				refuse(w, refusal)
				return
			}
			succeed(w, codeSuccess, data)
		})
	}
	for _, op := range syncOperations() {
		handle(op.name, syncPath+op.name, func(w http.ResponseWriter, r *http.Request) { s.serveSync(op, w, r) })
	}
	return mux
}

func (s *Server) run(op operation, r *http.Request) (any, *refusal) {
	if !s.tokens.valid(r.URL.Query().Get("accessToken"), s.now()) {
		return nil, &refusal{codeAuthentication, "authentication failed"}
	}
	in, refused := read(r, op.params)
	if refused != nil {
		return nil, refused
	}
	team := s.team(in.text("eid"))
	if team == nil {
		return nil, &refusal{codeNotAuthorised, "企业未授权"}
	}
	team.mu.Lock()
	defer team.mu.Unlock()
	return op.serve(team, in)
}

// envelope is what every answer is wrapped in.
type envelope struct {
	Success   bool    `json:"success"`
	Error     *string `json:"error"`
	ErrorCode int     `json:"errorCode"`
	Data      any     `json:"data"`
}

// refusal is an answer with success false.
type refusal struct {
	code    int
	message string
}

func badParameter(message string) *refusal { return &refusal{codeParameter, message} }

func refuse(w http.ResponseWriter, r *refusal) {
	simkit.WriteJSON(w, http.StatusOK, envelope{Error: &r.message, ErrorCode: r.code})
}

func succeed(w http.ResponseWriter, code int, data any) {
	simkit.WriteJSON(w, http.StatusOK, envelope{Success: true, ErrorCode: code, Data: data})
}
