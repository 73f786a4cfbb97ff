package kernel

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/token"
)

// Limiter is waited for before every attempt, retries included. A
// *rate.Limiter of golang.org/x/time/rate is one; so is anything that shares a
// quota between processes.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Attempt is what a hook learns of one attempt of a call: the fixed, harmless
// attributes that the logger gets too. There is no URL, header or body in it.
type Attempt struct {
	Vendor    string        // "yunzhijia", "aiguanhuai", "tuzhan" or "yunjian"
	Op        string        // the vendor's name of the call
	Number    int           // 1 for the first attempt
	Status    int           // HTTP status, 0 when no answer came
	Code      string        // vendor code of a refusal, "" on success
	RequestID string        // of the vendor or a gateway, "" if the answer has none
	Duration  time.Duration // from sending to the answer's last byte; waits are not part of it
	Wait      time.Duration // how long the client will now wait before the next attempt
	Retry     bool          // whether there is a next attempt
	Err       error         // nil on success
}

// Hook is told of every attempt after it ended. It must not block.
type Hook func(ctx context.Context, a Attempt)

// Settings is what the options fill. Vendor packages read it after [Apply].
type Settings struct {
	HTTPClient  *http.Client
	Logger      *slog.Logger
	Limiter     Limiter
	Hook        Hook
	Header      http.Header
	Now         func() time.Time
	MaxAttempts int
	MaxWait     time.Duration
	AttemptTime time.Duration
	MaxResponse int64
	TokenStore  token.Store

	// Shared by all that is made of these settings.
	Budget  *budget // of retries
	warning *sync.Once
}

const (
	defaultAttempts    = 6
	defaultMaxWait     = 30 * time.Second
	defaultMaxResponse = 32 << 20
	defaultAttemptTime = 30 * time.Second
)

// Option changes one setting of a client. Options may be given in any order.
type Option func(*Settings) error

// Apply runs the options over the defaults and reports every bad one.
func Apply(options []Option) (Settings, error) {
	return Settings{
		Now:         time.Now,
		MaxAttempts: defaultAttempts,
		MaxWait:     defaultMaxWait,
		AttemptTime: defaultAttemptTime,
		MaxResponse: defaultMaxResponse,
		Budget:      newBudget(defaultBudget),
		warning:     new(sync.Once),
	}.with(options)
}

func (s Settings) with(options []Option) (Settings, error) {
	var errs []error
	for _, option := range options {
		if option == nil {
			errs = append(errs, &FieldError{Field: "Option", Reason: "is nil"})
			continue
		}
		if err := option(&s); err != nil {
			errs = append(errs, err)
		}
	}
	return s, errors.Join(errs...)
}

// WithHTTPClient sets the client whose transport, timeout and cookie jar are used.
func WithHTTPClient(hc *http.Client) Option {
	return func(s *Settings) error {
		if hc == nil {
			return &FieldError{Field: "WithHTTPClient", Reason: "client is nil"}
		}
		if hc.Timeout < 0 {
			return &FieldError{Field: "WithHTTPClient", Reason: "timeout is negative"}
		}
		if hc.Transport != nil && IsNil(hc.Transport) {
			return &FieldError{Field: "WithHTTPClient", Reason: "transport is a nil pointer"}
		}
		if hc.Jar != nil && IsNil(hc.Jar) {
			return &FieldError{Field: "WithHTTPClient", Reason: "cookie jar is a nil pointer"}
		}
		own := *hc
		s.HTTPClient = &own
		return nil
	}
}

// WithLogger sets the logger.
func WithLogger(l *slog.Logger) Option {
	return func(s *Settings) error {
		if l == nil {
			return &FieldError{Field: "WithLogger", Reason: "logger is nil"}
		}
		if IsNil(l.Handler()) {
			return &FieldError{Field: "WithLogger", Reason: "logger has no handler: make it with slog.New"}
		}
		s.Logger = l
		return nil
	}
}

// WithLimiter sets the limiter.
func WithLimiter(l Limiter) Option {
	return func(s *Settings) error {
		if IsNil(l) {
			return &FieldError{Field: "WithLimiter", Reason: "limiter is nil"}
		}
		s.Limiter = l
		return nil
	}
}

// WithHook sets the hook.
func WithHook(h Hook) Option {
	return func(s *Settings) error {
		if h == nil {
			return &FieldError{Field: "WithHook", Reason: "hook is nil"}
		}
		s.Hook = h
		return nil
	}
}

// WithHeader adds headers to every request.
func WithHeader(h http.Header) Option {
	return func(s *Settings) error {
		if err := checkHeader("", h); err != nil {
			return err
		}
		if s.Header = s.Header.Clone(); s.Header == nil { // that of another client, in [Client.With]
			s.Header = http.Header{}
		}
		for name, values := range h {
			for _, v := range values {
				s.Header.Add(name, v)
			}
		}
		return nil
	}
}

// WithRetry sets the number of attempts of one call and the longest single wait.
func WithRetry(maxAttempts int, maxWait time.Duration) Option {
	return func(s *Settings) error {
		var errs []error
		if maxAttempts < 1 {
			errs = append(errs, &FieldError{Field: "WithRetry", Reason: "maxAttempts is below 1"})
		}
		if maxWait <= 0 {
			errs = append(errs, &FieldError{Field: "WithRetry", Reason: "maxWait is not positive"})
		}
		s.MaxAttempts, s.MaxWait = maxAttempts, maxWait
		return errors.Join(errs...)
	}
}

// WithAttemptTimeout sets the longest time of one attempt.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *Settings) error {
		if d <= 0 {
			return &FieldError{Field: "WithAttemptTimeout", Reason: "is not positive"}
		}
		s.AttemptTime = d
		return nil
	}
}

// WithRetryBudget sets how many retries a client has before it must earn more; 0 is
// without limit.
func WithRetryBudget(retries int) Option {
	return func(s *Settings) error {
		if retries < 0 || retries > maxBudget {
			return &FieldError{Field: "WithRetryBudget", Reason: "is not within 0 to 1000000"}
		}
		s.Budget = newBudget(retries)
		return nil
	}
}

// WithClock sets the clock that stamps signed requests and ages tokens.
func WithClock(now func() time.Time) Option {
	return func(s *Settings) error {
		if now == nil {
			return &FieldError{Field: "WithClock", Reason: "clock is nil"}
		}
		s.Now = now
		return nil
	}
}

// WithTokenStore sets where access tokens are shared between processes.
func WithTokenStore(store token.Store) Option {
	return func(s *Settings) error {
		if IsNil(store) {
			return &FieldError{Field: "WithTokenStore", Reason: "store is nil"}
		}
		s.TokenStore = store
		return nil
	}
}

// WithMaxResponse bounds an answer's size in bytes. The default of 32 MiB is
// some fifty times the largest page a vendor sends; tests lower it.
func WithMaxResponse(n int64) Option {
	return func(s *Settings) error {
		if n <= 0 {
			return &FieldError{Field: "WithMaxResponse", Reason: "is not positive"}
		}
		s.MaxResponse = min(n, math.MaxInt64-1)
		return nil
	}
}
