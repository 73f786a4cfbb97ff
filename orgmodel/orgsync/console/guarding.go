package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// policy allows nothing but the page's own style, script and picture.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guarded puts headers on every answer, and lets requests in that may come in.
func (c *Console) guarded(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.refuse(w, r, http.StatusForbidden, "the request comes from another site")
	}))
	next = protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		switch status := c.admit(r); status {
		case http.StatusOK:
			next.ServeHTTP(w, r)
		case http.StatusUnauthorized:
			h.Set("WWW-Authenticate", `Basic realm="orgsync", charset="UTF-8"`)
			http.Error(w, "Name and password are required.", status)
		default:
			http.Error(w, "This page is served to this machine only, as localhost.", status)
		}
	})
}

// admit returns the status of a request that is let in, or refused.
func (c *Console) admit(r *http.Request) int {
	switch {
	case c.config.User != "":
		user, password, _ := r.BasicAuth()
		if !same(user, c.config.User) || !same(password, c.config.Password) {
			return http.StatusUnauthorized
		}
	case c.config.Proxy != nil:
		if !c.config.Proxy.sent(r) || proxied(r, c.config.Proxy) == "" {
			return http.StatusForbidden
		}
	default:
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() || !local(r.Host) {
			return http.StatusForbidden
		}
	}
	return http.StatusOK
}

// same compares in constant time, whatever the lengths.
func same(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func (p *Proxy) sent(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	if len(p.From) == 0 {
		return from.Addr().Unmap().IsLoopback()
	}
	return slices.ContainsFunc(p.From, func(prefix netip.Prefix) bool { return prefix.Contains(from.Addr().Unmap()) })
}

// proxied returns the user whom the proxy names. Two names are none: one of them may
// have come from outside.
func proxied(r *http.Request, p *Proxy) string {
	values := r.Header.Values(p.Header)
	if len(values) != 1 {
		return ""
	}
	return strings.TrimSpace(values[0])
}

// local reports whether a Host header names this machine: a website can point a name of
// its own at a loopback address.
func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// user returns who was authenticated, "" if no one had to be.
func (c *Console) user(r *http.Request) string {
	switch {
	case c.config.User != "":
		return c.config.User
	case c.config.Proxy != nil:
		return proxied(r, c.config.Proxy)
	}
	return ""
}
