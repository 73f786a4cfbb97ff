package main

import (
	"fmt"
	"io"
	"strings"
)

// variable is one setting of the environment.
type variable struct {
	Name, Meaning string
	// Secret ones can be read from a file, which NAME_FILE names.
	Secret bool
	// Vendor ones say that real vendors are meant: if none is set, all are simulated.
	Vendor bool
}

// section is a part of the table of settings.
type section struct {
	Title     string
	Variables []variable
}

// sections are all settings. The help text, the README and the checks are made from them.
func sections() []section {
	return []section{
		{"The source, 云之家", []variable{
			{"YUNZHIJIA_BASE_URL", "another host than https://www.yunzhijia.com", false, true},
			{"YUNZHIJIA_EID", "the team (工作圈), required", false, true},
			{syncSecretVariable, "the read-only key of 通讯录同步: people are read by 云之家's directory interface, which knows phones and needs no roster", true, true},
			{"YUNZHIJIA_APP_ID", "or, by a light app, with YUNZHIJIA_APP_SECRET", false, true},
			{"YUNZHIJIA_APP_SECRET", "the secret of the app", true, true},
			{"YUNZHIJIA_ACCESS_TOKEN", "instead of these two: a token that another program renews", true, true},
		}},
		{"The targets: one whose first variable is unset is left out", []variable{
			{"AIGUANHUAI_BASE_URL", "爱关怀", false, true},
			{"AIGUANHUAI_CORP_ID", "the company there", false, true},
			{"TUZHAN_BASE_URL", "兔展", false, true},
			{"TUZHAN_APP_ID", "with TUZHAN_APP_SECRET", false, true},
			{"TUZHAN_APP_SECRET", "the secret of the app", true, true},
			{"TUZHAN_TOKEN", "instead of these two: a token", true, true},
			{"YUNJIAN_URL", "云简: the full sync endpoint", false, true},
			{"YUNJIAN_ACCOUNT", "the company there", false, true},
			{"YUNJIAN_USER_NO", "who pushes", false, true},
			{"YUNJIAN_SESSION_URL", "where to log in, with YUNJIAN_SECRET and YUNJIAN_SIGN_KEY", false, true},
			{"YUNJIAN_SECRET", "of the login", true, true},
			{"YUNJIAN_SIGN_KEY", "of the login", true, true},
			{"YUNJIAN_SESSION_ID", "instead of these three: a session", true, true},
		}},
		{"The program", []variable{
			{stateVariable, "path of the state file, on a local disk; required unless everything is simulated", false, false},
			{stateKeyVariable, "seals the state: 32 bytes in base64 or hexadecimal; default: a key file beside the state", true, false},
			{rosterVariable, "path of a CSV file that adds to what 云之家 knows of people", false, false},
			{notifyVariable, "address of a group robot of 云之家, 企业微信, 钉钉 or 飞书, or of any receiver of JSON, for alarms", true, false},
			{notifySecretVariable, "the robot's secret, if it has one", true, false},
			{heartbeatVariable, "address to GET after each good run", true, false},
		}},
		{"orgsync serve", []variable{
			{listenVariable, "address of the page; default 127.0.0.1:8080", false, false},
			{everyVariable, "time between runs; default 15m", false, false},
			{pageUserVariable, "who may see the page; default admin", false, false},
			{pagePasswordVariable, "their password; required unless the page is for this machine alone", true, false},
			{eventKeyVariable, "the key of the events that 云之家 sends to " + eventsPath, true, false},
			{eventAppVariable, "the app they are for, unless the team itself has entered the address", false, false},
		}},
	}
}

const (
	stateVariable        = "ORGSYNC_STATE"
	rosterVariable       = "ORGSYNC_ROSTER"
	notifyVariable       = "ORGSYNC_NOTIFY_URL"
	notifySecretVariable = "ORGSYNC_NOTIFY_SECRET"
	heartbeatVariable    = "ORGSYNC_HEARTBEAT_URL"
	listenVariable       = "ORGSYNC_LISTEN"
	everyVariable        = "ORGSYNC_EVERY"
	pageUserVariable     = "ORGSYNC_PAGE_USER"
	pagePasswordVariable = "ORGSYNC_PAGE_PASSWORD"
)

// variables are those of all sections that a condition selects.
func variables(which func(variable) bool) []string {
	var names []string
	for _, s := range sections() {
		for _, v := range s.Variables {
			if which(v) {
				names = append(names, v.Name)
			}
		}
	}
	return names
}

// writeVariables writes the table for -help.
func writeVariables(w io.Writer) {
	for _, s := range sections() {
		fmt.Fprintf(w, "\n%s:\n", s.Title)
		for _, v := range s.Variables {
			name := v.Name
			if v.Secret {
				name += "[" + fileSuffix + "]"
			}
			fmt.Fprintf(w, "  %-30s %s\n", name, v.Meaning)
		}
	}
	fmt.Fprintf(w, "\nNAME%s names a file that holds the value, without the white space around it.\n", fileSuffix)
}

// tableOf writes the table for a README.
func tableOf(w io.Writer) {
	for _, s := range sections() {
		fmt.Fprintf(w, "\n**%s**\n\n| setting | meaning |\n|---|---|\n", s.Title)
		for _, v := range s.Variables {
			name := "`" + v.Name + "`"
			if v.Secret {
				name += ", or `" + v.Name + fileSuffix + "`"
			}
			fmt.Fprintf(w, "| %s | %s |\n", name, strings.ReplaceAll(v.Meaning, "|", "\\|"))
		}
	}
}
