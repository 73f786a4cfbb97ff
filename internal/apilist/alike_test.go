package main

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/internal/simkit"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

var vendors = []string{"aiguanhuai", "tuzhan", "yunjian", "yunzhijia"}

// alike is what every simulator exports. VENDOR stands for the package of the client.
const alike = `
func (s *Server) ClearFaults()
func (s *Server) Client(options ...VENDOR.Option) *VENDOR.Client
func (s *Server) Close()
func (s *Server) Config() VENDOR.Config
func (s *Server) Connections() ConnStats
func (s *Server) Count(op string) int
func (s *Server) HTTPClient() *http.Client
func (s *Server) Inject(faults ...Fault)
func (s *Server) MaxInFlight() int
func (s *Server) Pending() []Fault
func (s *Server) Requests() []Request
func (s *Server) RequestsTo(op string) []Request
func (s *Server) Reset()
func (s *Server) SetLatency(d time.Duration)
func (s *Server) Transport() http.RoundTripper
func (s *Server) URL() string
func Body(status int, contentType, text string) Fault
func CutBody() Fault
func Delay(d time.Duration) Fault
func EmptyBody() Fault
func HTML() Fault
func LoseAnswer() Fault
func MutateBody(change func(body []byte) []byte) Fault
func NewInMemory(options ...Option) *Server
func NewServer(options ...Option) *Server
func Operations() []string
func PadBody(n int) Fault
func RateLimited(wait time.Duration) Fault
func RateLimitedUntil(t time.Time) Fault
func ResetConnection() Fault
func Respond(handler http.HandlerFunc) Fault
func Status(code int) Fault
func TruncateBody() Fault
func WithClock(now func() time.Time) Option
type ConnStats = simkit.ConnStats
type Fault = simkit.Fault
type Option func(*Server)
type Request = simkit.Request
`

// refusals are Refuse in each vendor's words: all of them take a code and a message.
const refusals = `
func Refuse(errno int, message ...string) Fault
func Refuse(code, message string) Fault
func Refuse(resCode int, message string) Fault
func Refuse(code int, message string) Fault
`

func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

// simulators returns what each simulator exports, by vendor.
func simulators(t *testing.T) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	for _, vendor := range vendors {
		text, err := exported(filepath.Join("..", "..", vendor, vendor+"test"))
		require.NoError(t, err)
		all[vendor] = lines(strings.ReplaceAll(text, vendor+".", "VENDOR."))
	}
	return all
}

func TestSimulatorsExportTheSame(t *testing.T) {
	t.Parallel()
	all := simulators(t)
	for i, vendor := range vendors {
		for _, want := range append(lines(alike), lines(refusals)[i]) {
			assert.Contains(t, all[vendor], want, vendor)
		}
	}
}

// One name has one meaning: what several simulators export is the same in all of them, and
// what three have, the fourth has too.
func TestSimulatorsDoNotDrift(t *testing.T) {
	t.Parallel()
	common := append(lines(alike), lines(refusals)...)
	has := make(map[string]map[string][]string) // declarations, by name and vendor
	for vendor, declarations := range simulators(t) {
		for _, d := range declarations {
			if slices.Contains(common, d) || strings.HasPrefix(d, "const ") {
				continue
			}
			name := nameOf(d)
			if has[name] == nil {
				has[name] = make(map[string][]string)
			}
			has[name][d] = append(has[name][d], vendor)
		}
	}
	for name, forms := range has {
		if name == "Server" || strings.HasPrefix(name, "(c *Caller)") {
			continue // a type of its own
		}
		if !assert.Len(t, forms, 1, name) {
			continue
		}
		for _, who := range forms {
			assert.Less(t, len(who), 3, "%s is missing from one simulator, or from the list", name)
		}
	}
}

// nameOf is the name that a declaration gives, with the receiver of a method.
func nameOf(declaration string) string {
	_, rest, _ := strings.Cut(declaration, " ")
	if strings.HasPrefix(rest, "(") {
		receiver, method, _ := strings.Cut(rest, ") ")
		name, _, _ := strings.Cut(method, "(")
		return receiver + ") " + name
	}
	return strings.FieldsFunc(rest, func(r rune) bool { return r == '(' || r == ' ' })[0]
}

var operations = map[string][]string{
	"aiguanhuai": aiguanhuaitest.Operations(),
	"tuzhan":     tuzhantest.Operations(),
	"yunjian":    yunjiantest.Operations(),
	"yunzhijia":  yunzhijiatest.Operations(),
}

// The client that a simulator makes reaches it without a socket, goes by its clock (a sign
// or a stamp of another day is refused), and is told the code of Refuse.
func TestSimulatorsMakeTheirClients(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, time.April, 18, 0, 0, 0, 0, time.UTC)
	codes := map[string]string{"aiguanhuai": "200008", "tuzhan": "100300", "yunjian": "20001", "yunzhijia": "1201030"}
	refuse := map[string]simkit.Fault{
		"aiguanhuai": aiguanhuaitest.Refuse(200008, "不行"),
		"tuzhan":     tuzhantest.Refuse("100300", "不行"),
		"yunjian":    yunjiantest.Refuse(20001, "不行"),
		"yunzhijia":  yunzhijiatest.Refuse(1201030, "不行"),
	}
	for vendor, start := range starts {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ops []string
				s := start(func() time.Time { return at }, func(op string) { ops = append(ops, op) })
				defer s.Close()
				_, _, err := s.call(t.Context())
				require.NoError(t, err)
				require.NoError(t, s.every(t.Context()))
				for i, r := range s.Requests() {
					assert.Equal(t, at, r.At)
					assert.Equal(t, http.StatusOK, r.Status)
					op, _, _ := strings.Cut(ops[i], " ")
					assert.Equal(t, r.Op, op, "a hook and the simulator call an operation the same")
				}
				assert.Len(t, ops, s.Count(""))
				for _, op := range operations[vendor] {
					assert.True(t, s.Count(op) > 0 || vendor == "yunzhijia", "%s was not called", op)
				}
				for _, op := range operations[vendor] { // login and data calls refuse alike
					s.Inject(refuse[vendor].On(op))
				}
				op, code, err := s.call(t.Context())
				assert.ErrorContains(t, err, "不行")
				assert.Equal(t, codes[vendor], code)
				op, _, _ = strings.Cut(op, " ")
				assert.Contains(t, operations[vendor], op)
			})
		})
	}
}

// An option that is wrong ends the test, and says why.
func TestSimulatorsRefuseWrongOptions(t *testing.T) {
	t.Parallel()
	srv := tuzhantest.NewInMemory()
	t.Cleanup(srv.Close)
	assert.PanicsWithValue(t, "simkit: cannot make a client of the simulator: WithAttemptTimeout is not positive", func() {
		srv.Client(tuzhan.WithAttemptTimeout(0))
	})
}

// Operations lists the constants, and what the server knows.
func TestOperationsAreTheConstants(t *testing.T) {
	t.Parallel()
	for vendor, declarations := range simulators(t) {
		constants := make(map[string]string) // by value
		for _, d := range declarations {
			if name, value, ok := strings.Cut(strings.TrimPrefix(d, "const "), " = "); ok && strings.HasPrefix(name, "Op") {
				if strings.HasPrefix(value, `"`) { // else it is the old name of another
					constants[strings.Trim(value, `"`)] = name
				}
			}
		}
		assert.ElementsMatch(t, slices.Collect(maps.Keys(constants)), operations[vendor], vendor)

		s := starts[vendor](time.Now, func(string) {})
		t.Cleanup(s.Close)
		known := fmt.Sprintf("there are %q", slices.Sorted(slices.Values(operations[vendor])))
		assert.PanicsWithValue(t, `simkit: no operation "nope"; `+known, func() { s.RequestsTo("nope") }, vendor)
	}
}
