// Package wire reads and writes the vendors' JSON: tolerant on the way in,
// exact on the way out.
//
// The vendors' documents contradict their own samples (a number here, the same number quoted
// there), so the scalars of this package accept every form that means one thing and refuse what
// means nothing. 64-bit ids never pass through a float. [Scanner] reads the vendors' answers. [Decode],
// which uses encoding/json, reads what is small and rare. A value that cannot be read
// gives a [DecodeError], which names the field and never quotes the content.
package wire
