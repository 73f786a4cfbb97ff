package console

import "github.com/orgbridge/orgbridge/orgmodel/orgsync"

// IndexPlan does what is done once a plan.
func IndexPlan(plan *orgsync.Plan) { newIndex(plan) }

// Words returns the texts of a language.
func Words(lang string) map[string]string { return newRenderer(lang).words }

// Shown is how a text from elsewhere is shown.
func Shown(text string) string { return shown(text) }

// Preferred reads an Accept-Language header.
func Preferred(accept string) string { return preferred(accept) }

// RemarkIn is what a remark says in a language.
func RemarkIn(lang string, m orgsync.Remark) string { return newRenderer(lang).remark(m) }
