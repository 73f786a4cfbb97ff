package tuzhantest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
)

// Code and errorCode come in the pairs that the vendor lists.
func TestRefuse(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for code, errorCode := range map[string]string{
		"100100": "APPID_SECRET_ERROR", "100200": "TOKEN_ERROR", "100300": "AUTHCODE_ERROR", "999": "PARAM_ERROR",
	} {
		c.Inject(tuzhantest.Refuse(code, "授权码错误").On(tuzhantest.OpDepartments))
		status, text := c.send(http.MethodPost, deptPath, "application/json", "{}")
		assert.Equal(t, http.StatusOK, status)
		assert.JSONEq(t, `{"code":"`+code+`","errorCode":"`+errorCode+`","msg":"授权码错误","data":null}`, text)
	}
	assert.Empty(t, c.Pending())
}
