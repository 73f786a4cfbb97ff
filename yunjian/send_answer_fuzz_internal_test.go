package yunjian

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/orgbridge/orgbridge/internal/batch"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// What no endpoint should answer may fail, but not count as a success that it
// does not state.
func FuzzReadResult(f *testing.F) {
	for _, name := range []string{"push_answer_partial.json", "push_answer_success.json"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(`{"resCode":"10000","data":null}`)
	f.Add(`{"resCode":20001,"resMsg":{},"data":"x"}`)
	f.Add(`{"resCode":"10000","resMsg":"success","sessionId":"s","timeLimit":"1618708800000"}`)
	users := []User{{UserNo: "91228"}, {UserNo: "91229"}, {UserID: Set(int64(7))}}
	f.Fuzz(func(t *testing.T, body string) {
		if session, err := readSession([]byte(body), time.Unix(0, 0)); (err == nil) == session.IsZero() {
			t.Fatal("a session or an error")
		}
		rows, err := readRows([]byte(body))
		if err != nil {
			return
		}
		failures := false
		for _, row := range rows {
			failures = failures || !row.done()
		}
		verdicts, _ := join(batch.Index(users), rows)
		if len(verdicts) != len(users) && len(rows) > 0 {
			t.Fatal("a verdict for every user")
		}
		some := false
		for _, v := range verdicts {
			some = some || v.failed || v.err != nil
		}
		if failures != some {
			// Every user may have been named, and a failure be somebody else's.
			for _, v := range verdicts {
				if !v.mentioned {
					t.Fatal("a failure was lost")
				}
			}
		}
	})
}

// A body that an attempt was given does not change for the next one.
func TestBodyForAnotherSession(t *testing.T) {
	t.Parallel()
	c := &Client{config: Config{Account: "a\"b", UserNo: "U1"}}
	users := []User{{UserNo: "1", FullName: "张三", Mobile: "13800000001"}, {UserID: Set(int64(7)), FullName: "李四", Mobile: "13800000002"}}
	for _, first := range []string{"", "s-1", strings.Repeat("长\"", 2000)} {
		b, err := c.newBody(batch.Index(users))
		if err != nil {
			t.Fatal(err)
		}
		given := b.with(first)
		kept := string(given)
		if kept != wholeBody(t, c, first, users) || string(b.with(first)) != kept {
			t.Fatal(kept)
		}
		if next := string(b.with("s-2")); next != wholeBody(t, c, "s-2", users) {
			t.Fatal(next)
		}
		if string(given) != kept {
			t.Fatal("the first attempt's body changed")
		}
		b.buffer.Release()
	}
}

func wholeBody(t *testing.T, c *Client, session string, users []User) string {
	t.Helper()
	text, err := wire.Encode(struct {
		UserNo    string `json:"userNo"`
		Account   string `json:"account"`
		SessionID string `json:"sessionId,omitempty"`
		Data      []User `json:"data"`
	}{c.config.UserNo, c.config.Account, session, users})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
