package notify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Whatever a receiver answers, only an object that says so is a success.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"success":true}`, `{"success":"false","errorCode":1401002,"error":"消息内容太长"}`, `{"errcode":0,"errmsg":"ok"}`, `{"errcode":"93000"}`,
		`{"status":1111,"punish":"deny","wait":600}`, `{"code":0,"StatusCode":1}`, `{"StatusCode":0}`, `{"code":null,"StatusCode":"0"}`,
		`OK`, `OK (not found)`, `{"ok":false,"msg":"x"}`, ``, `null`, `[]`, `[{"errcode":0}]`, `{"errcode":0.0}`, `{"errcode":{}}`, `{"errcode":0`, `<html>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields := map[string]json.RawMessage{}
		isObject := json.Unmarshal(body, &fields) == nil
		says := func(name string, values ...string) bool {
			for key, raw := range fields {
				value := strings.ToLower(strings.TrimSpace(strings.Trim(string(raw), `"`)))
				// A number or text in a strange spelling is left to package wire.
				if strings.EqualFold(key, name) && (slices.Contains(values, value) || strings.ContainsAny(value, `\.+-`) || strings.HasPrefix(value, "0e")) {
					return true
				}
			}
			return false
		}
		for c, success := range map[Channel]func() bool{
			Yunzhijia: func() bool { return says("success", "true", "1", "y", "yes") },
			WeCom:     func() bool { return says("errcode", "0") },
			DingTalk:  func() bool { return says("errcode", "0") },
			Feishu:    func() bool { return says("code", "0") || says("StatusCode", "0") },
		} {
			if c.dialect().read(body) == nil && (!isObject || !success()) {
				t.Errorf("%s takes %q for a success", c, body)
			}
		}
		if err := readPing(body); err == nil && strings.HasPrefix(strings.TrimSpace(string(body)), "OK (") {
			t.Errorf("%q is taken for a sign of life", body)
		}
	})
}
