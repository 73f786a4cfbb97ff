package yunjian

import (
	"crypto/md5" //nolint:gosec // the vendor's signature
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Sign computes 云简's signature of a session request: the parameters except
// "sign", together with signKey under that name, sorted by name, joined as
// name=value with "&" without any escaping; the MD5 of that as UTF-8, in
// lower-case hexadecimal digits. Numbers are signed in the digits that are
// sent. [Handler] and [Client] do this by themselves; it is exported for
// endpoints that use neither.
func Sign(signKey string, params map[string]string) string {
	signed := maps.Clone(params)
	if signed == nil {
		signed = make(map[string]string)
	}
	delete(signed, "sign")
	signed["signKey"] = signKey
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(signed)) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(signed[name])
	}
	sum := md5.Sum([]byte(b.String())) //nolint:gosec // the vendor's signature
	return hex.EncodeToString(sum[:])
}
