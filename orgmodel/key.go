package orgmodel

// Key says which identifier of a person an adapter gives to a target that also
// takes employee numbers: the account of 爱关怀, the userNo of 云简. What a target
// recognises people by must not change, so [Key.Of] prefers what the target
// already knows.
type Key uint8

const (
	// KeyEmployeeNoOrID is the employee number, and the id of people who have none
	// or are not known to have one.
	KeyEmployeeNoOrID Key = iota
	// KeyID is the id, always.
	KeyID
	// KeyEmployeeNo is the employee number; a person without one is refused.
	KeyEmployeeNo
)

// Of returns the identifier by which a target knows p. held is the one that the
// target has acknowledged for p, "" if none.
//
// A usable employee number wins. Without one, held stays; only if there is none
// either does KeyEmployeeNoOrID fall back to the id, and then provisional is true,
// because the number may yet come. KeyEmployeeNo refuses instead, with a
// [*ConversionError].
//
// White space and invisible characters are no part of a number, and nor are case and
// width: a target may see E1 and e1 as one user, and to give them up for each other would
// be to disable that user. So held stays as it is written. A number is not
// usable if it is unknown, empty, masked, unreadable (control characters, U+FFFD,
// 1.38E+10) or a stand-in for none, such as -, 无, N/A or 0.
func (k Key) Of(p Person, held string) (key string, provisional bool, err error) {
	switch {
	case blank(p.ID):
		return "", false, noID(EntityPerson, "id")
	case k > KeyEmployeeNo:
		return "", false, p.Refuse(PersonEmployeeNo, "the adapter's key is none of those defined")
	case k == KeyID:
		return p.ID, false, nil
	}
	if p.Known.Has(PersonEmployeeNo) {
		if no, ok := cleanNumber(p.EmployeeNo); ok && no != "" {
			if sameNumber(no, held) {
				no = held
			}
			return no, false, nil
		}
	}
	switch {
	case !blank(held):
		return held, false, nil
	case k == KeyEmployeeNo:
		return "", false, p.Refuse(PersonEmployeeNo, reasonRequired)
	}
	return p.ID, true, nil
}

// employeeNo sets p's employee number if the identifier that k chose can be
// nothing else. id is p's id according to the same record, "" if it has none.
func (k Key) employeeNo(p *Person, identifier, id string) {
	sure := k == KeyEmployeeNo || k == KeyEmployeeNoOrID && id != "" && identifier != id
	if sure {
		given(identifier, p.SetEmployeeNo)
	}
}
