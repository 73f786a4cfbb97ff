package readme_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/notify"
)

// robot takes a message and says that all is well.
type robot struct{ text string }

func (r *robot) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var sent struct {
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	r.text = sent.Text.Content
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: request}
	answer.Body = io.NopCloser(strings.NewReader(`{"errcode":0,"errmsg":"ok"}`))
	return answer, nil
}

// The message that both READMEs show is one that a group gets, line by line, but for the
// end of the digest.
func TestAlarm(t *testing.T) {
	t.Parallel()
	group := &robot{}
	n, err := notify.New("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1", "", notify.WithHTTPClient(&http.Client{Transport: group}))
	require.NoError(t, err)
	digest := "5e2f" + strings.Repeat("0", 60)
	violations := []orgsync.Violation{{Kind: orgsync.KindPeople, Target: "tuzhan", Planned: 60, Of: 400, Allowed: 20}}
	require.NoError(t, notify.NewAlarms(notify.AlarmsConfig{Notifier: n}).After(t.Context(), notify.Run{
		Report: &orgsync.Report{Tenant: "10000001", Digest: digest, Guard: violations},
		Err:    &orgsync.GuardError{Digest: digest, Violations: violations}, Exit: notify.ExitGuarded,
	}))
	got := strings.Split(strings.ReplaceAll(group.text, digest, "5e2f…"), "\n")
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile("../../" + name)
		require.NoError(t, err)
		_, rest, found := strings.Cut(string(text), "```\n组织同步 需要审批\n")
		require.True(t, found, name)
		shown, _, _ := strings.Cut(rest, "\n```")
		for line := range strings.SplitSeq(shown, "\n") {
			assert.Contains(t, got, line, name)
		}
	}
}
