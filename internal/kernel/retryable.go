package kernel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// This file is all that the kernel knows of go-retryablehttp, and everything that is
// done because of it:
//
//   - Its hooks belong to the client and know nothing of the call, so each call gets a
//     client of its own, and the call's state travels in closures.
//   - It counts attempts by itself, so it is allowed one more than a call may have: the
//     replay after a rejected token is not counted. Judge keeps the real limit.
//   - It asks CheckRetry twice per attempt, about the transport and about what became of
//     the answer, and makes an error of its own out of the status. So the answer is
//     read in its response handler, and how the attempt failed travels inside an error.
//   - Its own error texts hold the URL, token included. They are never used.
//   - It empties the idle pool of the transport after a final failure: see shield.

// repeat runs the loop of a call until it ends. The error is an *attemptError, that of
// prepare, or that of the context in a wait.
func repeat(hc *http.Client, r *run) error {
	t := &retrier{run: r}
	if err := t.prepare(); err != nil {
		return err
	}
	client := retryablehttp.Client{
		HTTPClient:   hc,
		RetryMax:     r.client.set.MaxAttempts,
		CheckRetry:   t.check,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return r.pause },
		PrepareRetry: func(*http.Request) error { return t.prepare() },
		ErrorHandler: closeAndReturn,
	}
	resp, err := client.Do(t.request)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // read to its end by receive
	return nil
}

// retrier fits the loop of a call into go-retryablehttp.
type retrier struct {
	run     *run
	request *retryablehttp.Request
}

// prepare puts the next attempt in the place of the one before.
func (t *retrier) prepare() error {
	h, err := t.run.prepare()
	if err != nil {
		return err
	}
	if t.request == nil {
		t.request = &retryablehttp.Request{}
	}
	*t.request = retryablehttp.Request{Request: h}
	if body := t.run.sent.Body; body != nil {
		if err := t.request.SetBody(t.body(body)); err != nil {
			return err // impossible for bytes, and for a buffer that the caller holds
		}
	}
	t.request.SetResponseHandler(t.receive)
	return nil
}

// body returns what a body is to be read from.
func (t *retrier) body(body []byte) any {
	buffer := t.run.call.Buffer
	if buffer == nil {
		return body
	}
	return retryablehttp.ReaderFunc(func() (io.Reader, error) { return buffer.open(body) })
}

// receive is the response handler; its error goes to check.
func (t *retrier) receive(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()
	if failed := t.run.read(resp); failed != nil {
		return failed
	}
	return nil
}

// check is CheckRetry.
func (t *retrier) check(_ context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	failed, answered := errors.AsType[*attemptError](err)
	if !answered {
		failed = &attemptError{Failure: new(Failure), transport: err}
	}
	if t.run.judge(failed) {
		return true, nil
	}
	return false, failed
}

// closeAndReturn keeps go-retryablehttp from adding its own text.
func closeAndReturn(resp *http.Response, err error, _ int) (*http.Response, error) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return nil, err
}

// shield hides the transport's CloseIdleConnections, which go-retryablehttp
// calls after every final failure: it would empty a pool that other parts of
// the program use.
//
// It also keeps the time limit of an attempt. net/http would spend a goroutine per
// request on that, since it does not know this type.
type shield struct {
	rt    http.RoundTripper
	limit time.Duration // of one attempt with its answer's body
}

func (s *shield) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.limit)
	resp, err := s.rt.RoundTrip(r.WithContext(ctx))
	if err != nil || resp == nil || resp.Body == nil {
		cancel()
		return resp, err
	}
	resp.Body = &timedBody{resp.Body, cancel}
	return resp, nil
}

// timedBody ends the attempt's time limit when the answer is closed.
type timedBody struct {
	io.ReadCloser

	cancel context.CancelFunc
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}
