package yunzhijiatest

import (
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

const (
	syncPath = "/gateway/openimport/open/"

	codeWrongKey = 10000401 // the one code of a refusal that is known

	maxNonce  = 16
	maxIDs    = 100
	maxJobIDs = 200
)

// syncOperation is one read of openimport.
type syncOperation struct {
	name string
	// plain: the docs have no nonce for it, and eid is optional.
	plain bool
	serve func(t *Team, data []byte) (any, *refusal)
}

func syncOperations() []syncOperation {
	return []syncOperation{
		{OpListDirectoryPersons, false, (*Team).syncAllPeople},
		{OpListChangedPersons, false, (*Team).syncChangedPeople},
		{OpGetDirectoryPersons, false, (*Team).syncGetPeople},
		{OpListPhoneChanges, false, (*Team).syncPhones},
		{OpListPersonJobs, true, (*Team).syncJobs},
		{OpListDirectoryOrgs, false, (*Team).syncAllOrgs},
		{OpListChangedOrgs, false, (*Team).syncChangedOrgs},
		{OpGetDirectoryOrgs, false, (*Team).syncGetOrgs},
		{OpListOrgHeads, false, (*Team).syncHeads},
		{OpListSideJobs, false, (*Team).syncSideJobs},
		{OpListReportingLines, false, (*Team).syncRelations},
	}
}

// serveSync answers with the server's clock in the header Date: the vendor tells its time
// nowhere else.
func (s *Server) serveSync(op syncOperation, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	data, refused := s.runSync(op, r)
	if refused != nil {
		refuse(w, refused)
		return
	}
	none := "" // openimport has "" where the other calls have null
	simkit.WriteJSON(w, http.StatusOK, envelope{Success: true, Error: &none, ErrorCode: codeSuccess, Data: data})
}

func (s *Server) runSync(op syncOperation, r *http.Request) (any, *refusal) {
	team := s.teamOf(r.URL.Query().Get("accessToken"))
	if team == nil {
		return nil, &refusal{codeWrongKey, "鉴权失败"}
	}
	form, err := simkit.Form(r)
	if err != nil {
		return nil, badParameter("参数为空: " + err.Error())
	}
	known := []string{"eid", "data", "nonce"}
	if op.plain {
		known = known[:2]
	}
	for name, given := range form {
		switch {
		case !slices.Contains(known, name):
			return nil, badParameter("参数错误: unknown form field")
		case len(given) > 1:
			return nil, badParameter("参数错误: " + name + " is given twice")
		}
	}
	nonce, data := form.Get("nonce"), form.Get("data")
	switch eid := form.Get("eid"); {
	case eid == "" && !op.plain:
		return nil, badParameter("参数错误: eid is required")
	case eid != "" && eid != team.eid:
		return nil, &refusal{codeNotAuthorised, "企业未授权"}
	case utf8.RuneCountInString(nonce) > maxNonce:
		return nil, badParameter("参数错误: nonce is longer than 16 characters")
	case data == "" && op.name != OpListDirectoryOrgs:
		return nil, badParameter("参数错误: data is required")
	}
	team.mu.Lock()
	defer team.mu.Unlock()
	if nonce != "" {
		if team.directory.nonces[nonce] {
			return nil, badParameter("nonce repeats")
		}
		team.directory.nonces[nonce] = true
	}
	if data == "" {
		data = "{}"
	}
	return op.serve(team, []byte(data))
}

// teamOf returns the team whose openimport a token opens.
func (s *Server) teamOf(access string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.teams {
		if t.tokens.valid(access, s.now()) {
			return t
		}
	}
	return nil
}

// parameters reads data, which must be an object of just these fields.
func parameters(data []byte, into any) *refusal {
	if err := simkit.StrictJSON(data, into); err != nil {
		return badParameter("参数错误: data: " + err.Error())
	}
	return nil
}

// syncPage is begin and count of data.
type syncPage struct {
	Begin *int    `json:"begin"`
	Count *int    `json:"count"`
	EID   *string `json:"eid"` // most calls let data repeat it
}

// defaultSyncCount is for a count that is left out. The vendor's own is not documented.
const defaultSyncCount = 20

// window returns the record offsets that a page asks for, at most so many records.
func (p syncPage) window(most int) (from, to int, refused *refusal) {
	count := defaultSyncCount
	if p.Count != nil {
		count = *p.Count
	}
	if p.Begin != nil {
		from = *p.Begin
	}
	switch {
	case from < 0:
		return 0, 0, badParameter("参数错误: begin is negative")
	case count <= 0 || count > most:
		return 0, 0, badParameter("参数错误: count is out of range")
	}
	return from, from + count, nil
}

// paged reads a page's parameters and returns that part of the rows.
func paged[T any](data []byte, rows []T) (any, *refusal) {
	var in syncPage
	if refused := parameters(data, &in); refused != nil {
		return nil, refused
	}
	return pageOf(in, rows)
}

func pageOf[T any](in syncPage, rows []T) (any, *refusal) {
	from, to, refused := in.window(maxCount)
	if refused != nil {
		return nil, refused
	}
	return append([]T{}, cut(rows, from, to)...), nil
}

// syncIDs is type and array of data.
type syncIDs struct {
	Type  *int     `json:"type"`
	Array []string `json:"array"`
	EID   *string  `json:"eid"`
}

func readIDs(data []byte) (in syncIDs, refused *refusal) {
	if refused := parameters(data, &in); refused != nil {
		return in, refused
	}
	switch {
	case in.Type == nil || *in.Type != 0 && *in.Type != 1:
		return in, badParameter("参数错误: type is neither 0 nor 1")
	case len(in.Array) == 0 || len(in.Array) > maxIDs:
		return in, badParameter("参数错误: array must have 1 to 100 entries")
	}
	return in, nil
}
