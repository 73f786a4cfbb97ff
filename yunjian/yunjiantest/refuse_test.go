package yunjiantest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
)

// resCode is a String with getSession and an Integer with userSyn.
func TestRefuse(t *testing.T) {
	t.Parallel()
	s := server(t)
	for _, op := range yunjiantest.Operations() {
		s.Inject(yunjiantest.Refuse(yunjiantest.CodeCredentials, "密钥错误").On(op))
	}
	status, answer := post(t, s, s.SessionURL(), js, login(nil))
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"resCode":"20002","resMsg":"密钥错误","sessionId":"","timeLimit":null}`, answer)
	status, answer = post(t, s, s.SyncURL(), js, body(session(t, s), "[]"))
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"resCode":20002,"resMsg":"密钥错误","data":[]}`, answer)
	assert.Empty(t, s.Pending())
}
