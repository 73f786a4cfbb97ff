package orgsync

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// Sealing keeps what targets demand to disable a person who has vanished from the
// source. A sealed value is
//
//	mark (8 bytes) | nonce (12 bytes) | AES-256-GCM of name, mobile and employee number
//
// bound to tenant and id. The mark is a keyed hash of the content and tells whether
// it has changed.

const (
	sealKeySize   = 32
	sealMarkSize  = 8
	sealNonceSize = 12
)

// ErrSealKey says that a key given to [WithSealing] opens nothing of this state.
var ErrSealKey = errors.New("orgsync: the sealing key is not the one that the state was sealed with")

type sealer struct {
	tenant string
	keys   []cipher.AEAD
	hash   *hasher
}

// newSealer returns nil without keys. keys have the right size.
func newSealer(tenant string, keys [][]byte, hash *hasher) *sealer {
	if len(keys) == 0 {
		return nil
	}
	s := &sealer{tenant: tenant, hash: hash}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			panic(err) // only for another size
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			panic(err) // only for another block size
		}
		s.keys = append(s.keys, aead)
	}
	return s
}

// check compares the keys with what the state was sealed with. It returns a new check
// value if the first key is not the one that the state knows.
func (s *sealer) check(known []byte) (fresh []byte, err error) {
	if len(known) > 0 {
		for i := range s.keys {
			if text, ok := s.openWith(i, "", known); ok && string(text) == sealCheckText {
				if i == 0 {
					return nil, nil
				}
				return s.seal("", []byte(sealCheckText)), nil
			}
		}
		return nil, ErrSealKey
	}
	return s.seal("", []byte(sealCheckText)), nil
}

const sealCheckText = "orgsync"

func (s *sealer) bound(id string) []byte {
	b := binary.AppendUvarint(nil, uint64(len(s.tenant)))
	return append(append(b, s.tenant...), id...)
}

func (s *sealer) seal(id string, text []byte) []byte {
	b := make([]byte, sealMarkSize+sealNonceSize, sealMarkSize+sealNonceSize+len(text)+s.keys[0].Overhead())
	copy(b, s.mark(text))
	nonce := b[sealMarkSize:]
	_, _ = rand.Read(nonce) // never fails
	return s.keys[0].Seal(b, nonce, text, s.bound(id))
}

func (s *sealer) mark(text []byte) []byte {
	return binary.BigEndian.AppendUint64(nil, s.hash.number('s', string(text)))
}

func (s *sealer) openWith(i int, id string, value []byte) ([]byte, bool) {
	if len(value) < sealMarkSize+sealNonceSize {
		return nil, false
	}
	text, err := s.keys[i].Open(nil, value[sealMarkSize:sealMarkSize+sealNonceSize], value[sealMarkSize+sealNonceSize:], s.bound(id))
	return text, err == nil
}

// person returns the fields that were sealed for an id, as those of a leaver.
func (s *sealer) person(id string, value []byte) (orgmodel.Person, bool) {
	for i := range s.keys {
		if text, ok := s.openWith(i, id, value); ok {
			return unsealed(id, text)
		}
	}
	return orgmodel.Person{}, false
}

func sealedFields() []orgmodel.PersonField {
	return []orgmodel.PersonField{orgmodel.PersonName, orgmodel.PersonMobile, orgmodel.PersonEmployeeNo}
}

func fieldTexts(p *orgmodel.Person) []*string { return []*string{&p.Name, &p.Mobile, &p.EmployeeNo} }

// sealedText is what is sealed of a person, nil if there is nothing.
func sealedText(p orgmodel.Person) []byte {
	var b []byte
	known := false
	for i, text := range fieldTexts(&p) {
		if !p.Known.Has(sealedFields()[i]) {
			text = new(string)
		}
		known = known || *text != ""
		b = appendText(b, *text)
	}
	if !known {
		return nil
	}
	return b
}

func unsealed(id string, text []byte) (orgmodel.Person, bool) {
	r := reader{rest: text}
	p := orgmodel.Person{ID: id}
	for _, set := range []func(string){p.SetName, p.SetMobile, p.SetEmployeeNo} {
		if value := r.text(); value != "" {
			set(value)
		}
	}
	p.SetStatus(orgmodel.StatusLeft)
	return p, !r.bad
}

// resealed returns what is to be written to keep p sealed, nil if it is already.
func (s *sealer) resealed(p orgmodel.Person, stored []byte, anew bool) []byte {
	text := sealedText(p)
	if text == nil || !anew && len(stored) > sealMarkSize && bytes.Equal(stored[:sealMarkSize], s.mark(text)) {
		return nil
	}
	return s.seal(p.ID, text)
}
