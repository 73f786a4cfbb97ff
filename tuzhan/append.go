package tuzhan

import (
	"time"

	"github.com/orgbridge/orgbridge/internal/civil"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// AppendJSON appends the department to b as it is sent, byte for byte: times are
// Beijing's, unlike in the output of json.Marshal. It never fails: the error is
// there only to match the other vendors' records.
func (d Department) AppendJSON(b []byte) ([]byte, error) { return d.appendTo(b), nil }

func (d *Department) appendTo(b []byte) []byte {
	start := len(b)
	b = wire.AppendNonzeroInt(b, `,"deptId":`, d.DeptID)
	b = wire.AppendNonzeroInt(b, `,"parentId":`, d.ParentID)
	b = wire.AppendNonzeroText(b, `,"deptType":`, string(d.DeptType))
	b = wire.AppendNonzeroText(b, `,"deptName":`, d.DeptName)
	b = wire.AppendNonzeroText(b, `,"thirdDeptId":`, d.ThirdDeptID)
	b = wire.AppendNonzeroText(b, `,"thirdParentId":`, d.ThirdParentID)
	b = wire.AppendNonzeroText(b, `,"corpid":`, d.CorpID)
	b = wire.AppendNonzeroInt(b, `,"wxDeptId":`, d.WxDeptID)
	b = wire.AppendNonzeroInt(b, `,"wxParentId":`, d.WxParentID)
	b = wire.AppendNonzeroInt(b, `,"deptStatus":`, int64(d.DeptStatus))
	b = wire.AppendInt(b, `,"serialNum":`, int64(d.SerialNum))
	b = wire.AppendOptText(b, `,"createUser":`, d.CreateUser)
	b = wire.AppendOptText(b, `,"updateUser":`, d.UpdateUser)
	b = appendTime(b, `,"createTime":`, d.CreateTime)
	b = appendTime(b, `,"updateTime":`, d.UpdateTime)
	return wire.CloseObject(b, start)
}

// AppendJSON appends the employee to b as it is sent, byte for byte, except that
// the time of sending, which stands in for a zero UpdateTime, is not there. It
// never fails: the error is there only to match the other vendors' records.
func (e Employee) AppendJSON(b []byte) ([]byte, error) { return e.appendTo(b, ""), nil }

// appendTo appends the employee, with now, as the vendor writes it, where it has
// no time of its own; "" is none.
func (e *Employee) appendTo(b []byte, now string) []byte {
	start := len(b)
	b = wire.AppendNonzeroInt(b, `,"channelId":`, e.ChannelID)
	b = wire.AppendNonzeroText(b, `,"thirdUserId":`, e.ThirdUserID)
	b = wire.AppendNonzeroInt(b, `,"userType":`, int64(e.UserType))
	b = wire.AppendNonzeroText(b, `,"appId":`, e.AppID)
	b = wire.AppendNonzeroText(b, `,"openid":`, e.OpenID)
	b = wire.AppendNonzeroText(b, `,"wxUserid":`, e.WxUserID)
	b = wire.AppendNonzeroText(b, `,"unionid":`, e.UnionID)
	b = wire.AppendNonzeroText(b, `,"channelName":`, e.ChannelName)
	b = wire.AppendNonzeroText(b, `,"phone":`, e.Phone)
	b = wire.AppendOptText(b, `,"job":`, e.Job)
	b = wire.AppendNonzeroInt(b, `,"deptId":`, e.DeptID)
	b = wire.AppendNonzeroText(b, `,"thirdDeptId":`, e.ThirdDeptID)
	b = wire.AppendNonzeroInt(b, `,"wxDeptId":`, e.WxDeptID)
	b = wire.AppendOptBool(b, `,"deptManagerFlag":`, e.DeptManager)
	if len(e.RoleKeys) > 0 {
		b = wire.AppendTexts(append(b, `,"roleKeys":`...), e.RoleKeys)
	}
	b = wire.AppendNonzeroInt(b, `,"roleId":`, e.RoleID)
	b = wire.AppendOptInt(b, `,"serialNum":`, e.SerialNum)
	if e.UpdateTime.IsZero() {
		b = wire.AppendNonzeroText(b, `,"updateTime":`, now)
	} else {
		b = appendTime(b, `,"updateTime":`, e.UpdateTime)
	}
	if ids, ok := e.DeputyDeptIDs.Get(); ok {
		b = appendJoined(append(b, `,"deputyDeptIds":`...), ids)
	}
	return wire.CloseObject(b, start)
}

// appendJoined appends the ids as one string, with commas between them.
func appendJoined(b []byte, ids []string) []byte {
	if len(ids) == 0 {
		return append(b, `""`...)
	}
	b = wire.AppendString(b, ids[0])
	for _, id := range ids[1:] {
		last := len(b) - 1 // the closing quote makes room for an opening one, which becomes the comma
		b = wire.AppendString(b[:last], id)
		b[last] = ','
	}
	return b
}

// zone is the vendor's: its docs name none, and Beijing is an assumption.
var zone = time.FixedZone("", 8*60*60)

// appendTime appends a time as the vendor writes it (yyyy-MM-dd HH:mm:ss), and
// nothing for the zero time.
func appendTime(b []byte, key string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b = append(append(b, key...), '"')
	t = t.In(zone)
	b, ok := civil.Of(t).Append(b, "-")
	if !ok {
		return append(t.AppendFormat(b, time.DateTime), '"')
	}
	hour, minute, second := t.Clock()
	b = append(civil.AppendPair(append(b, ' '), hour), ':')
	b = append(civil.AppendPair(b, minute), ':')
	return append(civil.AppendPair(b, second), '"')
}

// beijing writes a time as the vendor does, "" for the zero time.
func beijing(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateTime)
}
