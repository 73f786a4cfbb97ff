package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// Gender is 性别 in the vendor's own text; values the page does not list are
// kept as they come.
type Gender string

// The genders of the page.
const (
	GenderUnknown Gender = "0" // 不确定
	GenderMale    Gender = "1" // 男
	GenderFemale  Gender = "2" // 女
)

// Status is 是否在职 in the vendor's own text; values the page does not list are
// kept as they come. Do not read "not active" as "left".
type Status string

// The states of a person. The page lists the first two; the vendor's pages on
// importing people also have 2.
const (
	StatusLeft     Status = "0" // 离职
	StatusActive   Status = "1" // 在职
	StatusDisabled Status = "2" // 禁用
)

// Person is OPerson of the vendor's page. Printing or logging it shows ids and
// state; marshalling it as JSON keeps the data.
type Person struct {
	OpenID     string `json:"openId"`   // within one team; the same human has another one elsewhere
	GlobalID   string `json:"globalId"` // not on the page, but in real answers
	Name       string `json:"name"`
	PhotoURL   string `json:"photoUrl"`
	Phone      string `json:"phone"` // "" where not opened to the app; may be masked
	Email      string `json:"email"` // "" where not opened to the app
	Department string `json:"department"`
	OrgID      string `json:"orgId"` // of the department
	JobTitle   string `json:"jobTitle"`
	Gender     Gender `json:"gender"`
	IsAdmin    bool   `json:"isAdmin"` // has the highest rights in the team, like its creator
	Status     Status `json:"status"`
	JobNo      string `json:"jobNo"` // often ""
}

// LogValue shows ids and state.
func (p Person) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("openId", p.OpenID), slog.String("orgId", p.OrgID), slog.String("status", string(p.Status)))
}

// Format prints [Person.LogValue] whatever the verb.
func (p Person) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Person", p.LogValue()) }

// wirePerson takes gender, isAdmin and status as strings and as numbers: both
// occur.
type wirePerson struct {
	OpenID     wire.Text `json:"openId"`
	GlobalID   wire.Text `json:"globalId"`
	Name       wire.Text `json:"name"`
	PhotoURL   wire.Text `json:"photoUrl"`
	Phone      wire.Text `json:"phone"`
	Email      wire.Text `json:"email"`
	Department wire.Text `json:"department"`
	OrgID      wire.Text `json:"orgId"`
	JobTitle   wire.Text `json:"jobTitle"`
	Gender     wire.Text `json:"gender"`
	IsAdmin    wire.Bool `json:"isAdmin"`
	Status     wire.Text `json:"status"`
	JobNo      wire.Text `json:"jobNo"`
}

func (w wirePerson) person() Person {
	return Person{
		OpenID:     string(w.OpenID),
		GlobalID:   string(w.GlobalID),
		Name:       string(w.Name),
		PhotoURL:   string(w.PhotoURL),
		Phone:      string(w.Phone),
		Email:      string(w.Email),
		Department: string(w.Department),
		OrgID:      string(w.OrgID),
		JobTitle:   string(w.JobTitle),
		Gender:     Gender(w.Gender),
		IsAdmin:    bool(w.IsAdmin),
		Status:     Status(w.Status),
		JobNo:      string(w.JobNo),
	}
}

func persons(rows []wirePerson) []Person { return mapped(rows, wirePerson.person) }

var opGetPerson = dataOp("getperson")

// GetPerson reads one person (getperson). It fails with [ErrNotFound] if the
// answer holds no person at all, or is a refusal whose text says that the person
// does not exist, and with [ErrMalformed] if it holds others only: the one must not
// be taken for the other where absence has consequences.
func (c *Client) GetPerson(ctx context.Context, openID string) (Person, error) {
	r := newRequest(opGetPerson)
	r.text("openId", "openID", openID)
	found, err := call(ctx, c, r, func(data *[]wirePerson) ([]Person, error) {
		if data == nil || len(*data) == 0 {
			return nil, nil
		}
		i := slices.IndexFunc(*data, func(w wirePerson) bool { return string(w.OpenID) == openID })
		if i < 0 {
			return nil, &wire.DecodeError{Field: "data.openId", Problem: problemOther}
		}
		return []Person{(*data)[i].person()}, nil
	})
	switch {
	case err != nil:
		return Person{}, absentOr(err, personNouns)
	case len(found) == 0:
		return Person{}, r.notFound()
	}
	return found[0], nil
}
