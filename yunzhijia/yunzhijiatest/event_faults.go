package yunzhijiatest

import (
	"context"
	"crypto/md5" //nolint:gosec // the vendor's signature
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// EventFault is something that is wrong, or unusual, with one event.
type EventFault func(*eventCall)

// WrongKey signs with another key.
func WrongKey() EventFault { return func(c *eventCall) { c.key += "x" } }

// WrongDigest sends the Content-MD5 of something else, rightly signed.
func WrongDigest() EventFault {
	return func(c *eventCall) {
		sum := md5.Sum([]byte("something else")) //nolint:gosec // the vendor's signature
		c.digest = base64.StdEncoding.EncodeToString(sum[:])
	}
}

// Unsigned leaves out signature and digest.
func Unsigned() EventFault { return func(c *eventCall) { c.bare = true } }

// OldBy puts the signed Date into the past.
func OldBy(d time.Duration) EventFault {
	return func(c *eventCall) {
		if at, err := http.ParseTime(c.header["Date"]); err == nil {
			c.header["Date"] = at.Add(-d).Format(http.TimeFormat)
		}
	}
}

// WithoutParameter leaves one out (createTime, eid, eventId, eventType), which the vendor
// signs as "null".
func WithoutParameter(name string) EventFault {
	return func(c *eventCall) {
		c.params = slices.DeleteFunc(slices.Clone(c.params), func(p [2]string) bool { return p[0] == name })
		for i, p := range c.signed {
			if p[0] == name {
				c.signed[i][1] = "null"
			}
		}
	}
}

// DoubledParameter sends one again with another value.
func DoubledParameter(name, value string) EventFault {
	return func(c *eventCall) { c.params = append(c.params, [2]string{name, value}) }
}

// ReorderedParameters sends them in another order, which changes nothing.
func ReorderedParameters() EventFault {
	return func(c *eventCall) {
		c.params = slices.Clone(c.params)
		slices.Reverse(c.params)
	}
}

// WithoutContentType leaves the header out, which the vendor signs as "null".
func WithoutContentType() EventFault {
	return func(c *eventCall) { delete(c.header, "Content-Type") }
}

// WithPhones sends oldPhone and newPhone too, as one subscriber's variant does. Invent them.
func WithPhones(oldPhone, newPhone string) EventFault {
	return func(c *eventCall) {
		phones := [][2]string{{"newPhone", newPhone}, {"oldPhone", oldPhone}}
		c.params, c.signed = append(c.params, phones...), append(c.signed, phones...)
	}
}

// LongQuery makes the query longer by so many bytes.
func LongQuery(bytes int) EventFault {
	return func(c *eventCall) {
		c.params = append(c.params, [2]string{"a", strings.Repeat("a", bytes)})
	}
}

// ByMethod sends another method than GET.
func ByMethod(method string) EventFault { return func(c *eventCall) { c.method = method } }

// EventDisorder says what happens to events on their way. All of it is drawn from Seed, so
// that a test can be repeated.
type EventDisorder struct {
	Lost     float64 // share of the events that are not sent
	Doubled  float64 // share of those sent that are sent twice, the second time at the end
	Shuffled bool
	Seed     uint64
}

// SendAll sends events one after the other, in the disorder that d wants, and returns what
// was answered: one answer for each event, in their order, that of the last time it was
// sent. The error is that of the first event to which no answer came; the others are sent.
func (s *EventSender) SendAll(ctx context.Context, events []yunzhijia.Event, d EventDisorder) ([]EventAnswer, error) {
	random := rand.New(rand.NewPCG(d.Seed, 0)) //nolint:gosec // repeatable on purpose
	answers := make([]EventAnswer, len(events))
	var order, again []int
	for i := range events {
		if random.Float64() < d.Lost {
			answers[i].Lost = true
			continue
		}
		order = append(order, i)
		if random.Float64() < d.Doubled {
			again = append(again, i)
		}
	}
	if d.Shuffled {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	var first error
	stamp := s.config.Now().UnixMilli()
	for _, i := range append(order, again...) {
		e := events[i]
		if e.CreateTime == "" {
			e.CreateTime = milliseconds(stamp + int64(i)) // the same when it is sent again
		}
		answer, err := s.Send(ctx, e)
		if err != nil && first == nil {
			first = err
		}
		answers[i] = answer
	}
	return answers, first
}
