package orgsync

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	gohash "hash"
)

// hash is a keyed hash, cut to 128 bits.
type hash [16]byte

// String returns 22 characters.
func (h hash) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// newHashKey makes the key without which guesses cannot be tested against the
// hashes; crypto/rand never fails.
func newHashKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// hasher makes keyed hashes: mobiles are so few that an unkeyed one could be reversed
// by trying them all. It is not safe for concurrent use.
type hasher struct {
	mac  gohash.Hash
	sum  [sha256.Size]byte
	size [8]byte
	text []byte
}

func newHasher(key []byte) *hasher { return &hasher{mac: hmac.New(sha256.New, key)} }

// of returns the hash of parts, none of which can pass for two.
func (h *hasher) of(parts ...[]byte) hash {
	h.mac.Reset()
	for _, part := range parts {
		binary.LittleEndian.PutUint64(h.size[:], uint64(len(part)))
		_, _ = h.mac.Write(h.size[:])
		_, _ = h.mac.Write(part)
	}
	return hash(h.mac.Sum(h.sum[:0])[:16])
}

// texts is of for texts.
func (h *hasher) texts(parts ...string) hash {
	bytes := make([][]byte, len(parts))
	for i, part := range parts {
		bytes[i] = []byte(part)
	}
	return h.of(bytes...)
}

// number returns a hash of 64 bits of a kind of text.
func (h *hasher) number(kind byte, text string) uint64 {
	h.mac.Reset()
	h.text = append(append(h.text[:0], kind), text...)
	_, _ = h.mac.Write(h.text)
	return binary.BigEndian.Uint64(h.mac.Sum(h.sum[:0]))
}

// short returns a hash of 24 bits that is never 0: enough to see that a value has
// changed, too little to recover it. 0 is that of "".
func (h *hasher) short(kind byte, text string) uint32 {
	if text == "" {
		return 0
	}
	n := uint32(h.number(kind, text) >> 40) // #nosec G115 -- 24 bits
	return max(n, 1)
}

// Kinds of text for hasher.number, so that a name and a key of the same letters differ.
const (
	kindName   = 'n'
	kindMobile = 'm'
	kindKey    = 'k'
	kindPlace  = 'p'
)
