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
}

var (
	opGetCompany       = dataOp("getcompany")
	opListAdminOpenIDs = dataOp("getAdminOidsByEid")
)

// GetCompany reads name and size of the team (getcompany).
func (c *Client) GetCompany(ctx context.Context) (Company, error) {
	type wireCompany struct {
		Name      wire.Text     `json:"name"`
		EID       wire.Text     `json:"eid"`
		UserCount wire.Opt[int] `json:"userCount"` // a string in the vendor's sample
	}
	return call(ctx, c, newRequest(opGetCompany), required(func(data *wireCompany) (Company, error) {
		count, ok := data.UserCount.Get()
		if !ok {
			return Company{}, &wire.DecodeError{Field: "data.userCount", Problem: problemMissing}
		}
		return Company{Name: string(data.Name), EID: string(data.EID), UserCount: count}, nil
	}))
}

// ListAdminOpenIDs reads the openIds of the team's administrators
// (getAdminOidsByEid).
func (c *Client) ListAdminOpenIDs(ctx context.Context) ([]string, error) {
	type wireAdmins struct {
		OpenIDs wire.Opt[string] `json:"oids"` // joined with commas
	}
	return call(ctx, c, newRequest(opListAdminOpenIDs), required(func(data *wireAdmins) ([]string, error) {
		joined, ok := data.OpenIDs.Get()
		if !ok {
			return nil, &wire.DecodeError{Field: "data.oids", Problem: problemMissing}
		}
		var ids []string
		for id := range strings.SplitSeq(joined, ",") {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
		return ids, nil
	}))
}
