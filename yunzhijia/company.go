package yunzhijia

import (
	"context"
	"strings"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// Company is OCompany of the vendor's page, the team itself.
type Company struct {
	Name      string `json:"name"`
	EID       string `json:"eid"`
	UserCount int    `json:"userCount"`
	// UserCountKnown is false if the answer holds no userCount. UserCount is 0 then.
	UserCountKnown bool `json:"userCountKnown"`
}

var (
	opGetCompany       = dataOp("getcompany")
	opListAdminOpenIDs = dataOp("getAdminOidsByEid")
)

// GetCompany reads name and size of the team (getcompany).
func (c *Client) GetCompany(ctx context.Context) (Company, error) {
	return call(ctx, c, newRequest(opGetCompany), func(s *wire.Scanner) (company Company) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			switch string(s.Key()) {
			case "name":
				seen.Once(s, 0, "data.name")
				company.Name = s.Text("data.name", wire.Lenient)
			case "eid":
				seen.Once(s, 1, "data.eid")
				company.EID = s.Text("data.eid", wire.Strict)
			case "userCount": // a string in the vendor's sample
				seen.Once(s, 2, "data.userCount")
				n, known := s.Int("data.userCount")
				company.UserCount, company.UserCountKnown = int(n), known
			default:
				s.Skip()
			}
		}
		return company
	})
}

// ListAdminOpenIDs reads the openIds of the team's administrators
// (getAdminOidsByEid).
func (c *Client) ListAdminOpenIDs(ctx context.Context) ([]string, error) {
	return call(ctx, c, newRequest(opListAdminOpenIDs), func(s *wire.Scanner) (ids []string) {
		var seen wire.Seen
		for more := s.Object("data"); more; more = s.More('}') {
			if string(s.Key()) != "oids" {
				s.Skip()
				continue
			}
			seen.Once(s, 0, "data.oids")
			joined := s.Text("data.oids", wire.Strict) // null is no one
			for id := range strings.SplitSeq(joined, ",") {
				if id = strings.TrimSpace(id); id != "" {
					ids = append(ids, id)
				}
			}
		}
		seen.Need(s, 0, "data.oids")
		return ids
	})
}
