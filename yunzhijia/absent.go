package yunzhijia

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// notFound is the failure of a call that the vendor answered without a record.
func (r *request) notFound() error {
	return &Error{
		Vendor: vendor, Op: r.op.Name, HTTPStatus: http.StatusOK, Attempts: r.attempts, Err: ErrNotFound,
	}
}

// Words of a refusal for want of a record. No code for it is documented, so the text
// decides, and only one that names what was asked for: a team, an app or a token
// that does not exist says nothing about anybody's absence.
var (
	absencePhrases = []string{
		"不存在", "未找到", "找不到", "没找到", "没有找到", "查无", "查不到", "查询不到", "未查到", "未查询到",
		"没有该", "没有此", "无该", "无此", "not exist", "not found", "no such",
	}
	personNouns     = []string{"人员", "员工", "成员", "用户", "openid", "person", "user"}
	departmentNouns = []string{"部门", "组织", "org", "department"}
	otherNouns      = []string{"token", "appid", "eid", "secret"}
)

// absentOr gives a refusal that says that there is no such record the sentinel
// that an answer without one has.
func absentOr(err error, nouns []string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Err != nil || e.HTTPStatus != http.StatusOK {
		return err
	}
	text := strings.ToLower(e.Message)
	says := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	if !says(absencePhrases) || !says(nouns) || says(otherNouns) {
		return err
	}
	absent := *e
	absent.Err = ErrNotFound
	return &absent
}
