package aiguanhuai

import (
	"cmp"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// AppendJSON appends the department to b as it is sent, byte for byte. It never
// fails: the error is there only to match [Person.AppendJSON].
func (d Department) AppendJSON(b []byte) ([]byte, error) { return d.appendTo(b) }

func (d *Department) appendTo(b []byte) ([]byte, error) {
	start := len(b)
	b = wire.AppendText(b, `,"departmentId":`, d.DepartmentID)
	b = wire.AppendText(b, `,"departmentName":`, d.DepartmentName)
	b = wire.AppendInt(b, `,"status":`, int64(d.Status))
	b = wire.AppendOptText(b, `,"parentId":`, d.ParentID)
	return wire.CloseObject(b, start), nil
}

// AppendJSON appends the person to b as it is sent, byte for byte, including
// [DefaultOrgSource]. If a date does not exist in the calendar, it returns an error
// and leaves b as it was.
func (p Person) AppendJSON(b []byte) ([]byte, error) { return p.appendTo(b) }

// MarshalJSON writes what AppendJSON appends.
func (p Person) MarshalJSON() ([]byte, error) { return p.appendTo(nil) }

func (p *Person) appendTo(b []byte) ([]byte, error) {
	start := len(b)
	b = wire.AppendText(b, `,"userId":`, p.UserID)
	b = wire.AppendText(b, `,"account":`, p.Account)
	b = wire.AppendText(b, `,"realName":`, p.RealName)
	b = wire.AppendOptInt(b, `,"gender":`, p.Gender)
	b = wire.AppendOptText(b, `,"email":`, p.Email)
	b = wire.AppendOptText(b, `,"mobile":`, p.Mobile)
	b = wire.AppendInt(b, `,"status":`, int64(p.Status))
	if ids, ok := p.DepartmentID.Get(); ok {
		b = wire.AppendTexts(append(b, `,"departmentId":`...), ids)
	}
	b, known := appendDate(b, `,"birthday":`, p.Birthday)
	b, joined := appendDate(b, `,"joinDate":`, p.JoinDate)
	if !known || !joined {
		return b[:start], errDate()
	}
	b = wire.AppendOptText(b, `,"position":`, p.Position)
	b = wire.AppendInt(b, `,"orgSource":`, int64(cmp.Or(p.OrgSource, DefaultOrgSource)))
	return wire.CloseObject(b, start), nil
}

func appendDate(b []byte, key string, o Opt[Date]) (_ []byte, ok bool) {
	d, set := o.Get()
	if !set {
		return b, true
	}
	return wire.AppendDate(append(b, key...), d, "")
}
