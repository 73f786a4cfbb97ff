package orgmodel

import (
	"maps"
	"strings"
)

// textField is one text of a person.
type textField struct {
	field PersonField
	value *string
}

func (p *Person) texts() [5]textField {
	return [...]textField{
		{PersonEmployeeNo, &p.EmployeeNo}, {PersonName, &p.Name}, {PersonMobile, &p.Mobile},
		{PersonEmail, &p.Email}, {PersonPosition, &p.Position},
	}
}

// tidy makes unknown fields zero, cleans the texts, and makes those that are not
// values unknown. It allocates nothing for a person who is tidy already, as those
// of a [Directory] are, and leaves lists shared and attributes as they are.
func (p *Person) tidy() {
	p.Known = p.known()
	for _, t := range p.texts() {
		if !p.Known.Has(t.field) {
			*t.value = ""
			continue
		}
		text, ok := t.field.clean(*t.value)
		if !ok {
			p.Known = p.Known.Without(t.field)
		}
		*t.value = text
	}
	p.DepartmentIDs = p.knownDepartments()
	if !p.Known.Has(PersonManagers) {
		p.ManagerIDs = nil
	}
	if !p.Known.Has(PersonGender) {
		p.Gender = GenderUnknown
	}
	if !p.Known.Has(PersonStatus) {
		p.Status = StatusUnknown
	}
	if !p.Known.Has(PersonBirthday) {
		p.Birthday = Date{}
	}
	if !p.Known.Has(PersonJoinDate) {
		p.JoinDate = Date{}
	}
}

// normalized returns a tidy copy with lists and attributes of its own.
func (p Person) normalized() Person {
	p.tidy()
	p.DepartmentIDs = append([]string(nil), p.DepartmentIDs...)
	p.ManagerIDs = append([]string(nil), p.ManagerIDs...)
	p.Attributes = maps.Clone(p.Attributes)
	for key, value := range p.Attributes {
		if clean, ok := cleanText(value); ok {
			p.Attributes[key] = clean
		} else {
			delete(p.Attributes, key)
		}
	}
	return p
}

// Clone returns a copy that shares no memory with p. The texts of a person from a
// [Directory] are parts of the snapshot, which a clone does not keep in memory.
func (p Person) Clone() Person {
	var texts strings.Builder
	size := len(p.ID)
	for _, t := range p.texts() {
		size += len(*t.value)
	}
	for _, list := range [...][]string{p.DepartmentIDs, p.ManagerIDs} {
		for _, id := range list {
			size += len(id)
		}
	}
	texts.Grow(size)
	keep := func(text string) string {
		start := texts.Len()
		texts.WriteString(text)
		return texts.String()[start:]
	}
	p.ID = keep(p.ID)
	for _, t := range p.texts() {
		*t.value = keep(*t.value)
	}
	for _, list := range [...]*[]string{&p.DepartmentIDs, &p.ManagerIDs} {
		if *list == nil {
			continue
		}
		clone := make([]string, len(*list))
		for i, id := range *list {
			clone[i] = keep(id)
		}
		*list = clone
	}
	if p.Attributes != nil {
		attributes := make(map[string]string, len(p.Attributes))
		for key, value := range p.Attributes {
			attributes[strings.Clone(key)] = strings.Clone(value)
		}
		p.Attributes = attributes
	}
	return p
}
