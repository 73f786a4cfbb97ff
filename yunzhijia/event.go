package yunzhijia

import "log/slog"

// EventType says what happened (事件类型). The vendor may send types that are not among
// the constants.
type EventType string

// The documented types (通讯录事件回调). There is none for e-mail, birthday, side departments
// or a person who was disabled or came back: an incremental reading finds these.
const (
	EventCheck           EventType = "check"             // the address is saved for the first time
	EventUserEnter       EventType = "user_enter"        // 新增人员
	EventPersonUpdate    EventType = "person_update"     // 修改人员: department and title
	EventUserLeave       EventType = "user_leave"        // 删除人员
	EventUserPhoneUpdate EventType = "user_phone_update" // only if the team is the person's default one
	EventOrgAdd          EventType = "org_add"           // 新增部门
	EventOrgUpdate       EventType = "org_update"        // 修改部门: renamed or moved
	EventOrgDelete       EventType = "org_delete"        // 删除部门
	EventOrgAdmin        EventType = "org_admin"         // 部门负责人变更
	EventPersonRole      EventType = "person_role"       // 人员角色变更
)

// Event is a hint that something changed: read what it is about, and never act on the event
// itself. Events may come late, twice, in any order, or not at all.
//
// The phone numbers that the vendor can add to the query (oldPhone, newPhone) are used to
// verify it and are kept nowhere.
type Event struct {
	EID  string    // the team (工作圈); "" if the vendor left it out
	Type EventType // "" if the vendor left it out
	ID   string    // openId or orgId, as Type has it; the vendor may write "null"
	// CreateTime is when it happened, in the vendor's own digits. The unit is not
	// documented; most likely it is milliseconds since 1970.
	CreateTime string
}

// LogValue lists the fields, none of which is personal.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("eid", e.EID), slog.String("type", string(e.Type)),
		slog.String("id", e.ID), slog.String("createTime", e.CreateTime))
}
