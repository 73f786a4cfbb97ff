// Package wire reads and writes the vendors' JSON: tolerant on the way in,
// exact on the way out.
//
// The vendors' documents contradict their own samples (a number here, the same number quoted
// there), so the scalars of this package accept every form that means one thing and refuse what
// means nothing. 64-bit ids never pass through a float. A value that cannot be read gives a
// [DecodeError], which names the field and never quotes the content.
//
// A [Scanner] reads, without reflection. Records append themselves; [Encode] writes what is small.
package wire
