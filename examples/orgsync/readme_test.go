package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// readmes are the texts that tell of the program.
func readmes(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, path := range []string{"../../README.md", "../../README.zh-CN.md", "README.md"} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		texts[path] = string(text)
	}
	return texts
}

// known returns the flags that the program takes, those of its verbs included.
func knownFlags(t *testing.T) []string {
	t.Helper()
	var help bytes.Buffer
	require.ErrorIs(t, func() error { o := &output{stderr: &help}; _, err := o.parse([]string{"-help"}); return err }(), flag.ErrHelp)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(help.String(), -1) {
		names = append(names, m[1])
	}
	require.Contains(t, names, "-dry-run")
	return append(names, "-help")
}

// What the READMEs name is there: flags, verbs, variables, paths and links.
func TestREADMEsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	flags, variables := knownFlags(t), variables(func(variable) bool { return true })
	secret := func(name string) bool {
		for _, s := range sections() {
			for _, v := range s.Variables {
				if v.Name == name && v.Secret {
					return true
				}
			}
		}
		return false
	}
	var fleet string // what the program for many tenants reads
	sources, err := filepath.Glob("../orgsync-fleet/*.go")
	require.NoError(t, err)
	for _, source := range sources {
		text, err := os.ReadFile(source) // #nosec G304 -- of this repository
		require.NoError(t, err)
		fleet += string(text)
	}
	require.NotEmpty(t, fleet)
	command := regexp.MustCompile("(?m)(?:^|[`$;] ?|go run \\./examples/)orgsync((?: [-a-zA-Z0-9_./]+)*)")
	for path, text := range readmes(t) {
		commands := 0
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(m[1])
			for i, word := range words {
				switch {
				case strings.HasPrefix(word, "-"):
					assert.Contains(t, flags, word, "%s: %s", path, m[0])
					commands++
				case i == 0 && word == strings.ToLower(word) && !strings.ContainsAny(word, "./"):
					assert.Contains(t, []string{"serve", "status", "version"}, word, "%s: %s", path, m[0])
					commands++
				}
			}
		}
		assert.Greater(t, commands, 2, path)
		for _, m := range regexp.MustCompile("`(-[a-z][a-z-]+)(?: [A-Za-z]+)?`").FindAllStringSubmatch(text, -1) {
			if !slices.Contains([]string{"-people", "-source"}, m[1]) { // of internal/wholesync
				assert.Contains(t, flags, m[1], path)
			}
		}
		names := 0
		for _, name := range regexp.MustCompile(`\b(?:ORGSYNC|TUZHAN|YUNZHIJIA|YUNJIAN|AIGUANHUAI)_[A-Z_]+\b`).FindAllString(text, -1) {
			if short, is := strings.CutSuffix(name, fileSuffix); is && !slices.Contains(variables, name) {
				assert.True(t, secret(short), "%s: %s", path, name)
				continue
			}
			if !slices.Contains(variables, name) && strings.Contains(fleet, name) {
				continue
			}
			assert.Contains(t, variables, name, path)
			names++
		}
		assert.Greater(t, names, 20, path)
		dir := filepath.Dir(path)
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") {
				_, err := os.Stat(filepath.Join(dir, m[1]))
				assert.NoError(t, err, "%s: %s", path, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`go run (\./[a-z/-]+)`).FindAllStringSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join("../..", m[1], "main.go"))
			assert.NoError(t, err, "%s: %s", path, m[1])
		}
	}
}

// Each row of the settings in both READMEs of the library is about settings that the
// program reads, and no setting of the vendors is left out.
func TestREADMEsNameAllVendorSettings(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text := readmes(t)[path]
		for _, name := range variables(func(v variable) bool { return v.Vendor }) {
			assert.Contains(t, text, "`"+name+"`", path)
		}
		for _, name := range []string{stateVariable, stateKeyVariable, rosterVariable, notifyVariable, notifySecretVariable, heartbeatVariable} {
			assert.Contains(t, text, "`"+name+"`", path)
		}
	}
}

// The exit statuses are those of the program, in the same order, and no others.
func TestREADMEsNameAllStatuses(t *testing.T) {
	t.Parallel()
	want := []int{statusDone, statusFailed, statusUsage, statusGuarded, statusLocked, statusInterrupted}
	for path, text := range readmes(t) {
		var got []int
		for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \| `).FindAllStringSubmatch(text, -1) {
			status, err := strconv.Atoi(m[1])
			require.NoError(t, err)
			got = append(got, status)
		}
		assert.Equal(t, want, got, path)
	}
	statuses := map[int]error{
		statusGuarded: &orgsync.GuardError{}, statusLocked: orgsync.ErrLocked, statusUsage: &orgsync.ConfigError{},
		statusFailed: errors.New("another"), statusDone: nil,
	}
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		assert.Equal(t, status, exitStatus(t.Context(), &orgsync.Report{}, statuses[status], false))
	}
}

// The addresses of robots are told apart as the table of receivers says.
func TestREADMEsTellRobotsApart(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../../README.md", "../../README.zh-CN.md"} {
		found := 0
		for _, m := range regexp.MustCompile("(?m)^\\| ([^|]+) \\| `(…?/?[^`]+=…|https://open.feishu[^`]+)` \\|").FindAllStringSubmatch(readmes(t)[path], -1) {
			address := strings.Replace(m[2], "…/", "https://im.example.com/", 1)
			n, err := notify.New(strings.ReplaceAll(address, "…", "x1"), "")
			require.NoError(t, err, m[2])
			want := map[string]notify.Channel{"云之家": notify.Yunzhijia, "企业微": notify.WeCom, "钉钉 ": notify.DingTalk, "飞书,": notify.Feishu, "飞书、": notify.Feishu, "飞书": notify.Feishu}
			channel, known := want[string([]rune(m[1] + "   ")[:3])]
			if !known {
				channel = want[string([]rune(m[1])[:2])]
			}
			assert.Equal(t, channel, n.Channel(), m[0])
			found++
		}
		assert.Equal(t, 4, found, path)
	}
}

// A robot that refuses, and a heartbeat that is not taken, do not change what a run was.
func TestUndeliveredAlarmsChangeNoStatus(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"errcode":93000,"errmsg":"invalid webhook url"}`)
			return
		}
		http.NotFound(w, r)
	}))
	defer receiver.Close()
	w := contacts(t, 5, 60)
	w.env[notifyVariable] = receiver.URL + "/cgi-bin/webhook/send?key=robot-canary"
	w.env[heartbeatVariable] = receiver.URL + "/beat-canary"
	good := w.sync(t)
	assert.Equal(t, statusDone, good.status)
	assert.Equal(t, "/beat-canary", <-asked)
	for i := range 40 {
		w.source.Leave(person(i + 1))
	}
	stopped := w.sync(t)
	assert.Equal(t, statusGuarded, stopped.status)
	assert.Equal(t, "/cgi-bin/webhook/send", <-asked)
	assert.Contains(t, stopped.stderr, "93000")
	assert.NotContains(t, good.stderr+stopped.stderr+stopped.stdout, "canary")
}

// The limits that the READMEs name are those of the engine.
func TestREADMEsNameTheLimits(t *testing.T) {
	t.Parallel()
	limits := orgsync.DefaultLimits()
	for path, numbers := range map[string][]string{
		"../../README.md": {
			"5 % of the people may go within 24 hours (10 at least, 100 at most), half of any one branch, and 10 % of the\ndepartments",
			"20 % may be created or change name, mobile or key (50 at least, 1,000 at most)", "shrunk by 20 %",
		},
	} {
		for _, n := range numbers {
			assert.Contains(t, readmes(t)[path], n)
		}
	}
	assert.Equal(t, orgsync.Limit{Absolute: 100, Share: 0.05, Small: 10}, limits.People)
	assert.InDelta(t, 0.5, limits.Subtree.Share, 0)
	assert.InDelta(t, 0.1, limits.Departments.Share, 0)
	assert.Equal(t, orgsync.Limit{Absolute: 1000, Share: 0.2, Small: 50}, limits.Created)
	assert.Equal(t, limits.Created, limits.Changed)
	assert.InDelta(t, 0.2, limits.Scope.Share, 0)
}
