package console_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// english finds three Latin words in a row. Ids, which have digits, and calls, which have
// slashes and dashes, are none.
var english = regexp.MustCompile(`(?:^|[^\w/-])([A-Za-z][a-z']+[ ,.:;]+[A-Za-z][a-z']*[ ,.:;]+[A-Za-z][a-z']+)(?:$|[^\w/-])`)

// requireChinese fails if a page says something in English.
func requireChinese(t *testing.T, page string) {
	t.Helper()
	page = regexp.MustCompile(`(?s)<head>.*?</head>|<style>.*?</style>`).ReplaceAllString(page, "")
	for _, text := range regexp.MustCompile(`(?:title|aria-label)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		assert.Empty(t, english.FindString(text[1]))
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "\n")
	require.NotEmpty(t, strings.TrimSpace(text))
	for line := range strings.Lines(text) {
		assert.Empty(t, english.FindString(line), line)
	}
}

// chineseWorld is an engine over simulators, and its page for a reader of Chinese.
type chineseWorld struct {
	*client

	team   *yunzhijiatest.Server
	tuzhan *tuzhantest.Server

	mu    sync.Mutex
	later time.Duration
}

func (w *chineseWorld) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.later)
}

func (w *chineseWorld) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.later += d
}

func newChineseWorld(t *testing.T, source ...yunzhijiatest.Option) *chineseWorld {
	t.Helper()
	w := &chineseWorld{}
	w.team = yunzhijiatest.NewInMemory(append(source, yunzhijiatest.Seed(8, 120), yunzhijiatest.WithClock(w.now))...)
	care, travel := aiguanhuaitest.NewInMemory(), yunjiantest.NewInMemory()
	w.tuzhan = tuzhantest.NewInMemory()
	reads, err := yunzhijia.New(w.team.Config(), yunzhijia.WithHTTPClient(w.team.HTTPClient()), yunzhijia.WithClock(w.now),
		yunzhijia.WithLimiter(rate.NewLimiter(rate.Inf, 0)), yunzhijia.WithRetry(1, time.Millisecond))
	require.NoError(t, err)
	cares, err := aiguanhuai.New(care.Config(), aiguanhuai.WithHTTPClient(care.HTTPClient()))
	require.NoError(t, err)
	markets, err := tuzhan.New(w.tuzhan.Config(), tuzhan.WithHTTPClient(w.tuzhan.HTTPClient()), tuzhan.WithRetry(1, time.Millisecond))
	require.NoError(t, err)
	travels, err := yunjian.New(travel.Config(), yunjian.WithHTTPClient(travel.HTTPClient()))
	require.NoError(t, err)
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: reads}, Store: orgsync.NewMemoryStore(),
		Targets: []orgsync.Target{&orgsync.AiguanhuaiTarget{Client: cares}, &orgsync.TuzhanTarget{Client: markets}, &orgsync.YunjianTarget{Client: travels}},
	}, orgsync.WithClock(w.now))
	require.NoError(t, err)
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: "acme", Now: w.now})
	require.NoError(t, err)
	w.client = open(t, console.Config{Host: runner, Now: w.now})
	w.edit = func(r *http.Request) { r.Header.Set("Accept-Language", "zh-CN,zh;q=0.9") }
	t.Cleanup(func() { w.team.Close(); care.Close(); w.tuzhan.Close(); travel.Close() })
	return w
}

// planned makes a plan, and returns its page, which is in Chinese.
func (w *chineseWorld) planned(fields ...string) string {
	w.t.Helper()
	status, _ := w.post("/plan", fields...)
	require.Equal(w.t, http.StatusSeeOther, status)
	return w.chinese(w.idle())
}

func (w *chineseWorld) chinese(page string) string {
	w.t.Helper()
	requireChinese(w.t, page)
	return page
}

// decided decides about the newest plan, and returns the page of the report.
func (w *chineseWorld) decided(verdict console.Verdict) (page, report string) {
	w.t.Helper()
	text := w.idle()
	w.decide(value(w.t, text, "plan"), value(w.t, text, "digest"), verdict)
	page = w.chinese(w.idle())
	found := regexp.MustCompile(`href="(run\?id=\d+)"`).FindStringSubmatch(page)
	require.NotNil(w.t, found, page)
	_, report = w.get("/" + found[1])
	return page, w.chinese(report)
}

func (w *chineseWorld) leave(n int) {
	left := 0
	for _, p := range w.team.People() {
		if p.Status == yunzhijia.StatusActive && left < n {
			w.team.Leave(p.OpenID)
			left++
		}
	}
}

// Nothing that the engine has to say is said in English to a reader of Chinese.
func TestChinesePages(t *testing.T) {
	t.Parallel()
	w := newChineseWorld(t, yunzhijiatest.WithContacts())
	requireChinese(t, w.idle())
	people := w.team.People()
	change := func(i int, change func(p *yunzhijia.Person)) {
		w.team.UpdatePerson(people[len(people)-i].OpenID, change)
	}
	change(1, func(p *yunzhijia.Person) { p.Phone = "" })
	change(2, func(p *yunzhijia.Person) { p.Status = "7" })
	change(3, func(p *yunzhijia.Person) { p.OrgID = "org-none" })
	change(4, func(p *yunzhijia.Person) { p.JobNo = people[len(people)-5].JobNo })
	change(7, func(p *yunzhijia.Person) { p.Name = "" })
	plan := w.planned()
	assert.Contains(t, plan, "首次运行")
	assert.Contains(t, plan, "手机号：必填，但未知或为空")
	assert.Contains(t, plan, "状态未知")
	w.tuzhan.RefuseRecord(people[5].OpenID, "手机号格式错误")
	_, report := w.decided(console.Apply)
	assert.Contains(t, report, "手机号格式错误")
	assert.Contains(t, report, "目标 tuzhan 未完成")

	w.leave(70)
	plan = w.planned()
	assert.Contains(t, plan, "护栏有异议")
	page, report := w.decided(console.Hold)
	assert.Contains(t, page, "已暂缓")
	assert.Contains(t, report, "等待批准：移除人员")

	// It is approved, 兔展 is down, and a week later the approval has run out.
	w.planned("full", "1")
	w.tuzhan.Inject(tuzhantest.Status(503).Always())
	page, report = w.decided(console.Approve)
	assert.Contains(t, page, "已批准")
	assert.Contains(t, report, "此前的运行留下")
	assert.Regexp(t, `(服务不可用|结果未知)（tuzhan [a-zA-Z/ ]+，HTTP 503）`, report)
	w.tuzhan.ClearFaults()
	w.pass(8 * 24 * time.Hour)
	assert.Contains(t, w.planned(), "护栏有异议", "the approval has expired")

	w.team.Inject(yunzhijiatest.Status(500).Always())
	assert.Contains(t, w.planned("full", "1"), "来源 yunzhijia 读取失败")
	_, runs := w.get("/runs")
	requireChinese(t, runs)
}

// A target that holds no one is a failure, which is told in Chinese.
func TestChineseCoverage(t *testing.T) {
	t.Parallel()
	w := newChineseWorld(t) // without phones, which two targets demand
	w.planned()
	page, report := w.decided(console.Apply)
	assert.Contains(t, page, "目标 tuzhan 中没有任何人员（范围内 120 人，可推送 0 人）")
	assert.Contains(t, report, "目标 yunjian 中没有任何人员")
}

// Every code of the engine has a text in Chinese, without an English word that is not an
// argument, and every fixed reason is translated.
func TestChineseRemarks(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../remark.go", nil, 0)
	require.NoError(t, err)
	codes := 0
	for _, declared := range file.Decls {
		constants, is := declared.(*ast.GenDecl)
		if !is || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			code, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			args := []string{"people", "refused", "x1", "x2", "x3", "x4", "x5", "x6", "x7"}
			text := console.RemarkIn("zh", orgsync.Remark{Code: orgsync.RemarkCode(code), Args: args})
			assert.NotEmpty(t, text, code)
			assert.NotContains(t, text, "{", code)
			assert.NotContains(t, text, "kind ", code)
			console.RemarkIn("zh", orgsync.Remark{Code: orgsync.RemarkCode(code)}) // of a later version, with fewer
			codes++
		}
	}
	assert.Greater(t, codes, 70)

	reasons := regexp.MustCompile(`(?:Refuse\([^\n"]*|Reason: |reasonRequired = |const reason = |EntityPerson, p\.ID, "id", )"([^"]+)"\)?`)
	found := 0
	for _, pattern := range []string{"../../*.go", "../enrich.go", "../read.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, reason := range reasons.FindAllStringSubmatch(string(text), -1) {
				got := console.RemarkIn("zh", orgsync.Remark{Code: orgsync.RemarkField, Args: []string{"mobile", reason[1]}})
				assert.NotContains(t, got, reason[1], name)
				found++
			}
		}
	}
	assert.Greater(t, found, 12)
}
