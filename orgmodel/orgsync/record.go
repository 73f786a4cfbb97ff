package orgsync

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// maker makes the records of one target, and their hashes. It is not safe for
// concurrent use.
type maker struct {
	target recovered
	hash   *hasher
	org    *orgmodel.Directory
	keyed  bool // keys belong to people: "" is the id
	buf    []byte
}

// made is a record with what the state remembers of it.
type made struct {
	Record

	sum hash
}

type appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// sum hashes a record as it is sent.
func (m *maker) sum(record Record) (made, error) {
	var err error
	m.buf = append(m.buf[:0], record.Key...)
	size := len(m.buf)
	if value, ok := record.Value.(appender); ok {
		m.buf, err = value.AppendJSON(m.buf)
	} else {
		var text []byte
		text, err = json.Marshal(record.Value)
		m.buf = append(m.buf, text...)
	}
	if err != nil {
		return made{}, errors.New("cannot be written as JSON")
	}
	return made{record, m.hash.of(m.buf[:size], m.buf[size:])}, nil
}

// record makes that of a person.
func (m *maker) record(p orgmodel.Person, held string) (Record, error) {
	record, err := m.target.Person(p, m.org, held)
	if m.keyed && record.Key == "" {
		record.Key = p.ID
	}
	return record, err
}

// matches reports whether a hash is that of the record.
func (m *maker) matches(record Record, h hash) (bool, error) {
	now, err := m.sum(record)
	return err == nil && now.sum == h, err
}

func (m *maker) person(p orgmodel.Person, held string) (made, error) {
	record, err := m.record(p, held)
	if err != nil {
		return made{}, err
	}
	return m.sum(record)
}

func (m *maker) department(d orgmodel.Department) (made, error) {
	record, err := m.target.Department(d)
	if err != nil {
		return made{}, err
	}
	return m.sum(record)
}

// shorts returns the short hashes of name and mobile.
func (h *hasher) shorts(p *orgmodel.Person) (name, mobile uint32) {
	if p.Known.Has(orgmodel.PersonName) {
		name = h.short(kindName, normalName(p.Name))
	}
	if p.Known.Has(orgmodel.PersonMobile) {
		mobile = h.short(kindMobile, p.Mobile)
	}
	return name, mobile
}

// shorts keep the short hashes of the people of a reading by their index, since each target
// wants them: mobile above name, below a bit that says that they were made.
type shorts []atomic.Uint64

const (
	shortBits  = 24
	shortsMade = 1 << (2 * shortBits)
)

// of returns the short hashes of a person with that index, -1 for none.
func (s shorts) of(index int, p *orgmodel.Person, h *hasher) (name, mobile uint32) {
	if index < 0 {
		return h.shorts(p)
	}
	both := s[index].Load()
	if both == 0 {
		name, mobile = h.shorts(p)
		both = shortsMade | uint64(mobile)<<shortBits | uint64(name)
		s[index].Store(both)
	}
	return uint32(both & (1<<shortBits - 1)), uint32(both >> shortBits & (1<<shortBits - 1)) // #nosec G115 -- 24 bits
}

// normalName leaves out what is no part of a name.
func normalName(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r >= '！' && r <= '～' }) < 0 {
		return name
	}
	return blanks.ReplaceAllString(folded(name), "")
}

func clearsAttributes(p orgmodel.Person) bool {
	for _, value := range p.Attributes {
		if value == "" {
			return true
		}
	}
	return false
}

// withoutCleared makes what the source says is empty unknown again: an incomplete
// reading is not believed about that.
func withoutCleared(p orgmodel.Person) orgmodel.Person {
	p = p.Clone()
	for field := range p.Cleared().All() {
		p.Forget(field)
	}
	maps.DeleteFunc(p.Attributes, func(_, value string) bool { return value == "" })
	return p
}

// asDepartment returns what the state knows of a department that is gone.
func (e *entry) asDepartment(id string) orgmodel.Department {
	d := orgmodel.Department{ID: id}
	d.SetParentID(e.parent)
	d.SetName(e.title)
	d.SetStatus(orgmodel.StatusDisabled)
	return d
}
