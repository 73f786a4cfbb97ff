package yunjian

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
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
	s := syncing{client: c}
	valid := s.validate(users)
	unsent := batch.Run(ctx, [][]batch.Record[User]{valid}, batch.Options{Size: c.config.ChunkSize}, s.send)
	s.fail(unsent, notSent(ctx.Err()))
	s.result.sort()
	return s.result, s.result.Err()
}

// syncing is the state of one SyncUsers.
type syncing struct {
	client *Client
	result Result
}

// validate returns the users that can be sent. Of two records of one user
// nobody knows which is right, and the wrong one may disable somebody, so
// neither is sent.
func (s *syncing) validate(users []User) []batch.Record[User] {
	numbers, ids := make(map[string]int, len(users)), make(map[int64]int)
	for _, u := range users {
		numbers[u.UserNo]++
		if id, ok := u.UserID.Get(); ok {
			ids[id]++
		}
	}
	var valid []batch.Record[User]
	for _, r := range batch.Index(users) {
		field, reason := r.Value.check(s.client.config.SendCards)
		if id, ok := r.Value.UserID.Get(); field == "" && ok && ids[id] > 1 {
			field, reason = "userId", "is given more than once"
		}
		if no := r.Value.UserNo; field == "" && no != "" && numbers[no] > 1 {
			field, reason = "userNo", "is given more than once"
		}
		if field == "" {
			valid = append(valid, r)
			continue
		}
		field = fmt.Sprintf("data[%d].%s", r.Index, field)
		s.result.add(Item{Index: r.Index, User: r.Value, Err: &FieldError{Op: opUserSyn, Field: field, Reason: reason}})
	}
	return valid
}

// send pushes one chunk and reports whether to go on.
func (s *syncing) send(ctx context.Context, chunk []batch.Record[User]) bool {
	users := make([]User, len(chunk))
	sent := make([]json.RawMessage, len(chunk))
	for i, r := range chunk {
		users[i] = r.Value.outgoing(s.client.config.SendCards)
		sent[i], _ = wire.Encode(users[i]) // validate saw to it
	}
	data, _ := wire.Encode(sent)
	p, err := s.client.post(ctx, data)
	switch {
	case err == nil:
		for i, v := range join(users, p.rows) {
			s.result.add(p.item(chunk[i], v, sent[i]))
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
		s.result.add(Item{Index: r.Index, User: r.Value, Err: err})
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

// item turns a verdict into the caller's result.
func (p posted) item(r batch.Record[User], v verdict, sent json.RawMessage) Item {
	item := Item{Index: r.Index, User: r.Value, BindID: v.bindID}
	if v.description != "" {
		item.Description = redact.Scrub(v.description, append(kernel.SentValues(contentType, sent), p.session)...)
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
	return item
}
