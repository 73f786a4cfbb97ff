package yunzhijia

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// DirectoryPerson is a person as openimport has one (人员API列表). All values are the
// vendor's own texts; "" is also what a field is that did not come. Printing or logging
// it shows ids and state; marshalling it as JSON keeps the data.
type DirectoryPerson struct {
	OpenID      string `json:"openId"` // within one team
	UID         string `json:"uid"`    // of the account
	Name        string `json:"name"`
	Phone       string `json:"phone"`       // whole, or masked: "137****0002"
	IsHidePhone string `json:"isHidePhone"` // "1": hidden in the directory
	Email       string `json:"email"`
	Gender      Gender `json:"gender"`
	// Status is "0" left, "1" in service, "2" disabled, which is not left.
	Status Status `json:"status"`
	JobNo  string `json:"jobNo"`
	// JobTitle holds the titles in the main department, joined by ",", the first one
	// being the main title. A "，" is part of a title.
	JobTitle string `json:"jobTitle"`
	OrgID    string `json:"orgId"` // of the main department
	// Department is the long name (组织长名称): names from below the root, joined by "\".
	Department  string `json:"department"`
	OrgUserType string `json:"orgUserType"` // "1": head of the main department
	Weights     string `json:"weights"`     // for sorting, small first
	// The days are of the form yyyy-MM-dd.
	Birthday     string `json:"birthday"`
	HireDate     string `json:"hireDate"`     // 入职
	PositiveDate string `json:"positiveDate"` // 转正
	StaffType    string `json:"staffType"`    // IN_STAFF, OFF_STAFF
	PhotoURL     string `json:"photoUrl"`
	Contact      string `json:"contact"` // see Contacts
}

// HidesPhone reports whether the phone is hidden in the directory (isHidePhone "1").
func (p DirectoryPerson) HidesPhone() bool { return p.IsHidePhone == "1" }

// IsHead reports whether the person heads the main department (orgUserType "1").
func (p DirectoryPerson) IsHead() bool { return p.OrgUserType == "1" }

// LogValue shows ids and state.
func (p DirectoryPerson) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("openId", p.OpenID), slog.String("orgId", p.OrgID), slog.String("status", string(p.Status)))
}

// Format prints [DirectoryPerson.LogValue] whatever the verb.
func (p DirectoryPerson) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.DirectoryPerson", p.LogValue())
}

// Contact is one entry of a person's card. Printing or logging it shows its type.
type Contact struct {
	Name  string `json:"name"`
	Type  string `json:"type"` // P phone, E mail, O other
	Value string `json:"value"`
	// PublicID, Permission and InputType are the vendor's own.
	PublicID   string `json:"publicid"`
	Permission string `json:"permission"`
	InputType  string `json:"inputType"`
}

// LogValue shows the type.
func (c Contact) LogValue() slog.Value { return slog.GroupValue(slog.String("type", c.Type)) }

// Format prints [Contact.LogValue] whatever the verb.
func (c Contact) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Contact", c.LogValue()) }

// Contacts takes the text Contact apart, which holds JSON; nil if it cannot be read. Do
// not take a phone from here where Phone is masked: it is hidden on purpose.
func (p DirectoryPerson) Contacts() []Contact {
	var contacts []Contact
	if json.Unmarshal([]byte(p.Contact), &contacts) != nil {
		return nil
	}
	return contacts
}

func readDirectoryPerson(s *wire.Scanner, p *DirectoryPerson) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "openId":
			seen.Once(s, 0, "openId")
			p.OpenID = s.Text("openId", wire.Strict)
		case "uid":
			seen.Once(s, 1, "uid")
			p.UID = s.Text("uid", wire.Lenient)
		case "name":
			seen.Once(s, 2, "name")
			p.Name = s.Text("name", wire.Strict)
		case "phone":
			seen.Once(s, 3, "phone")
			p.Phone = s.Text("phone", wire.Strict)
		case "isHidePhone":
			seen.Once(s, 4, "isHidePhone")
			p.IsHidePhone = s.Text("isHidePhone", wire.Lenient)
		case "email":
			seen.Once(s, 5, "email")
			p.Email = s.Text("email", wire.Strict)
		case "gender":
			seen.Once(s, 6, "gender")
			p.Gender = Gender(s.Text("gender", wire.Lenient))
		case "status":
			seen.Once(s, 7, "status")
			p.Status = Status(s.Text("status", wire.Strict))
		case "jobNo":
			seen.Once(s, 8, "jobNo")
			p.JobNo = s.Text("jobNo", wire.Strict)
		case "jobTitle":
			seen.Once(s, 9, "jobTitle")
			p.JobTitle = s.Text("jobTitle", wire.Lenient)
		case "orgId":
			seen.Once(s, 10, "orgId")
			p.OrgID = s.Text("orgId", wire.Strict)
		case "department":
			seen.Once(s, 11, "department")
			p.Department = s.Text("department", wire.Lenient)
		case "orgUserType":
			seen.Once(s, 12, "orgUserType")
			p.OrgUserType = s.Text("orgUserType", wire.Lenient)
		case "weights":
			seen.Once(s, 13, "weights")
			p.Weights = s.Text("weights", wire.Lenient)
		case "birthday":
			seen.Once(s, 14, "birthday")
			p.Birthday = s.Text("birthday", wire.Lenient)
		case "hireDate":
			seen.Once(s, 15, "hireDate")
			p.HireDate = s.Text("hireDate", wire.Lenient)
		case "positiveDate":
			seen.Once(s, 16, "positiveDate")
			p.PositiveDate = s.Text("positiveDate", wire.Lenient)
		case "staffType":
			seen.Once(s, 17, "staffType")
			p.StaffType = s.Text("staffType", wire.Lenient)
		case "photoUrl":
			seen.Once(s, 18, "photoUrl")
			p.PhotoURL = s.Text("photoUrl", wire.Lenient)
		case "contact":
			seen.Once(s, 19, "contact")
			p.Contact = readCard(s)
		default:
			s.Skip()
		}
	}
	return p.OpenID
}

// readCard keeps a list that is not wrapped in a text as its JSON.
func readCard(s *wire.Scanner) string {
	switch s.Kind() {
	case '[', '{':
		return string(s.Raw())
	}
	return s.Text("contact", wire.Lenient)
}

var (
	opListDirectoryPersons = syncOp("person/getall")
	opGetDirectoryPersons  = syncOp("person/get")
)

// defaultDirectoryCount is within the 200 to 500 that the vendor advises.
const defaultDirectoryCount = 500

// ListDirectoryPersons reads one page of the people in service (openimport,
// person/getall), 500 by default and at most 1,000. People who have left or are disabled are
// not listed. [Client.DirectoryPersons] reads all pages.
func (c *Client) ListDirectoryPersons(ctx context.Context, p PageRequest) ([]DirectoryPerson, error) {
	return result(c.directoryPersons(ctx, p, nil))
}

// recordsData asks for records by one of two identities.
type recordsData struct {
	Type  int      `json:"type"`
	Array []string `json:"array"`
}

// The types of person/get.
const (
	byPhone  = 0
	byOpenID = 1
)

// GetDirectoryPersons reads at most 100 people by their openIds (openimport, person/get),
// whatever their status. Someone unknown is not in the answer, and that is no error: it
// says that the vendor has no such person, unless it hides people. An answer about others
// is [ErrMalformed].
func (c *Client) GetDirectoryPersons(ctx context.Context, openIDs []string) ([]DirectoryPerson, error) {
	return result(c.getDirectoryPersons(ctx, openIDs))
}

func (c *Client) getDirectoryPersons(ctx context.Context, openIDs []string) (rows[DirectoryPerson], error) {
	r := newRequest(opGetDirectoryPersons)
	r.checkIDs("openIDs", openIDs, maxIDs)
	r.data(recordsData{byOpenID, openIDs})
	return call(ctx, c, r, askedFor(opGetDirectoryPersons, openIDs, "openId", readDirectoryPerson))
}

// GetDirectoryPersonsByPhone reads at most 100 people by the phones of their accounts
// (openimport, person/get).
func (c *Client) GetDirectoryPersonsByPhone(ctx context.Context, phones []string) ([]DirectoryPerson, error) {
	r := newRequest(opGetDirectoryPersons)
	r.checkIDs("phones", phones, maxIDs)
	r.data(recordsData{byPhone, phones})
	return result(call(ctx, c, r, syncRows(opGetDirectoryPersons, readDirectoryPerson)))
}

// AllDirectoryPersonsByID ranges over any number of people by their openIds (person/get), 100 a
// call. An openId is asked for once, however often it is given.
func (c *Client) AllDirectoryPersonsByID(ctx context.Context, openIDs []string) iter.Seq2[DirectoryPerson, error] {
	return byIDs(openIDs, maxIDs, func(ids []string) (rows[DirectoryPerson], error) { return c.getDirectoryPersons(ctx, ids) })
}
