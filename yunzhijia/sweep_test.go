package yunzhijia_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/optest"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

func suite() optest.Suite {
	return optest.Suite{
		Vendor: "yunzhijia",
		Failure: func(err error) (*kernel.Failure, bool) {
			e, ok := errors.AsType[*yunzhijia.Error](err)
			return (*kernel.Failure)(e), ok
		},
		Refuse: func(message string) string {
			return fmt.Sprintf(`{"success":false,"errorCode":1201030,"error":"%s","data":null}`, message)
		},
	}
}

const tokenAnswer = `{"data":{"accessToken":"` + optest.Token + `","expireIn":7200,"refreshToken":"` + optest.Token +
	`r"},"errorCode":0,"success":true}`

func TestSweep(t *testing.T) {
	t.Parallel()
	s := suite()
	s.Behind = []string{optest.Secret}
	s.Token = func(r *http.Request) (string, bool) {
		return tokenAnswer, strings.HasSuffix(r.URL.Path, "/getAccessToken")
	}
	for name, op := range operations() {
		s.Ops = append(s.Ops, optest.Op{
			Name:  name,
			Class: op.class,
			Good:  planted(string(load(t, name).Response)),
			Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
				c, err := yunzhijia.New(yunzhijia.Config{
					EID: eid, Credentials: yunzhijia.AppCredentials("500000001", optest.Secret),
				}, options...)
				if err != nil {
					return nil, err
				}
				result, err := call(ctx, name, op, c)
				return first(result), err
			},
		})
	}
	s.Run(t)
}

// call runs an operation, with canaries where the input is personal.
func call(ctx context.Context, name string, op operation, c *yunzhijia.Client) (any, error) {
	switch name {
	case "searchNetwork":
		return c.SearchTeams(ctx, yunzhijia.SearchTeamsRequest{Phone: optest.Mobile, Name: optest.Name})
	case "createPartners":
		return nil, c.CreatePartner(ctx, yunzhijia.CreatePartnerRequest{
			MyOpenID: "oid-zhangsan", PartnerEID: "18013450", PartnerPhone: optest.Mobile,
		})
	case "getorgpersons":
		return c.ListOrgMembers(ctx, optest.Card, yunzhijia.PageRequest{})
	default:
		return op.call(ctx, c)
	}
}

// planted puts canaries into an answer.
func planted(answer string) string {
	return strings.NewReplacer(
		"张三", optest.Name, "李四", optest.Name, "张*", optest.Name,
		"1326*******4", optest.Mobile, "138****0001", optest.Mobile,
		"zhangsan@example.com", optest.Email, "lisi@example.com", optest.Email,
	).Replace(answer)
}

// first returns the first row of a list: slog prints a bare slice with
// encoding/json, which no type in it can prevent.
func first(result any) any {
	if v := reflect.ValueOf(result); v.Kind() == reflect.Slice && v.Len() > 0 {
		return v.Index(0).Interface()
	}
	return result
}

func TestSweepToken(t *testing.T) {
	t.Parallel()
	s := suite()
	s.Ops = []optest.Op{{
		Name: "getAccessToken",
		Good: tokenAnswer,
		Call: func(ctx context.Context, options ...kernel.Option) (any, error) {
			return yunzhijia.FetchToken(ctx, "500000001", optest.Secret, options...)
		},
	}}
	s.Run(t)
}

func TestPrinting(t *testing.T) {
	t.Parallel()
	config := yunzhijia.Config{EID: eid, Credentials: yunzhijia.AppCredentials("500000001", optest.Secret)}
	client := newClient(t, config)
	person := yunzhijia.Person{OpenID: "a", Name: optest.Name, Phone: optest.Mobile, Email: optest.Email}
	contact := yunzhijia.PartnerContact{ContactID: "c", Name: optest.Name, Phone: optest.Mobile}
	member := yunzhijia.Member{OpenID: "a", Name: optest.Name}
	people := []yunzhijia.Person{person}
	for name, v := range map[string]any{
		"config":           config,
		"client":           client,
		"credentials":      config.Credentials,
		"app credentials":  yunzhijia.AppCredentials("1", optest.Secret),
		"token":            yunzhijia.AccessToken(optest.Token),
		"person":           person,
		"page":             yunzhijia.PersonPage{Persons: people},
		"org":              yunzhijia.Org{OrgID: "o", InChargers: people},
		"org persons":      yunzhijia.OrgMembers{Heads: people, Members: people},
		"parents":          yunzhijia.Superiors{Default: people, DefaultSecondary: people, Selected: people},
		"partner":          yunzhijia.Partner{PartnerID: "p", Name: optest.Name, Contacts: []yunzhijia.PartnerContact{contact}},
		"contact":          contact,
		"member":           member,
		"role":             yunzhijia.RoleMembers{RoleID: "r", Members: []yunzhijia.Member{member}},
		"org info":         yunzhijia.OrgDetails{Members: []yunzhijia.Member{member}},
		"search":           yunzhijia.SearchTeamsRequest{Phone: optest.Mobile, Name: optest.Name},
		"create partner":   yunzhijia.CreatePartnerRequest{MyOpenID: "a", PartnerPhone: optest.Mobile},
		"pointer":          &person,
		"person in struct": struct{ P yunzhijia.Person }{person}.P,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			optest.Silent(t, name, v)
		})
	}
}
