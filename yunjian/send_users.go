package yunjian

import (
	"context"
	"errors"
	"net/http"

	"github.com/orgbridge/orgbridge/internal/batch"
)

// SyncUsers pushes users (人员同步接口, userSyn), in chunks and in order. The
// endpoint creates and updates by user number, so a push may be repeated.
//
// Every user ends up in one list of the Result. A user without a required
// field, with a masked mobile or name, or whose number occurs more than once,
// is not sent and fails with a *FieldError. A chunk that is refused as such
// does not keep the next ones from being sent; when the endpoint cannot be
// reached, is overloaded or rejects every session, the rest is not sent
// ([ErrNotSent]).
//
// The error is that of the Result, nil only if every user succeeded.
func (c *Client) SyncUsers(ctx context.Context, users []User) (Result[User], error) {
	if err := c.ready(ctx, opUserSyn); err != nil {
		return batch.Unsendable(opUserSyn, users, err)
	}
	s := syncing{Push: batch.New(opUserSyn, users), client: c}
	s.Run(ctx, [][]batch.Record[User]{s.accept()}, batch.Options{Size: c.config.ChunkSize}, s.send)
	return s.Result()
}

// syncing is the state of one SyncUsers.
type syncing struct {
	*batch.Push[User]

	client *Client
}

// accept returns the users that can be sent. Of two records of one user,
// either may be right, and the wrong one may disable a person, so neither is sent.
func (s *syncing) accept() []batch.Record[User] {
	again := s.repeated()
	return s.Check(func(_ int, u *User) (field, reason string) {
		if field, reason = u.check(s.client.config.SendCards); field != "" {
			return field, reason
		}
		return again.check(u)
	})
}

// repeated are the numbers and ids that occur more than once.
type repeated struct {
	numbers occurrences[string]
	ids     occurrences[int64]
}

func (s *syncing) repeated() *repeated {
	again := new(repeated)
	for i := range s.Items {
		u := &s.Items[i].Record
		if u.UserNo != "" {
			again.numbers.add(u.UserNo, len(s.Items))
		}
		if id, ok := u.UserID.Get(); ok {
			again.ids.add(id, len(s.Items))
		}
	}
	return again
}

func (r *repeated) check(u *User) (field, reason string) {
	const reasonRepeated = "is given more than once"
	if id, ok := u.UserID.Get(); ok && r.ids.again[id] {
		return "userId", reasonRepeated
	}
	if r.numbers.again[u.UserNo] {
		return "userNo", reasonRepeated
	}
	return "", ""
}

// occurrences tells the keys that occur more than once.
type occurrences[K comparable] struct {
	seen  map[K]struct{}
	again map[K]bool
}

// add notes one of size keys.
func (o *occurrences[K]) add(key K, size int) {
	if o.seen == nil {
		o.seen = make(map[K]struct{}, size)
	}
	before := len(o.seen)
	o.seen[key] = struct{}{}
	if len(o.seen) > before {
		return
	}
	if o.again == nil {
		o.again = make(map[K]bool)
	}
	o.again[key] = true
}

// send pushes one chunk and reports whether to go on.
func (s *syncing) send(ctx context.Context, chunk []batch.Record[User]) bool {
	p, err := s.client.post(ctx, chunk)
	switch {
	case err == nil:
		verdicts, strangers := join(chunk, p.rows)
		for i, v := range verdicts {
			p.settle(&s.Items[chunk[i].Index], v)
		}
		for i, text := range strangers {
			strangers[i] = p.scrub.Scrub(text)
		}
		s.Say(strangers...)
		return true
	case p.attempts == 0:
		s.Unsent(chunk, err)
		return false
	}
	message := ""
	if e, ok := errors.AsType[*Error](err); ok {
		message = e.Message
	}
	s.Fail(chunk, message, err)
	return aboutContent(err)
}

// aboutContent reports whether a chunk failed in a way that another one may
// not.
func aboutContent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Op != opUserSyn {
		return false
	}
	switch e.HTTPStatus {
	case http.StatusOK:
		return e.Code != ""
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// settle turns a verdict into the caller's result.
func (p *posted) settle(item *Item[User], v verdict) {
	item.Ref = v.bindID
	if v.description != "" {
		item.Message = p.scrub.Scrub(v.description)
	}
	switch {
	case v.failed:
		item.Err = &Error{
			Vendor: vendor, Op: opUserSyn, HTTPStatus: http.StatusOK,
			Code: codeUserFailed, Message: item.Message, Attempts: p.attempts,
		}
	case v.err != nil:
		item.Err = &Error{
			Vendor: vendor, Op: opUserSyn, HTTPStatus: http.StatusOK,
			Message: item.Message, Attempts: p.attempts, OutcomeUnknown: true, Err: v.err,
		}
	}
}
