// Package redact keeps credentials and personal data out of text.
//
// It works by allow-list. A [Secret] never prints; an entity prints only the
// attributes that it names itself (see [Format]); a message that a vendor
// wrote goes through [Scrub] before it becomes part of an error.
package redact
