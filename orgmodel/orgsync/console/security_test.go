package console_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// ask sends a request straight to a page and returns the status.
func ask(t *testing.T, page http.Handler, method, path string, edit func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(""))
	r.RemoteAddr = "127.0.0.1:4711"
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	return w
}

func everyPath() []string {
	return []string{"/", "/runs", "/run?id=1", "/branch?n=0", "/list?what=removals", "/live", "/assets/x/console.css", "/assets/x/console.js", "/nowhere"}
}

// Without the password there is nothing to be seen, and nothing to be done.
func TestSecurity_password(t *testing.T) {
	t.Parallel()
	host := &fakeHost{plan: &orgsync.Plan{}}
	page, err := console.New(console.Config{Host: host, User: "ops", Password: "right", Title: "Secret Ltd"})
	require.NoError(t, err)
	for name, edit := range map[string]func(*http.Request){
		"none":             func(*http.Request) {},
		"another":          func(r *http.Request) { r.SetBasicAuth("ops", "wrong") },
		"a longer one":     func(r *http.Request) { r.SetBasicAuth("ops", "right ") },
		"another user":     func(r *http.Request) { r.SetBasicAuth("oops", "right") },
		"empty":            func(r *http.Request) { r.SetBasicAuth("", "") },
		"another scheme":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer right") },
		"broken":           func(r *http.Request) { r.Header.Set("Authorization", "Basic %%%") },
		"a header instead": func(r *http.Request) { r.Header.Set("X-Forwarded-User", "ops") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range append(everyPath(), "/plan", "/decide", "/language", "/sandbox") {
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodOptions} {
					w := ask(t, page, method, path, edit)
					require.Equal(t, http.StatusUnauthorized, w.Code, "%s %s", method, path)
					require.NotEmpty(t, w.Header().Get("WWW-Authenticate"))
					require.NotContains(t, w.Body.String(), "Secret")
				}
			}
		})
	}
	w := ask(t, page, http.MethodGet, "/", func(r *http.Request) {
		r.SetBasicAuth("ops", "right")
		r.RemoteAddr, r.Host = "192.0.2.7:1", "sync.example.com"
	})
	require.Equal(t, http.StatusOK, w.Code)
	require.NotContains(t, w.Body.String(), "right")
	require.Empty(t, host.planned)
}

// Without a password only this machine is answered, and only by its own names: a website
// can point a name of its own at 127.0.0.1.
func TestSecurity_loopback(t *testing.T) {
	t.Parallel()
	page, err := console.New(console.Config{Host: &fakeHost{}})
	require.NoError(t, err)
	for _, test := range []struct {
		from, host string
		status     int
	}{
		{"127.0.0.1:1", "localhost:8080", 200},
		{"127.0.0.1:1", "127.0.0.1:8080", 200},
		{"127.9.9.9:1", "LOCALHOST.", 200},
		{"[::1]:1", "[::1]:8080", 200},
		{"[::ffff:127.0.0.1]:1", "orgsync.localhost", 200},
		{"192.0.2.7:1", "localhost", 403},
		{"[2001:db8::1]:1", "[::1]", 403},
		{"127.0.0.1:1", "evil.example", 403},
		{"127.0.0.1:1", "localhost.evil.example", 403},
		{"127.0.0.1:1", "127.0.0.1.evil.example", 403},
		{"127.0.0.1:1", "", 403},
		{"127.0.0.1:1", "192.0.2.1", 403},
		{"@", "localhost", 403},
	} {
		w := ask(t, page, http.MethodGet, "/", func(r *http.Request) { r.RemoteAddr, r.Host = test.from, test.host })
		require.Equal(t, test.status, w.Code, "%s at %s", test.from, test.host)
	}
}

// The header counts only if the proxy has sent it, once.
func TestSecurity_proxy(t *testing.T) {
	t.Parallel()
	from := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		from    []netip.Prefix
		address string
		users   []string
		status  int
	}{
		{nil, "127.0.0.1:1", []string{"wang.lan"}, 200},
		{nil, "10.1.1.1:1", []string{"wang.lan"}, 403},
		{from, "10.1.1.1:1", []string{"wang.lan"}, 200},
		{from, "[::ffff:10.1.1.1]:1", []string{"wang.lan"}, 200},
		{from, "127.0.0.1:1", []string{"wang.lan"}, 403},
		{from, "10.1.1.1:1", nil, 403},
		{from, "10.1.1.1:1", []string{" "}, 403},
		{from, "10.1.1.1:1", []string{"evil", "wang.lan"}, 403},
		{from, "nonsense", []string{"wang.lan"}, 403},
	} {
		page, err := console.New(console.Config{Host: &fakeHost{}, Proxy: &console.Proxy{Header: "X-Forwarded-User", From: test.from}})
		require.NoError(t, err)
		w := ask(t, page, http.MethodGet, "/", func(r *http.Request) {
			r.RemoteAddr, r.Host, r.Header["X-Forwarded-User"] = test.address, "sync.example.com", test.users
		})
		require.Equal(t, test.status, w.Code, "%v %s %q", test.from, test.address, test.users)
	}
}

// Another site cannot make a browser decide.
func TestSecurity_otherSite(t *testing.T) {
	t.Parallel()
	host := &fakeHost{plan: &orgsync.Plan{}}
	page, err := console.New(console.Config{Host: host, User: "ops", Password: "right"})
	require.NoError(t, err)
	for name, edit := range map[string]func(*http.Request){
		"by fetch metadata": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"from a sibling":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"by its origin":     func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"without an origin": func(r *http.Request) { r.Header.Set("Origin", "null") },
		"from another port": func(r *http.Request) { r.Header.Set("Origin", "http://localhost:81") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/plan", "/decide", "/language"} {
				w := ask(t, page, http.MethodPost, path, func(r *http.Request) { r.SetBasicAuth("ops", "right"); edit(r) })
				require.Equal(t, http.StatusForbidden, w.Code, path)
			}
			require.Empty(t, host.planned)
		})
	}
}

// Only POST changes anything.
func TestSecurity_methods(t *testing.T) {
	t.Parallel()
	host := &fakeHost{plan: &orgsync.Plan{}}
	page, err := console.New(console.Config{Host: host})
	require.NoError(t, err)
	for _, path := range []string{"/plan", "/decide", "/language", "/sandbox"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			require.GreaterOrEqual(t, ask(t, page, method, path, nil).Code, 400, "%s %s", method, path)
		}
	}
	require.Empty(t, host.planned)
	w := ask(t, page, http.MethodPost, "/decide", func(r *http.Request) {
		r.Body = http.NoBody
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	require.Equal(t, http.StatusConflict, w.Code)
	large := strings.NewReader("by=" + strings.Repeat("x", 64<<10))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/decide", large)
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	page.ServeHTTP(w, r)
	require.Equal(t, http.StatusBadRequest, w.Code, "a form that is too large")
}

// Every answer, of refusals too, forbids what the page does not need.
func TestSecurity_headers(t *testing.T) {
	t.Parallel()
	c, _ := openSandbox(t, nil)
	c.plan()
	for _, path := range everyPath() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+path, nil)
		require.NoError(t, err)
		answer, err := c.http.Do(r)
		require.NoError(t, err)
		h := answer.Header
		if path == "/live" {
			line, err := bufio.NewReader(answer.Body).ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, line, "event: ")
		}
		require.NoError(t, answer.Body.Close())
		require.Equal(t, "no-store", h.Get("Cache-Control"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			require.Contains(t, h.Get("Content-Security-Policy"), directive, path)
		}
		require.NotContains(t, h.Get("Content-Security-Policy"), "unsafe", path)
	}
}

// Pages have no script or style of their own, and nothing from elsewhere.
func TestSecurity_nothingInline(t *testing.T) {
	t.Parallel()
	c, _ := openSandbox(t, nil)
	c.plan()
	for _, path := range []string{"/", "/?at=D110", "/runs", "/run?id=1", "/list?what=notes", "/nowhere"} {
		_, text := c.get(path)
		require.NotRegexp(t, `(?i)<[^>]*\s(style|on[a-z]+)\s*=`, text, path)
		require.NotRegexp(t, `(?i)<style|javascript:`, text, path)
		require.Empty(t, regexp.MustCompile(`(?:src|href|action)="(?:https?:|//)[^"]*"`).FindAllString(text, -1), path)
		require.Equal(t, 1, strings.Count(text, "<script"), path)
		require.Regexp(t, `<script src="assets/[0-9a-f]+/console.js" defer></script>`, text, path)
	}
}
