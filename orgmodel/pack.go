package orgmodel

import (
	"encoding/binary"
	"time"
)

// A person in a snapshot is a run of bytes in a chunk: a mark, the id, the known fields as bits,
// then each known field, beginning with those that checks of the whole snapshot look at. Texts have
// their length before them. The form is private and never leaves the process, so reading it back
// checks nothing.

// mark is the first byte of a packed record.
type mark uint8

const (
	markLastWins    mark = 1 << iota // it came with a pull that is a feed
	markQuarantined                  // no person: the id, and the number of the refusal
	markAttributes                   // attributes follow the fields
)

// appendPerson packs p, which must be tidy.
func appendPerson(to []byte, p *Person, m mark) []byte {
	attributes := 0
	for _, value := range p.Attributes {
		if _, ok := cleanText(value); ok {
			attributes++
		}
	}
	if attributes > 0 {
		m |= markAttributes
	}
	to = appendText(append(to, byte(m)), p.ID)
	to = binary.AppendUvarint(to, uint64(p.Known.bits))
	if p.Known.Has(PersonStatus) {
		to = append(to, byte(p.Status))
	}
	if p.Known.Has(PersonDepartments) {
		to = appendTexts(to, p.DepartmentIDs)
	}
	for _, t := range p.texts() {
		if p.Known.Has(t.field) {
			to = appendText(to, *t.value)
		}
	}
	if p.Known.Has(PersonGender) {
		to = append(to, byte(p.Gender))
	}
	if p.Known.Has(PersonBirthday) {
		to = appendDate(to, p.Birthday)
	}
	if p.Known.Has(PersonJoinDate) {
		to = appendDate(to, p.JoinDate)
	}
	if p.Known.Has(PersonManagers) {
		to = appendTexts(to, p.ManagerIDs)
	}
	if attributes > 0 {
		to = binary.AppendUvarint(to, uint64(attributes))
		for key, value := range p.Attributes {
			if value, ok := cleanText(value); ok {
				to = appendText(appendText(to, key), value)
			}
		}
	}
	return to
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func appendTexts(to []byte, texts []string) []byte {
	to = binary.AppendUvarint(to, uint64(len(texts)))
	for _, text := range texts {
		to = appendText(to, text)
	}
	return to
}

// appendDate packs a date into three bytes, and one that no calendar has in full:
// Validate and the adapters must see what the source said.
func appendDate(to []byte, d Date) []byte {
	switch {
	case d.IsZero():
		return append(to, 0)
	case d.Year >= 1 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= 31:
		return binary.AppendUvarint(to, uint64(d.Year)<<9|uint64(d.Month)<<5|uint64(d.Day))
	}
	to = binary.AppendVarint(append(to, 1), int64(d.Year))
	return binary.AppendVarint(binary.AppendVarint(to, int64(d.Month)), int64(d.Day))
}

// unpacker reads packed records. Its texts are parts of the chunk.
type unpacker struct {
	chunk string
	at    int
}

// person reads the record behind mark and id into p, whose fields are zero except
// that lists may have room to be used again.
func (u *unpacker) person(m mark, p *Person) {
	p.Known.bits = uint32(u.uvarint()) //nolint:gosec // it was packed from 32 bits
	if p.Known.Has(PersonStatus) {
		p.Status = Status(u.byte())
	}
	if p.Known.Has(PersonDepartments) {
		p.DepartmentIDs = u.texts(p.DepartmentIDs)
	}
	for _, t := range p.texts() {
		if p.Known.Has(t.field) {
			*t.value = u.text()
		}
	}
	if p.Known.Has(PersonGender) {
		p.Gender = Gender(u.byte())
	}
	if p.Known.Has(PersonBirthday) {
		p.Birthday = u.date()
	}
	if p.Known.Has(PersonJoinDate) {
		p.JoinDate = u.date()
	}
	if p.Known.Has(PersonManagers) {
		p.ManagerIDs = u.texts(p.ManagerIDs)
	}
	if m&markAttributes != 0 {
		n := u.uvarint()
		p.Attributes = make(map[string]string, n)
		for range n {
			key := u.text()
			p.Attributes[key] = u.text()
		}
	}
}

func (u *unpacker) byte() byte {
	b := u.chunk[u.at]
	u.at++
	return b
}

func (u *unpacker) uvarint() uint64 {
	b := u.byte()
	if b < 0x80 {
		return uint64(b)
	}
	value := uint64(b & 0x7f)
	for shift := 7; ; shift += 7 {
		b = u.byte()
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value
		}
	}
}

func (u *unpacker) varint() int {
	value := u.uvarint()
	return int(value>>1) ^ -int(value&1) // zigzag
}

func (u *unpacker) text() string {
	n := int(u.uvarint()) //nolint:gosec // it was packed from a length
	text := u.chunk[u.at : u.at+n]
	u.at += n
	return text
}

// texts reads a list into the room that list has.
func (u *unpacker) texts(list []string) []string {
	n := int(u.uvarint()) //nolint:gosec // it was packed from a length
	if cap(list) < n {
		list = make([]string, 0, n)
	}
	for range n {
		list = append(list, u.text())
	}
	return list
}

func (u *unpacker) date() Date {
	switch packed := int(u.uvarint()); packed { //nolint:gosec // it was packed from 23 bits
	case 0:
		return Date{}
	case 1:
		return Date{Year: u.varint(), Month: time.Month(u.varint()), Day: u.varint()}
	default:
		return Date{Year: packed >> 9, Month: time.Month(packed >> 5 & 15), Day: packed & 31}
	}
}
