package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// The quick snippets of the READMEs, which the tests below compare with these functions.
var (
	_ = quickTuzhan
	_ = quickAiguanhuai
	_ = quickYunjian
	_ = quickYunzhijia
)

func quickTuzhan(ctx context.Context, appID, appSecret string, employees []tuzhan.Employee) error {
	client, err := tuzhan.New(tuzhan.Config{
		Credentials: tuzhan.AppCredentials(appID, appSecret),
	})
	if err != nil {
		return err
	}
	result, err := client.AddEmployees(ctx, employees)
	for _, item := range result.Failed {
		slog.Warn("not taken", "row", item.Index, "err", item.Err)
	}
	return err
}

func quickAiguanhuai(ctx context.Context, baseURL, corpID string, people []aiguanhuai.Person) error {
	client, err := aiguanhuai.New(aiguanhuai.Config{
		BaseURL: baseURL, CorpID: corpID,
	})
	if err != nil {
		return err
	}
	result, err := client.UpdatePeople(ctx, people)
	for _, item := range result.Failed {
		slog.Warn("not taken", "row", item.Index, "err", item.Err)
	}
	return err
}

func quickYunjian(ctx context.Context, usersURL, sessionURL, account, applicant, secret, signKey string, users []yunjian.User) error {
	client, err := yunjian.New(yunjian.Config{
		URL: usersURL, Account: account, UserNo: applicant,
		Session: yunjian.Login(yunjian.LoginConfig{URL: sessionURL, Secret: secret, SignKey: signKey}),
	})
	if err != nil {
		return err
	}
	result, err := client.SyncUsers(ctx, users)
	for _, item := range result.Failed {
		slog.Warn("not taken", "row", item.Index, "err", item.Err)
	}
	return err
}

func quickYunzhijia(ctx context.Context, eid, appID, appSecret string, since yunzhijia.Cursor, take func(yunzhijia.Person)) error {
	client, err := yunzhijia.New(yunzhijia.Config{
		EID: eid, Credentials: yunzhijia.AppCredentials(appID, appSecret),
	})
	if err != nil {
		return err
	}
	for person, err := range client.PersonFeed(since, yunzhijia.PageOptions{}).Events(ctx) {
		if err != nil {
			return err
		}
		take(person)
	}
	return nil
}

// snippets returns the bodies of the functions above in their order.
func snippets(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("quick_test.go")
	require.NoError(t, err)
	var all []string
	for _, m := range regexp.MustCompile(`(?ms)^func quick\w+\(.*?\{\n(.*?)^\}`).FindAllStringSubmatch(string(source), -1) {
		all = append(all, strings.ReplaceAll("\n"+m[1], "\n\t", "\n")[1:])
	}
	require.Len(t, all, 4)
	return all
}

// A reader who knows one client writes the next one without its docs: apart from the vendor's
// words, what is in the Config and what the records are called, pushing is the same text, and
// reading begins like it.
func TestQuickSnippetsDifferInTheVendorsWords(t *testing.T) {
	t.Parallel()
	vendor := regexp.MustCompile(`tuzhan|aiguanhuai|yunjian|yunzhijia`)
	config := regexp.MustCompile(`(?s)\.Config\{\n.*?\n\}\)`)
	push := regexp.MustCompile(`client\.\w+\(ctx, \w+\)`)
	var plain []string
	for _, text := range snippets(t) {
		text = config.ReplaceAllString(text, ".Config{…})")
		text = vendor.ReplaceAllString(text, "VENDOR")
		plain = append(plain, push.ReplaceAllString(text, "client.PUSH(ctx, records)"))
	}
	assert.Equal(t, plain[0], plain[1])
	assert.Equal(t, plain[0], plain[2])
	head, _, ok := strings.Cut(plain[0], "result, err :=")
	assert.True(t, ok)
	assert.True(t, strings.HasPrefix(plain[3], head), plain[3])
}

func TestQuickSnippetsAreInTheREADMEs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		for i, snippet := range snippets(t) {
			assert.Contains(t, string(text), "```go\n"+snippet+"```\n", "%s, snippet %d", name, i)
		}
	}
}
