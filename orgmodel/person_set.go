package orgmodel

import "slices"

// SetEmployeeNo makes the employee number (工号) known; "" clears it. A masked text
// says nothing and leaves p as it is, here and in the other text setters.
func (p *Person) SetEmployeeNo(no string) { p.setText(PersonEmployeeNo, no) }

// SetName makes the full name known; a masked one leaves p as it is.
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

// SetMobile makes the mobile number known; "" clears it, a masked one leaves p as it is.
func (p *Person) SetMobile(mobile string) { p.setText(PersonMobile, mobile) }

// SetEmail makes the mail address known; "" clears it, a masked one leaves p as it is.
func (p *Person) SetEmail(email string) { p.setText(PersonEmail, email) }

// SetPosition makes the job title known; "" clears it, a masked one leaves p as it is.
func (p *Person) SetPosition(position string) { p.setText(PersonPosition, position) }

// SetBirthday makes the birthday known; the zero Date clears it.
func (p *Person) SetBirthday(date Date) {
	p.Birthday, p.Known = date, p.Known.With(PersonBirthday)
}

// SetJoinDate makes the first day in the company known; the zero Date clears it.
func (p *Person) SetJoinDate(date Date) {
	p.JoinDate, p.Known = date, p.Known.With(PersonJoinDate)
}

// SetDepartmentIDs makes the departments known, the primary one first; no ids
// clear them.
func (p *Person) SetDepartmentIDs(ids ...string) {
	p.DepartmentIDs, p.Known = slices.Clone(ids), p.Known.With(PersonDepartments)
}

// SetManagerIDs makes the managers known; no ids clear them.
func (p *Person) SetManagerIDs(ids ...string) {
	p.ManagerIDs, p.Known = slices.Clone(ids), p.Known.With(PersonManagers)
}

// SetAttribute makes one attribute known; "" clears it, a masked value leaves p
// as it is.
func (p *Person) SetAttribute(key, value string) {
	if !Masked(value) {
		p.Attributes = mergeAttributes(p.Attributes, map[string]string{key: value})
	}
}

// Forget makes fields unknown and drops their values.
func (p *Person) Forget(fields ...PersonField) {
	var none Person
	for f := range Fields(fields...).All() {
		assign(p.ref(f), none.ref(f))
	}
	p.Known = p.Known.Without(fields...)
}

func (p *Person) setText(f PersonField, text string) {
	if Masked(text) {
		return
	}
	assign(p.ref(f), &text)
	p.Known = p.Known.With(f)
}
