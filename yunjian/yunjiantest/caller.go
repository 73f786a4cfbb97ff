package yunjiantest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/yunjian"
)

// CallerConfig says whom a [Caller] calls and how. Account, Secret and SignKey
// are what the endpoint issued, and required. It prints without them.
type CallerConfig struct {
	Handler    http.Handler // is called in memory; without one HTTPClient calls the addresses
	HTTPClient *http.Client // default: a client of its own

	SessionURL string // address or, with a Handler, path; default "/session"
	SyncURL    string // the same, default "/users"

	Account, Secret, SignKey string

	Shape Shape            // default SampleShape
	Now   func() time.Time // stamps logins; default time.Now
}

// LogValue shows the account.
func (c CallerConfig) LogValue() slog.Value {
	return slog.GroupValue(slog.String("account", c.Account))
}

// Format prints what LogValue lists, whatever the verb.
func (c CallerConfig) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunjiantest.CallerConfig", c.LogValue())
}

// Caller plays 云简: it gets a session when it has none and pushes users. It is
// safe for concurrent use.
type Caller struct {
	config CallerConfig

	mu      sync.Mutex
	session string
	ends    time.Time
	login   []byte // the last one that was answered with a session
	faults  []CallerFault
}

// NewCaller returns a caller that has no session yet.
func NewCaller(config CallerConfig) *Caller {
	if config.SessionURL == "" {
		config.SessionURL = sessionPath
	}
	if config.SyncURL == "" {
		config.SyncURL = syncPath
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{}
	}
	return &Caller{config: config}
}

// LogValue shows the account.
func (c *Caller) LogValue() slog.Value { return c.config.LogValue() }

// Format prints what LogValue lists, whatever the verb.
func (c *Caller) Format(f fmt.State, _ rune) { redact.Format(f, "yunjiantest.Caller", c.LogValue()) }

// RefusedError is an answer whose resCode is not 10000.
type RefusedError struct {
	Op     string // OpGetSession or OpSyncUsers
	Status int    // HTTP status
	Code   string // resCode
}

// Error names call, status and code.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused: HTTP %d, resCode %s", e.Op, e.Status, e.Code)
}

// Login gets a session, whether or not there is one. The answer has to be
// as documented: resCode a String, timeLimit the end of the session in
// milliseconds.
func (c *Caller) Login(ctx context.Context) error {
	o := c.strike(ctx, OpGetSession)
	request := map[string]any{
		"account": c.config.Account, "secret": c.config.Secret, "timestamp": o.stamp.UnixMilli(),
		"platform": "tmc", "source": "tmc", "userNo": applicant,
	}
	unsigned, err := json.Marshal(request)
	if err != nil {
		return err
	}
	sign := signature(unsigned, c.config.SignKey)
	if o.sign != nil {
		sign = o.sign(sign)
	}
	request["sign"] = sign
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	body = o.changed(body)
	status, answer, err := c.send(o, c.config.SessionURL, body)
	if err != nil {
		return err
	}
	session, ends, err := readSession(status, answer, c.config.Now())
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.ends, c.login = session, ends, body
	return nil
}

// readSession holds an answer against the page.
func readSession(status int, answer []byte, now time.Time) (session string, ends time.Time, err error) {
	var a struct {
		ResCode   *string `json:"resCode"`
		ResMsg    *string `json:"resMsg"`
		SessionID string  `json:"sessionId"`
		TimeLimit int64   `json:"timeLimit"`
	}
	if err := simkit.StrictJSON(answer, &a); err != nil {
		return "", ends, fmt.Errorf("%s: answer: %w", OpGetSession, err)
	}
	ends = time.UnixMilli(a.TimeLimit)
	switch {
	case a.ResCode == nil || a.ResMsg == nil:
		return "", ends, errors.New(OpGetSession + ": answer without resCode or resMsg")
	case *a.ResCode != strconv.Itoa(CodeOK):
		return "", ends, &RefusedError{Op: OpGetSession, Status: status, Code: *a.ResCode}
	case status != http.StatusOK:
		return "", ends, fmt.Errorf("%s: success with HTTP %d", OpGetSession, status)
	case a.SessionID == "":
		return "", ends, errors.New(OpGetSession + ": answer without sessionId")
	case !ends.After(now):
		return "", ends, errors.New(OpGetSession + ": timeLimit is not an instant in the future, in milliseconds")
	}
	return a.SessionID, ends, nil
}

// SetSession makes the next pushes use that session, to see it refused.
func (c *Caller) SetSession(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.ends = id, c.config.Now().Add(time.Hour)
}

// Push sends users in the shape of the configuration and returns the checked
// answer. It logs in first if it has no session that is good until now. The
// error is a *[RefusedError], or says what in the answer is not as documented.
func (c *Caller) Push(ctx context.Context, users ...yunjian.User) (Answer, error) {
	data, err := c.config.Shape.rows(users)
	if err != nil {
		return Answer{}, err
	}
	return c.PushJSON(ctx, data)
}

// PushJSON is Push for rows in any shape: data is the list as it is sent.
func (c *Caller) PushJSON(ctx context.Context, data json.RawMessage) (Answer, error) {
	session, err := c.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	body, err := c.config.Shape.envelope(c.config.Account, session, data)
	if err != nil {
		return Answer{}, err
	}
	o := c.strike(ctx, OpSyncUsers)
	status, answer, err := c.send(o, c.config.SyncURL, o.changed(body))
	if err != nil {
		return Answer{}, err
	}
	return readAnswer(status, answer, data)
}

func (c *Caller) current(ctx context.Context) (string, error) {
	c.mu.Lock()
	session, ends := c.session, c.ends
	c.mu.Unlock()
	if session != "" && c.config.Now().Before(ends) {
		return session, nil
	}
	if err := c.Login(ctx); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, nil
}

var errAddress = errors.New("the address cannot be called")

// send sends a body and reads the JSON that comes back.
func (c *Caller) send(o *outgoing, address string, body []byte) (status int, answer []byte, err error) {
	for range 1 + o.repeated {
		if status, answer, err = c.post(o, address, body); err != nil {
			return 0, nil, err
		}
	}
	return status, answer, nil
}

func (c *Caller) post(o *outgoing, address string, body []byte) (status int, answer []byte, err error) {
	r, err := o.request(address, body)
	if err != nil {
		return 0, nil, err
	}
	resp, err := c.do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	if err := simkit.RequireJSON(&http.Request{Header: resp.Header}); err != nil {
		return 0, nil, fmt.Errorf("answer: %w (HTTP %d)", err, resp.StatusCode)
	}
	return resp.StatusCode, answer, nil
}

// do makes one request.
func (c *Caller) do(r *http.Request) (*http.Response, error) {
	if c.config.Handler == nil {
		return c.config.HTTPClient.Do(r)
	}
	w := httptest.NewRecorder()
	c.config.Handler.ServeHTTP(w, r)
	return w.Result(), nil
}
