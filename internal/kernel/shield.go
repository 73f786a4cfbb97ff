package kernel

import (
	"context"
	"io"
	"net/http"
	"time"
)

// shield hides the transport's CloseIdleConnections, which go-retryablehttp
// calls after every final failure: it would empty a pool that other parts of
// the program use.
//
// It also keeps the client's time-out. net/http would spend a goroutine per
// request on that, since it does not know this type.
type shield struct {
	rt      http.RoundTripper
	timeout time.Duration // of one attempt with its answer's body, 0: none
}

func (s *shield) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.timeout == 0 {
		return s.rt.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	resp, err := s.rt.RoundTrip(r.WithContext(ctx))
	if err != nil || resp == nil || resp.Body == nil {
		cancel()
		return resp, err
	}
	resp.Body = &timedBody{resp.Body, cancel}
	return resp, nil
}

// timedBody ends the attempt's time-out when the answer is closed.
type timedBody struct {
	io.ReadCloser

	cancel context.CancelFunc
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}
