package kernel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// cause stands in an error chain for an error whose text we did not write.
// *url.Error and go-retryablehttp print whole URLs, token included, and a
// custom transport may print anything: so the text is ours, errors.Is and
// errors.As still reach the original, except the layer that holds the URL, and
// Unwrap does not hand it out.
type cause struct {
	text      string
	transport bool // no answer, or not all of it, came back
	// A function, because deep printers walk unexported fields.
	original func() error
}

func newCause(text string, err error) *cause {
	err = stripURL(err)
	return &cause{text: text, original: func() error { return err }}
}

func (c *cause) Error() string { return c.text }

// Is reaches the original.
func (c *cause) Is(target error) bool { return errors.Is(c.original(), target) }

// As reaches the original.
func (c *cause) As(target any) bool { return errors.As(c.original(), target) }

func isTransport(err error) bool {
	c, ok := errors.AsType[*cause](err)
	return ok && c.transport
}

// endCause describes the end of the caller's context.
func endCause(err error) *cause {
	if errors.Is(err, context.Canceled) {
		return newCause("context canceled", context.Canceled)
	}
	return newCause("context deadline exceeded", context.DeadlineExceeded)
}

// transportCause describes what the transport reported while the caller's
// context was alive: a context's end in it is a time-out of the transport.
func transportCause(err error) *cause {
	c := newCause(describe(err), err)
	c.transport = true
	return c
}

// stripURL removes the layer that holds the URL; *url.Error is a net.Error, so
// errors.As would find it behind that interface too.
func stripURL(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return err
		}
		err = u.Err
	}
}

func describe(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return "host not found"
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS"
	}
	if isCertificate(err) {
		return "TLS certificate not accepted"
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "timeout"
	}
	switch {
	case errors.Is(err, net.ErrClosed):
		// Closed under a body that was still being written.
		return "connection closed within the request"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed within the answer"
	case errors.Is(err, io.EOF):
		return "connection closed before the answer"
	}
	return "transport failure"
}

func isCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	// A transport that verifies by itself may not wrap them.
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}

// lasting reports whether the address itself is wrong: trying again cannot
// help, and nothing was sent.
func lasting(err error) bool {
	return isCertificate(err) || errors.Is(err, http.ErrSchemeMismatch)
}

// neverSent reports whether err proves that not a byte of the request left
// this machine, so that even a create may be tried again. Other failures of a
// TLS handshake prove nothing: with TLS 1.3 a client may send before it learns
// that its own certificate was refused.
func neverSent(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok || lasting(err) {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect")
}
