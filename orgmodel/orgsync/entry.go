package orgsync

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
)

// entry is what a target was told about one record. Nothing in it is personal data.
type entry struct {
	hash    hash     // of the record acknowledged; zero while that is uncertain
	name    uint32   // short hashes of a person's name and mobile, 0 if unknown
	mobile  uint32   //
	key     string   // that the target acknowledged for a person, "" if none
	old     []string // keys that were acknowledged or tried before, and are to be retired
	place   place    // of a person: the main department
	parent  string   // of a department
	title   string   // of a department: nothing else has it when it is gone
	gone    bool     // disabled or deleted: a tombstone
	adopted bool     // it was there before us
	again   bool     // uncertain at a takeover: to be sent once more after the next time
}

// uncertain is e after a call about it whose outcome is unknown. tried is the key
// that was sent.
func (e entry) uncertain(tried string, identifies bool) entry {
	e.hash = hash{}
	if e.key == "" {
		e.key = tried // theirs until the next answer says otherwise
	}
	if identifies && tried != "" && tried != e.key && !slices.Contains(e.old, tried) {
		e.old = append(slices.Clone(e.old), tried)
	}
	return e
}

func (e entry) isUncertain() bool { return e.hash == hash{} }

// holds reports whether there is something left to take away.
func (e *entry) holds() bool { return !e.gone || e.again || len(e.old) > 0 }

// withoutOld returns e without an earlier key.
func (e entry) withoutOld(key string) entry {
	e.old = without(e.old, key)
	return e
}

// without returns keys less one.
func without(keys []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == key })
}

const (
	flagGone      = 0x01
	flagAdopted   = 0x02
	flagAgain     = 0x04
	flagUncertain = 0x08
	flagKeyIsID   = 0x10
	flagKey       = 0x20
	flagOld       = 0x40
	flagTitle     = 0x80
)

// appendEntry encodes e, whose id is the key it is stored under.
func appendEntry(b []byte, entity orgmodel.Entity, id string, e *entry) []byte {
	var flags byte
	set := func(flag byte, on bool) {
		if on {
			flags |= flag
		}
	}
	set(flagGone, e.gone)
	set(flagAdopted, e.adopted)
	set(flagAgain, e.again)
	set(flagUncertain, e.isUncertain())
	set(flagKeyIsID, e.key == id && id != "")
	set(flagKey, e.key != "" && e.key != id)
	set(flagOld, len(e.old) > 0)
	set(flagTitle, e.title != "")
	b = append(b, flags)
	if flags&flagUncertain == 0 {
		b = append(b, e.hash[:]...)
	}
	if entity == orgmodel.EntityPerson {
		b = append(b, byte(e.name>>16), byte(e.name>>8), byte(e.name), byte(e.mobile>>16), byte(e.mobile>>8), byte(e.mobile)) // #nosec G115 -- 24 bits
		b = e.place.append(b)
	} else {
		b = appendText(b, e.parent)
	}
	if flags&flagKey != 0 {
		b = appendText(b, e.key)
	}
	if flags&flagTitle != 0 {
		b = appendText(b, e.title)
	}
	if flags&flagOld != 0 {
		b = binary.AppendUvarint(b, uint64(len(e.old)))
		for _, key := range e.old {
			b = appendText(b, key)
		}
	}
	return b
}

func encodeEntry(entity orgmodel.Entity, id string, e *entry) []byte {
	return appendEntry(make([]byte, 0, 48+len(e.key)+len(e.title)), entity, id, e)
}

// decodeEntry reads what appendEntry wrote, and nothing else.
func decodeEntry(entity orgmodel.Entity, id string, b []byte) (entry, error) {
	r := reader{rest: b}
	flags := r.byte()
	e := entry{gone: flags&flagGone != 0, adopted: flags&flagAdopted != 0, again: flags&flagAgain != 0}
	if flags&flagUncertain == 0 {
		copy(e.hash[:], r.take(len(e.hash)))
	}
	if entity == orgmodel.EntityPerson {
		e.name, e.mobile, e.place = r.uint24(), r.uint24(), r.place()
	} else {
		e.parent = r.text()
	}
	switch {
	case flags&flagKeyIsID != 0:
		e.key = id
	case flags&flagKey != 0:
		e.key = r.text()
	}
	if flags&flagTitle != 0 {
		e.title = r.text()
	}
	if flags&flagOld != 0 {
		for n := r.uvarint(); n > 0 && !r.bad; n-- {
			e.old = append(e.old, r.text())
		}
	}
	if r.bad || len(r.rest) > 0 {
		return entry{}, fmt.Errorf("%w: the entry of %s %q", ErrCorrupt, entity, id)
	}
	return e, nil
}

// holds reports whether an encoded entry is more than a tombstone.
func holds(b []byte) bool {
	return len(b) > 0 && (b[0]&flagGone == 0 || b[0]&(flagOld|flagAgain) != 0)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// reader reads binary values; whatever is wrong is noted in bad.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint24() uint32 {
	if b := r.take(3); b != nil {
		return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// place reads what place.append wrote.
func (r *reader) place() place {
	switch b := r.take(int(r.byte())); len(b) {
	case 0:
		return 0
	case placeSize:
		return placeBit | place(b[0])<<32 | place(b[1])<<24 | place(b[2])<<16 | place(b[3])<<8 | place(b[4])
	}
	r.bad = true
	return 0
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	return string(r.take(int(n))) // #nosec G115 -- within the value
}
