package yunjian

import (
	"context"
	"errors"
	"fmt"
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
// reached, is overloaded or lets nobody in, the rest is not sent and fails
// with [ErrNotSent].
//
// The error is nil if every user succeeded, else a [*PartialError].
func (c *Client) SyncUsers(ctx context.Context, users []User) (Result, error) {
	s := syncing{client: c, items: make([]Item, len(users))}
	for i := range users {
		s.items[i].Index, s.items[i].User = i, users[i]
	}
	unsent := batch.Run(ctx, [][]batch.Record[User]{s.validate()}, batch.Options{Size: c.config.ChunkSize}, s.send)
	if len(unsent) > 0 {
		s.fail(unsent, notSent(ctx.Err()))
	}
	result := newResult(s.items)
	return result, result.Err()
}

// syncing is the state of one SyncUsers.
type syncing struct {
	client *Client
	items  []Item
}

// validate returns the users that can be sent. Of two records of one user
// nobody knows which is right, and the wrong one may disable somebody, so
// neither is sent.
func (s *syncing) validate() []batch.Record[User] {
	again := s.repeated()
	valid := make([]batch.Record[User], 0, len(s.items))
	for i := range s.items {
		u := &s.items[i].User
		field, reason := u.check(s.client.config.SendCards)
		if field == "" {
			field, reason = again.check(u)
		}
		if field == "" {
			valid = append(valid, batch.Record[User]{Index: i, Value: u})
			continue
		}
		s.items[i].Err = &FieldError{Op: opUserSyn, Field: fmt.Sprintf("data[%d].%s", i, field), Reason: reason}
	}
	return valid
}

// repeated are the numbers and ids that occur more than once.
type repeated struct {
	numbers occurrences[string]
	ids     occurrences[int64]
}

func (s *syncing) repeated() *repeated {
	again := new(repeated)
	for i := range s.items {
		u := &s.items[i].User
		if u.UserNo != "" {
			again.numbers.add(u.UserNo, len(s.items))
		}
		if id, ok := u.UserID.Get(); ok {
			again.ids.add(id, len(s.items))
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
		for i, v := range join(chunk, p.rows) {
			p.settle(&s.items[chunk[i].Index], v)
		}
		return true
	case p.attempts == 0:
		s.fail(chunk, notSent(err))
		return false
	}
	s.fail(chunk, err)
	return aboutContent(err)
}

func (s *syncing) fail(records []batch.Record[User], err error) {
	for _, r := range records {
		s.items[r.Index].Err = err
	}
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

// notSent is the error of users that were never sent: because of cause, or if
// it is nil because of an earlier chunk.
func notSent(cause error) error {
	if cause == nil {
		return &Error{Vendor: vendor, Op: opUserSyn, Err: fmt.Errorf("%w: an earlier chunk failed", ErrNotSent)}
	}
	if _, ok := errors.AsType[*Error](cause); ok {
		return fmt.Errorf("%w: %w", ErrNotSent, cause)
	}
	return &Error{Vendor: vendor, Op: opUserSyn, Err: fmt.Errorf("%w: %w", ErrNotSent, cause)}
}

// settle turns a verdict into the caller's result.
func (p *posted) settle(item *Item, v verdict) {
	item.BindID = v.bindID
	if v.description != "" {
		item.Description = p.scrub.Scrub(v.description)
	}
	switch {
	case v.failed:
		item.Err = &Error{
			Vendor: vendor, Op: opUserSyn, HTTPStatus: http.StatusOK,
			Code: codeUserFailed, Message: item.Description, Attempts: p.attempts,
		}
	case v.err != nil:
		item.Err = &Error{
			Vendor: vendor, Op: opUserSyn, HTTPStatus: http.StatusOK,
			Message: item.Description, Attempts: p.attempts, OutcomeUnknown: true, Err: v.err,
		}
	}
}
