package yunzhijia

import (
	"crypto/md5"  //nolint:gosec // the vendor's signature
	"crypto/sha1" //nolint:gosec // the vendor's signature
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// nullText is how the vendor signs what is missing: a Java null in a string.
const nullText = "null"

// The signed parameters of an event, in the order in which they are signed.
const (
	paramCreateTime = "createTime"
	paramEID        = "eid"
	paramEventID    = "eventId"
	paramEventType  = "eventType"
	paramNewPhone   = "newPhone"
	paramOldPhone   = "oldPhone"
)

// eventQuery is the query of an event.
type eventQuery struct {
	event  Event
	signed []string // the texts that may have been signed
}

// eid returns the team that the query names, "" if it names none.
func (q *eventQuery) eid() string {
	if q.event.EID == nullText {
		return ""
	}
	return q.event.EID
}

// readEventQuery reads the event's own parameters; the address may have others before them.
// ok is false if one of them is there twice, differently, or holds what no id holds.
func readEventQuery(raw string) (q eventQuery, ok bool) {
	// A pair that cannot be read is missing, and the digest does not fit then.
	values, _ := url.ParseQuery(raw)
	for _, name := range []string{paramCreateTime, paramEID, paramEventID, paramEventType, paramNewPhone, paramOldPhone} {
		list := values[name]
		if len(slices.Compact(slices.Clone(list))) > 1 || slices.ContainsFunc(list, odd) {
			return eventQuery{}, false
		}
	}
	sign := func(names ...string) {
		parts := make([]string, len(names))
		for i, name := range names {
			value := nullText
			if list := values[name]; len(list) > 0 {
				value = list[0]
			}
			parts[i] = name + "=" + value
		}
		q.signed = append(q.signed, strings.Join(parts, "&"))
	}
	sign(paramCreateTime, paramEID, paramEventID, paramEventType)
	if values.Has(paramNewPhone) || values.Has(paramOldPhone) {
		// Whether phones are signed is not documented.
		sign(paramCreateTime, paramEID, paramEventID, paramEventType, paramNewPhone, paramOldPhone)
	}
	q.event = Event{
		EID: values.Get(paramEID), Type: EventType(values.Get(paramEventType)),
		ID: values.Get(paramEventID), CreateTime: values.Get(paramCreateTime),
	}
	return q, true
}

// odd reports whether a value could forge a line or is no text.
func odd(value string) bool {
	return !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl)
}

// verified checks the digest of the query and the signature. The time that it takes does
// not depend on where they differ, nor on whether the team is known.
func (h *EventHandler) verified(q eventQuery, header http.Header) bool {
	digest := header.Get("Content-Md5")
	digests := 0
	for _, text := range q.signed {
		sum := md5.Sum([]byte(text)) //nolint:gosec // the vendor's signature
		digests |= subtle.ConstantTimeCompare([]byte(base64.StdEncoding.EncodeToString(sum[:])), []byte(digest))
	}

	candidates, known := h.access[q.eid()]
	genuine := 1
	switch {
	case q.eid() == "":
		candidates = h.config.Access // one subscriber's variant names no team
	case !known:
		candidates, genuine = []EventAccess{{}}, 0
	}
	contentTypes := []string{header.Get("Content-Type")}
	if contentTypes[0] == "" {
		contentTypes = append(contentTypes, nullText) // how a missing one is signed is not documented
	}
	signatures := 0
	for _, a := range candidates {
		for _, contentType := range contentTypes {
			want := a.signature(digest, contentType, header.Get("Date"))
			signatures |= subtle.ConstantTimeCompare([]byte(want), []byte(header.Get("Authorization")))
		}
	}
	return genuine&digests&signatures == 1
}

// signature returns the Authorization of an event: the app, if there is one, and the SHA-1
// of the key and three headers as they were received.
func (a EventAccess) signature(digest, contentType, date string) string {
	sum := sha1.Sum([]byte(a.key.Reveal() + digest + contentType + date)) //nolint:gosec // the vendor's signature
	text := hex.EncodeToString(sum[:])
	if a.appID == "" {
		return text
	}
	return a.appID + ":" + text
}

// eventDate reads a Date header, with a day of one digit too.
func eventDate(value string) (time.Time, bool) {
	for _, layout := range []string{http.TimeFormat, "Mon, 2 Jan 2006 15:04:05 GMT"} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
