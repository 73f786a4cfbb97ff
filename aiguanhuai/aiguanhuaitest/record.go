package aiguanhuaitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/aiguanhuai"
)

// field is a field as it came: not at all, or with a value of the documented
// type. null is not one.
type field[T any] struct {
	value T
	set   bool
}

func (f *field[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return &json.UnmarshalTypeError{Value: "null", Type: reflect.TypeFor[T]()}
	}
	f.set = true
	return json.Unmarshal(b, &f.value)
}

// to sets an optional field that came.
func (f field[T]) to(o *aiguanhuai.Opt[T]) {
	if f.set {
		*o = aiguanhuai.Set(f.value)
	}
}

// document is one record before its type is known.
type document []byte

func (d *document) UnmarshalJSON(b []byte) error {
	*d = slices.Clone(b)
	return nil
}

// data is what one call carries; one of the lists is empty.
type data struct {
	departments []department
	people      []person
}

// department is a record as the page's table has it.
type department struct {
	DepartmentID   field[string] `json:"departmentId"`
	DepartmentName field[string] `json:"departmentName"`
	Status         field[int]    `json:"status"`
	ParentID       field[string] `json:"parentId"`
}

func (d department) check() error {
	return first(
		required("departmentId", d.DepartmentID),
		required("departmentName", d.DepartmentName),
		among("status", d.Status, 1, 11),
	)
}

// onto returns old as the record changes it. A field that did not come stays,
// but for status, whose default is 11.
func (d department) onto(old aiguanhuai.Department) aiguanhuai.Department {
	old.DepartmentID, old.DepartmentName = d.DepartmentID.value, d.DepartmentName.value
	old.Status = statusOf(d.Status)
	d.ParentID.to(&old.ParentID)
	return old
}

// person is a record as the page's table and sample have it.
type person struct {
	UserID       field[string]   `json:"userId"`
	Account      field[string]   `json:"account"`
	RealName     field[string]   `json:"realName"`
	Gender       field[int]      `json:"gender"`
	Email        field[string]   `json:"email"`
	Mobile       field[string]   `json:"mobile"`
	Status       field[int]      `json:"status"`
	DepartmentID field[[]string] `json:"departmentId"`
	Birthday     field[string]   `json:"birthday"`
	JoinDate     field[string]   `json:"joinDate"`
	Position     field[string]   `json:"position"`
	OrgSource    field[int]      `json:"orgSource"`
}

func (p person) check() error {
	var noSource, noDepartment error
	if !p.OrgSource.set {
		noSource = missing("orgSource")
	}
	if slices.Contains(p.DepartmentID.value, "") {
		noDepartment = errors.New("departmentId holds an empty id")
	}
	return first(
		required("userId", p.UserID),
		required("account", p.Account),
		required("realName", p.RealName),
		noSource,
		among("orgSource", p.OrgSource, 11, 1), // the table's, the sample's
		among("gender", p.Gender, 0, 1, 2),
		among("status", p.Status, 1, 11, 12), // 12 is in the sample only
		noDepartment,
		date("birthday", p.Birthday),
		date("joinDate", p.JoinDate),
	)
}

// onto returns old as the record changes it, see department.onto.
func (p person) onto(old aiguanhuai.Person) aiguanhuai.Person {
	old.UserID, old.Account, old.RealName = p.UserID.value, p.Account.value, p.RealName.value
	old.Status = statusOf(p.Status)
	old.OrgSource = p.OrgSource.value
	if p.Gender.set {
		old.Gender = aiguanhuai.Set(aiguanhuai.Gender(p.Gender.value))
	}
	p.Email.to(&old.Email)
	p.Mobile.to(&old.Mobile)
	p.DepartmentID.to(&old.DepartmentID)
	dateOf(p.Birthday).to(&old.Birthday)
	dateOf(p.JoinDate).to(&old.JoinDate)
	p.Position.to(&old.Position)
	return old
}

func statusOf(f field[int]) aiguanhuai.Status {
	if !f.set {
		return aiguanhuai.StatusDisabled // 默认:11
	}
	return aiguanhuai.Status(f.value)
}

// dateOf converts a text that date has checked.
func dateOf(f field[string]) field[aiguanhuai.Date] {
	if !f.set || f.value == "" {
		return field[aiguanhuai.Date]{set: f.set}
	}
	t, _ := time.Parse(dateLayout, f.value)
	year, month, day := t.Date()
	return field[aiguanhuai.Date]{value: aiguanhuai.Date{Year: year, Month: month, Day: day}, set: true}
}

const dateLayout = "20060102" // yyyymmdd

func date(name string, f field[string]) error {
	if f.value == "" {
		return nil
	}
	if _, err := time.Parse(dateLayout, f.value); err != nil {
		return fmt.Errorf("%s is not yyyymmdd", name) // the cause quotes the value
	}
	return nil
}

func required(name string, f field[string]) error {
	if strings.TrimSpace(f.value) == "" {
		return missing(name)
	}
	return nil
}

func missing(name string) error { return fmt.Errorf("%s is missing", name) }

func among(name string, f field[int], values ...int) error {
	if f.set && !slices.Contains(values, f.value) {
		return fmt.Errorf("%s is not one of %v", name, values)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
