package yunzhijia

import (
	"context"
	"fmt"
	"log/slog"

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

// readPerson takes gender, isAdmin and status as strings and as numbers: both occur.
func readPerson(s *wire.Scanner, p *Person) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "openId":
			seen.Once(s, 0, "openId")
			p.OpenID = s.Text("openId", wire.Strict)
		case "globalId":
			seen.Once(s, 1, "globalId")
			p.GlobalID = s.Text("globalId", wire.Strict)
		case "name":
			seen.Once(s, 2, "name")
			p.Name = s.Text("name", wire.Strict)
		case "photoUrl":
			seen.Once(s, 3, "photoUrl")
			p.PhotoURL = s.Text("photoUrl", wire.Lenient)
		case "phone":
			seen.Once(s, 4, "phone")
			p.Phone = s.Text("phone", wire.Strict)
		case "email":
			seen.Once(s, 5, "email")
			p.Email = s.Text("email", wire.Strict)
		case "department":
			seen.Once(s, 6, "department")
			p.Department = s.Text("department", wire.Lenient)
		case "orgId":
			seen.Once(s, 7, "orgId")
			p.OrgID = s.Text("orgId", wire.Strict)
		case "jobTitle":
			seen.Once(s, 8, "jobTitle")
			p.JobTitle = s.Text("jobTitle", wire.Lenient)
		case "gender":
			seen.Once(s, 9, "gender")
			p.Gender = Gender(s.Text("gender", wire.Lenient))
		case "isAdmin":
			seen.Once(s, 10, "isAdmin")
			p.IsAdmin, _ = s.Flag("isAdmin")
		case "status":
			seen.Once(s, 11, "status")
			p.Status = Status(s.Text("status", wire.Strict))
		case "jobNo":
			seen.Once(s, 12, "jobNo")
			p.JobNo = s.Text("jobNo", wire.Strict)
		default:
			s.Skip()
		}
	}
	return p.OpenID
}

func readPersons(s *wire.Scanner, field string) []Person { return readList(s, field, readPerson) }

// blank reports whether an answer's object describes no one at all.
func (p Person) blank() bool { return p == Person{} }

var opGetPerson = dataOp("getperson")

// GetPerson reads one person (getperson). It fails with [ErrNoRecord] if the vendor
// answered without a person, and with [ErrMalformed] if the answer holds other
// people only. How the vendor answers for an openId that does not exist is not
// documented: it may as well be a refusal, which is an [*Error] like any other.
func (c *Client) GetPerson(ctx context.Context, openID string) (Person, error) {
	r := newRequest(opGetPerson)
	r.text("openId", "openID", openID)
	return point(ctx, c, r, "openId", openID, readPerson, Person.blank)
}
