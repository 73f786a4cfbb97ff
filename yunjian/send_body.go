package yunjian

import (
	"slices"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// body is the envelope of V1.2 and later around a chunk of users:
//
//	{"userNo":…,"account":…,"sessionId":…,"data":[…]}
//
// The session comes last, with the attempt, and stands in front of the users. So
// they are written behind a gap, and the front is fitted before them.
type body struct {
	client  *Client
	buffer  *kernel.Buffer
	gap     int    // in front of the users
	session string // of text
	text    []byte // nil until the first attempt
}

// sessionRoom is more than a session takes; longer ones cost a copy.
const sessionRoom = 256

// newBody writes the users. The caller releases the buffer.
func (c *Client) newBody(chunk []batch.Record[User]) (*body, error) {
	buffer := kernel.NewBuffer()
	b := &body{client: c, buffer: buffer, gap: len(c.config.Account) + len(c.config.UserNo) + sessionRoom}
	text := slices.Grow(buffer.Bytes, b.gap)[:b.gap]
	text = append(text, '[')
	var err error
	for i, r := range chunk {
		if i > 0 {
			text = append(text, ',')
		}
		start := len(text)
		if text, err = r.Value.appendTo(text, c.config.SendCards); err != nil {
			buffer.Release()
			return nil, &FieldError{Op: opUserSyn, Field: "data", Reason: "cannot be written as JSON"}
		}
		if i == 0 {
			// Assume that the others are like it, and somewhat longer.
			text = slices.Grow(text, len(chunk)*(len(text)-start)*9/8)
		}
	}
	buffer.Bytes = append(text, "]}"...)
	return b, nil
}

// data is what is sent behind the front.
func (b *body) data() []byte { return b.buffer.Bytes[b.gap:] }

// with returns the whole body for a session. What an earlier attempt was given
// stays as it is: its request may still be under way.
func (b *body) with(session string) []byte {
	if b.text != nil && b.session == session {
		return b.text
	}
	front := b.client.front(session)
	if at := b.gap - len(front); b.text == nil && at >= 0 {
		copy(b.buffer.Bytes[at:], front)
		b.text = b.buffer.Bytes[at:]
	} else {
		b.text = slices.Concat(front, b.data())
	}
	b.session = session
	return b.text
}

// front is the envelope before the users.
func (c *Client) front(session string) []byte {
	var b []byte
	b = wire.AppendText(b, `{"userNo":`, c.config.UserNo)
	b = wire.AppendText(b, `,"account":`, c.config.Account)
	b = wire.AppendNonzeroText(b, `,"sessionId":`, session)
	return append(b, `,"data":`...)
}
