package orgmodel

import "slices"

// The setters of texts remove white space at the ends and invisible characters. A
// text that is not a value leaves the person unchanged: one that is masked, that has
// control characters or U+FFFD within, or that is blank without being empty.
// Employee numbers, mobiles and mail addresses also ignore what spreadsheets hold in
// place of a value: -, N/A, 无, #N/A, 1.38E+10.

// SetEmployeeNo makes the employee number (工号) known, without white space; ""
// clears it.
func (p *Person) SetEmployeeNo(no string) { p.setText(PersonEmployeeNo, no) }

// SetName makes the full name known; "" clears it.
func (p *Person) SetName(name string) { p.setText(PersonName, name) }

// SetGender makes the gender known; GenderUnknown clears it.
func (p *Person) SetGender(gender Gender) {
	p.Gender, p.Known = gender, p.Known.With(PersonGender)
}

// SetStatus makes the status known. There is nothing like a cleared status, so
// StatusUnknown makes it unknown.
func (p *Person) SetStatus(status Status) {
	p.Status, p.Known = status, p.Known.With(PersonStatus)
	if status == StatusUnknown {
		p.Known = p.Known.Without(PersonStatus)
	}
}

// SetMobile makes the mobile number known; "" clears it. +86, 0086, blanks and dashes
// go if 11 digits starting with 1 remain; numbers of other countries stay as they are.
func (p *Person) SetMobile(mobile string) { p.setText(PersonMobile, mobile) }

// SetEmail makes the mail address known; "" clears it.
func (p *Person) SetEmail(email string) { p.setText(PersonEmail, email) }

// SetPosition makes the job title known; "" clears it.
func (p *Person) SetPosition(position string) { p.setText(PersonPosition, position) }

// SetBirthday makes the birthday known; the zero Date clears it.
func (p *Person) SetBirthday(date Date) {
	p.Birthday, p.Known = date, p.Known.With(PersonBirthday)
}

// SetJoinDate makes the first day in the company known; the zero Date clears it.
func (p *Person) SetJoinDate(date Date) {
	p.JoinDate, p.Known = date, p.Known.With(PersonJoinDate)
}

// SetManagerIDs makes the managers known; no ids clear them.
func (p *Person) SetManagerIDs(ids ...string) {
	p.ManagerIDs, p.Known = slices.Clone(ids), p.Known.With(PersonManagers)
}

// SetAttribute makes one attribute known; "" clears it, and a text that is not a
// value leaves p as it is.
func (p *Person) SetAttribute(key, value string) {
	if value, ok := cleanText(value); ok {
		p.Attributes = mergeAttributes(p.Attributes, map[string]string{key: value})
	}
}

// Forget makes fields unknown and drops their values. Forgetting the departments
// forgets the side departments too.
func (p *Person) Forget(fields ...PersonField) {
	var none Person
	for f := range Fields(fields...).All() {
		switch f {
		case PersonDepartments:
			p.DepartmentIDs, p.Known = nil, p.Known.Without(PersonSideDepartments)
		case PersonSideDepartments:
			p.DepartmentIDs = slices.Clone(p.mainDepartment())
		default:
			assign(p.ref(f), none.ref(f))
		}
	}
	p.Known = p.Known.Without(fields...)
}

func (p *Person) setText(f PersonField, text string) {
	if text, ok := f.clean(text); ok {
		for _, t := range p.texts() {
			if t.field == f {
				*t.value = text
			}
		}
		p.Known = p.Known.With(f)
	}
}

// clean returns the value that a text is for the field, and whether it is one.
func (f PersonField) clean(text string) (string, bool) {
	switch f {
	case PersonMobile:
		return cleanMobile(text)
	case PersonEmail:
		return cleanCode(text)
	case PersonEmployeeNo:
		return cleanNumber(text)
	}
	return cleanText(text)
}
