package yunjian

import "errors"

// Reject returns an error whose description 云简 shall see: a Sync function
// returns it for a user it does not take, yunjian.Reject("职级未维护"). Wrapped
// errors count too. Write nothing personal into it.
//
// Every other error answers a fixed neutral text: what a database says about a
// row is not for the outside.
func Reject(description string) error { return &rejection{description} }

type rejection struct{ description string }

func (r *rejection) Error() string { return "rejected: " + r.description }

const (
	descriptionFailed  = "同步失败"
	descriptionAborted = "处理中断,未同步"
)

// describe returns what 云简 is told about err; public is false if that is the
// neutral text.
func describe(err error) (description string, public bool) {
	if r, ok := errors.AsType[*rejection](err); ok && !blank(r.description) {
		return r.description, true
	}
	return descriptionFailed, false
}
