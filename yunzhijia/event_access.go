package yunzhijia

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/orgbridge/orgbridge/internal/redact"
)

// EventAccess is the key with which the vendor signs the events of a team. Make it with
// [TeamEvents] or [AppEvents]. It prints as the team and the app alone.
type EventAccess struct {
	eid, appID string
	key        redact.Secret
}

// TeamEvents is for the address that a team entered in its console (管理中心 → 系统集成 →
// 通讯录同步). The key is the one for call-backs. Do not take for granted that it equals the
// key that 通讯录同步 reads with.
func TeamEvents(eid, key string) EventAccess {
	return EventAccess{eid: eid, key: redact.NewSecret(key)}
}

// AppEvents is for the address that an ISV entered for its application (开发者配置 → webhook):
// its 第三方应用ID and 第三方应用Secret. An application that several teams use has one
// EventAccess for each of them.
func AppEvents(eid, appID, key string) EventAccess {
	return EventAccess{eid: eid, appID: appID, key: redact.NewSecret(key)}
}

// String returns team and app.
func (a EventAccess) String() string {
	if a.appID == "" {
		return "yunzhijia.EventAccess{eid=" + a.eid + "}"
	}
	return "yunzhijia.EventAccess{eid=" + a.eid + " appID=" + a.appID + "}"
}

// Format prints String whatever the verb.
func (a EventAccess) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// LogValue returns team and app.
func (a EventAccess) LogValue() slog.Value {
	return slog.GroupValue(slog.String("eid", a.eid), slog.String("appID", a.appID))
}

// MarshalText returns String.
func (a EventAccess) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// check names what is missing.
func (a EventAccess) check(field string) []error {
	var errs []error
	bad := func(wrong bool, name, reason string) {
		if wrong {
			errs = append(errs, &FieldError{Field: field + "." + name, Reason: reason})
		}
	}
	bad(a.eid == "", "eid", "is required")
	bad(a.eid == nullText, "eid", `is "null", which stands for a missing one`)
	bad(a.key.IsZero(), "key", "is required")
	bad(strings.Contains(a.appID, ":"), "appID", "contains a colon, which separates it from the signature")
	return errs
}
