package readme_test

import (
	"context"
	"log/slog"
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

// The four clients alike. What they lead to is a vendor's own host, so the test only calls
// them with a context that has ended.

func quickTuzhan(ctx context.Context, appID, appSecret string, employees []tuzhan.Employee) error {
	// begin
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
	// end
}

func quickAiguanhuai(ctx context.Context, baseURL, corpID string, people []aiguanhuai.Person) error {
	// begin
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
	// end
}

func quickYunjian(ctx context.Context, usersURL, sessionURL, account, applicant, secret, signKey string, users []yunjian.User) error {
	// begin
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
	// end
}

func quickYunzhijia(ctx context.Context, eid, appID, appSecret string, since yunzhijia.Cursor, take func(yunzhijia.Person)) error {
	// begin
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
	// end
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
	for _, text := range regions(t, "quick_test.go") {
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

func TestQuickSnippetsRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, quickTuzhan(ctx, "app", "secret", []tuzhan.Employee{{
		ThirdUserID: "U001", UserType: tuzhan.UserTypeOfficialAccount, ChannelName: "张三", Phone: "15000000000", ThirdDeptID: "D001", RoleKeys: []tuzhan.RoleKey{tuzhan.RoleEmployee},
	}}), context.Canceled)
	require.ErrorIs(t, quickAiguanhuai(ctx, "https://care.example", "corp", []aiguanhuai.Person{{
		UserID: "u1", Account: "a1", RealName: "张三", Status: aiguanhuai.StatusActive,
	}}), context.Canceled)
	require.ErrorIs(t, quickYunjian(ctx, "https://third.example/users", "https://third.example/session", "account", "U1", "secret", "key",
		[]yunjian.User{{UserNo: "1", FullName: "张三", Mobile: "13800000001"}}), context.Canceled)
	require.ErrorIs(t, quickYunzhijia(ctx, "10001", "500000001", "secret", yunzhijia.Beginning, nil), context.Canceled)
}
