package yunjian

import (
	"os"
	"testing"
	"time"
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
		rows, err := readResult([]byte(body))
		if err != nil {
			return
		}
		failures := false
		for _, row := range rows {
			failures = failures || !row.done()
		}
		verdicts := join(users, rows)
		if len(verdicts) != len(users) {
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
