package kernel

import (
	"context"
	"errors"
	"log/slog"
)

// observe tells logger and hook of an attempt that ended; f is nil on success.
func (r *run) observe(f *Failure, again bool) {
	set := &r.client.set
	level := slog.LevelDebug
	if f != nil && !r.canceled(f) {
		level = slog.LevelWarn
	}
	logged := set.Logger != nil && set.Logger.Enabled(r.ctx, level)
	if !logged && set.Hook == nil {
		return // before anything is computed that no one wants
	}
	a := Attempt{
		Vendor:   r.client.vendor,
		Op:       r.call.Op.Name,
		Number:   r.attempts,
		Status:   r.status,
		Duration: r.took,
		Wait:     r.pause,
		Retry:    again,
	}
	if f == nil {
		a.RequestID = r.requestIDOf(r.answered)
	} else {
		a.Code, a.RequestID = f.Code, f.RequestID
		failure := *f
		a.Err = r.fail(&failure)
	}
	if set.Hook != nil {
		set.Hook(r.ctx, a)
	}
	if logged {
		r.log(set.Logger, level, a, f)
	}
}

// canceled reports whether the caller canceled the attempt, as a range does with
// pages fetched ahead that it does not need. That is not a failure of the vendor.
func (r *run) canceled(f *Failure) bool {
	return f.HTTPStatus <= 299 && errors.Is(r.ctx.Err(), context.Canceled) && errors.Is(f.Err, context.Canceled)
}

func (r *run) log(l *slog.Logger, level slog.Level, a Attempt, f *Failure) {
	attrs := []slog.Attr{
		slog.String("vendor", a.Vendor),
		slog.String("op", a.Op),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.Status),
		slog.String("code", a.Code),
		slog.Duration("duration", a.Duration),
	}
	if f != nil {
		if cause := f.cause(); cause != "" {
			attrs = append(attrs, slog.String("cause", cause))
		}
	}
	if a.RequestID != "" {
		attrs = append(attrs, slog.String("requestId", a.RequestID))
	}
	if a.Retry {
		attrs = append(attrs, slog.Duration("wait", a.Wait))
	}
	l.LogAttrs(r.ctx, level, "vendor call", attrs...)
}
