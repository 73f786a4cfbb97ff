package yunjian

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// syncRun is one push at work: its rows are read one by one as they are synced.
type syncRun struct {
	handler *Handler
	rows    rowList
	scanner *wire.Scanner
	more    bool
	answer  *answer
}

// syncAll answers one row per row, in order.
func (h *Handler) syncAll(ctx context.Context, rows rowList, a *answer) {
	p := &syncRun{handler: h, rows: rows, scanner: wire.NewScanner(rows.data), answer: a}
	p.more = p.scanner.Begin('[')
	for p.more {
		// The integrator's function may end its goroutine (runtime.Goexit, which FailNow of a
		// test does): it gets one of its own, and the rest of the rows another one.
		done := make(chan any) // what a Logger panicked with, say: net/http recovers it here
		go func() {
			defer func() { done <- recover() }()
			for p.more {
				p.one(ctx)
			}
		}()
		if panicked := <-done; panicked != nil {
			panic(panicked)
		}
	}
	h.config.Logger.LogAttrs(ctx, slog.LevelDebug, "push served", slog.String("vendor", vendor),
		slog.String("op", opUserSyn), slog.Int("users", a.users), slog.Int("failed", a.failures))
}

// one syncs the next row, and answers it whatever happens.
func (p *syncRun) one(ctx context.Context) {
	raw, ids := p.rows.nextRow(p.scanner)
	p.more = p.scanner.More(']')
	o := outcome{description: descriptionFailed}
	defer func() { p.answer.add(ids, o) }()
	o = p.handler.syncOne(ctx, p.answer.users, raw)
}

func (h *Handler) syncOne(ctx context.Context, index int, raw json.RawMessage) outcome {
	u, problem := readRow(raw)
	if problem == "" && ctx.Err() != nil {
		problem = descriptionAborted
	}
	if problem != "" {
		h.logFailed(ctx, index, slog.String("cause", problem))
		return outcome{description: problem}
	}
	return h.call(ctx, index, u)
}

// call runs the integrator's function, reads its error, which is the integrator's code too
// (a nil pointer with methods, say), and survives both. If the function ends its goroutine,
// call does not return.
func (h *Handler) call(ctx context.Context, index int, u User) (o outcome) {
	returned := false
	defer func() {
		switch v := recover(); {
		case v != nil:
			// The panic's value is dropped: it may quote anything.
			h.logFailed(ctx, index, slog.String("cause", fmt.Sprintf("panic of %T", v)), slog.Any("stack", frames()))
			o = outcome{description: descriptionFailed}
		case !returned:
			h.logFailed(ctx, index, slog.String("cause", "runtime.Goexit"), slog.Any("stack", frames()))
		}
	}()
	ack, err := h.config.Sync(ctx, u)
	returned = true
	if err == nil {
		return outcome{bindID: ack.BindID, done: true}
	}
	description, public := describe(err)
	if !public {
		h.logFailed(ctx, index, slog.String("cause", fmt.Sprintf("%T", err)))
	}
	return outcome{bindID: ack.BindID, description: description}
}

// logFailed names the row, not the user, and no text that others wrote.
func (h *Handler) logFailed(ctx context.Context, index int, attrs ...slog.Attr) {
	attrs = append([]slog.Attr{slog.String("vendor", vendor), slog.String("op", opUserSyn), slog.Int("row", index)}, attrs...)
	h.config.Logger.LogAttrs(ctx, slog.LevelWarn, "user not synced", attrs...)
}

// frames lists where a panic came from; unlike a stack trace it holds no
// arguments.
func frames() []string {
	callers := make([]uintptr, 32)
	stack := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	var list []string
	for {
		frame, more := stack.Next()
		list = append(list, frame.Function+":"+strconv.Itoa(frame.Line))
		if !more {
			return list
		}
	}
}
