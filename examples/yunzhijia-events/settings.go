package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/orgbridge/orgbridge/yunzhijia"
)

// settings are what the environment decides.
type settings struct {
	config yunzhijia.Config
	access yunzhijia.EventAccess
}

// readSettings reports everything that is missing at once.
func readSettings(environ func(string) string) (settings, error) {
	var errs []error
	value := func(name string) string { return strings.TrimSpace(environ(name)) }
	required := func(name, value string) string {
		if value == "" {
			errs = append(errs, errors.New(name+" is required"))
		}
		return value
	}
	secret := func(name string) string {
		text, err := fromFile(value(name), value(name+"_FILE"))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s_FILE %w", name, err))
			return ""
		}
		return required(name, text)
	}
	eid := required("YUNZHIJIA_EID", value("YUNZHIJIA_EID"))
	key := secret("YUNZHIJIA_EVENT_KEY")
	set := settings{
		config: yunzhijia.Config{
			BaseURL: value("YUNZHIJIA_BASE_URL"), EID: eid,
			Credentials: yunzhijia.AppCredentials(
				required("YUNZHIJIA_APP_ID", value("YUNZHIJIA_APP_ID")), secret("YUNZHIJIA_APP_SECRET")),
		},
		access: yunzhijia.TeamEvents(eid, key),
	}
	if appID := value("YUNZHIJIA_EVENT_APP_ID"); appID != "" {
		set.access = yunzhijia.AppEvents(eid, appID, key)
	}
	return set, errors.Join(errs...)
}

// fromFile returns a secret, or what the file holds that is named in its place.
func fromFile(text, path string) (string, error) {
	switch {
	case path == "":
		return text, nil
	case text != "":
		return "", errors.New("is set beside the secret itself: which one is meant?")
	}
	content, err := os.ReadFile(path) //nolint:gosec // the file that the user names
	if err != nil {
		return "", errors.New("names a file that cannot be read")
	}
	return strings.TrimSpace(string(content)), nil
}
