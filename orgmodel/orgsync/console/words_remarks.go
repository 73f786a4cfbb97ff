package console

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// chineseRemarks are what the engine has to say, in Chinese. {0} is the first argument,
// {cause1} the remark that the arguments from the second one on are.
func chineseRemarks() map[orgsync.RemarkCode]string {
	return map[orgsync.RemarkCode]string{
		orgsync.RemarkNoChain: "向上找不到根部门", orgsync.RemarkNoStatus: "状态未知", orgsync.RemarkNoPlace: "所在部门 {0} 不存在，或不在部门树中",
		orgsync.RemarkMissing: "读取结果中没有，但未能证实", orgsync.RemarkMissingIncomplete: "读取结果中没有，但读取不完整",
		orgsync.RemarkNotSwitchedOff: "读取不完整，暂不停用", orgsync.RemarkNotCleared: "读取不完整，暂不清空字段",
		orgsync.RemarkLeft: "读取结果显示已离职，尚未确认", orgsync.RemarkKeyTaken: "标识与他人重复", orgsync.RemarkUnconfirmed: "尚未确认",
		orgsync.RemarkWaitsFor: "等待 {0} 的变更先完成", orgsync.RemarkWaitsForParent: "等待上级部门先完成",
		orgsync.RemarkOccupied: "该部门在目标中还有人员或下级部门", orgsync.RemarkHeldBack: "等待批准：{kind0}",
		orgsync.RemarkCannotDisable: "无法停用{cause0}", orgsync.RemarkGoneCannotDisable: "来源中已不存在，且无法停用{cause0}",
		orgsync.RemarkNotReplaced: "无法停用，整体替换又被拒绝", orgsync.RemarkDepartmentFailed: "所在部门推送失败，因此未推送",
		orgsync.RemarkReplacementNeeded: "该目标只能通过整体替换新增记录", orgsync.RemarkNotReplacedBecause: "未做整体替换：{reason0}",

		orgsync.RemarkInService: "读取结果显示已离职，单独查询却仍在职", orgsync.RemarkStatusless: "读取结果显示已离职，单独查询却没有状态",
		orgsync.RemarkLeftUnanswered: "读取结果显示已离职，但无法确认{cause1}{because0}", orgsync.RemarkMissingPending: "读取结果中没有，尚未确认",
		orgsync.RemarkThere: "读取结果中没有，单独查询却存在", orgsync.RemarkMissingCounted: "连续 {0} 次全量读取中没有，满 {1} 次才算",
		orgsync.RemarkMissingUnanswered: "读取结果中没有，且无法确认{cause1}{because0}", orgsync.RemarkNotReread: "未能重新读取{cause0}",
		orgsync.RemarkNoneKnown: "没有可供对照的已知记录", orgsync.RemarkKnownNotReturned: "已知存在的记录没有返回，应用可能没有该接口的权限",
		orgsync.RemarkAgainNotReturned: "已知存在的记录没有返回", orgsync.RemarkUnknownAnswered: "不存在的标识没有按不存在应答",
		orgsync.RemarkUnknownDiffer: "不存在的标识得到了不同的应答", orgsync.RemarkSlid: "读取期间分页发生了移动",
		orgsync.RemarkUnlisted: "{entity0} {1} 不在列表中，单独查询却存在", orgsync.RemarkProblem: "{entity1} {ids2}：{reason0}", orgsync.RemarkMore: "另有 {0} 项",

		orgsync.RemarkFirstRun: "首次运行", orgsync.RemarkAskedFor: "按要求", orgsync.RemarkReplacement: "要求整体替换",
		orgsync.RemarkNotClean: "上次运行未正常结束", orgsync.RemarkTreeChanged: "部门有变更", orgsync.RemarkRosterChanged: "花名册有变更",
		orgsync.RemarkDue: "到期", orgsync.RemarkAbsencesWait: "缺席等待批准", orgsync.RemarkManyOwed: "待补读的人员过多",
		orgsync.RemarkTargetMissed: "上次运行没有带上 {0}", orgsync.RemarkOtherSource: "数据源已更换",
		orgsync.RemarkScopeLacks: "范围指定的部门不存在：{0}", orgsync.RemarkNoTarget: "{0} 持有 {1} 人，不是本次运行的目标：变更不会告知它",
		orgsync.RemarkPlaceUnknown: "所在部门未知，而运行限定了范围",
		orgsync.RemarkTargetBehind: "{0} 尚未持有全部数据", orgsync.RemarkTargetSettings: "{0} 的设置已变更",
		orgsync.RemarkFutureMark: "上次的水位在未来", orgsync.RemarkClockBack: "来源的时钟倒退", orgsync.RemarkCountDiffers: "来源计有 {0} 人，预期 {1} 人",
		orgsync.RemarkDidNotFit: "上次的读取结果未被接受", orgsync.RemarkConverted: "状态文件已转换格式",
		orgsync.RemarkMoreMissing: "缺席者多于已确认的人数", orgsync.RemarkAbsenceOpen: "有缺席未能确认", orgsync.RemarkRereadMissing: "待补读的人员没有找到",

		orgsync.RemarkNoKey:       "状态中有加密字段，但没有密钥：已消失的人员无法在所有目标停用",
		orgsync.RemarkHeldEarlier: "此前的运行留下 {0} 人等待批准", orgsync.RemarkGuard: "护栏有异议：{kind0} {2} {3} / {4}，上限 {5} {1}",
		orgsync.RemarkSource: "来源 {0} 读取失败，未推送任何数据{cause1}", orgsync.RemarkReading: "来源 {0} 的读取结果未被采信",
		orgsync.RemarkUnanswered: "来源 {0} 有人员未能查询到", orgsync.RemarkTarget: "目标 {0} 未完成：失败 {1}，未推送 {2}{cause3}",
		orgsync.RemarkScopeUnknown: "同步范围内的部门都不存在", orgsync.RemarkScopeEmpty: "同步范围内没有人员",
		orgsync.RemarkHoldsNoOne:  "目标 {0} 中没有任何人员（范围内 {1} 人，可推送 {2} 人）",
		orgsync.RemarkFewRecords:  "目标 {0} 中大多数人员无法推送（范围内 {1} 人，可推送 {2} 人）",
		orgsync.RemarkUnplannable: "目标 {0} 中有 {3} 人已无法生成记录（范围内 {1} 人，可推送 {2} 人）",
		orgsync.RemarkOtherPlace:  "目标 {0} 指向的系统与状态记录的不同", orgsync.RemarkOtherTenant: "目标 {0} 已由同一存储中的其他租户推送",
		orgsync.RemarkTenantsShared: "目标 {0} 由多个租户共同推送，整体替换会删除其他租户的数据",
		orgsync.RemarkLocked:        "另一次运行占用着状态 {0}", orgsync.RemarkLeaseLost: "对状态的占用已失效", orgsync.RemarkCorrupt: "状态无法读取",
		orgsync.RemarkSealKey: "密钥与状态不符", orgsync.RemarkInterrupted: "运行被中断", orgsync.RemarkTimeout: "超时{vendor}",
		orgsync.RemarkNotAsked: "来源无响应，未再查询", orgsync.RemarkNotFound: "来源中不存在", orgsync.RemarkPanicked: "处理该记录时程序出错",
		orgsync.RemarkNoRecord: "应答中没有记录", orgsync.RemarkUnavailable: "服务不可用{vendor}", orgsync.RemarkUnauthorized: "拒绝访问{vendor}",
		orgsync.RemarkRateLimited: "调用过于频繁{vendor}", orgsync.RemarkMalformed: "应答不符合文档{vendor}", orgsync.RemarkOutcomeUnknown: "结果未知{vendor}",
		orgsync.RemarkNotSent: "未发送{vendor}", orgsync.RemarkRefused: "被拒绝{vendor}", orgsync.RemarkField: "{field0}：{reason1}", orgsync.RemarkOther: "{0}",
	}
}

// chineseReasons are what can be wrong with a field, and other fixed sentences that are
// arguments of remarks.
func chineseReasons() map[string]string {
	return map[string]string{
		"is required, but unknown or empty": "必填，但未知或为空", "is required": "必填", "is empty": "为空", "is missing": "缺失",
		"is no gender": "不是有效的性别", "is no status": "不是有效的状态", "has an empty id": "含有空的标识", "is not a day of the calendar": "不是有效的日期",
		"is unknown, and without one it would become a root": "未知，缺少它会变成根部门", "is neither active nor disabled": "既非启用也非停用",
		"the adapter's key is none of those defined": "设定的标识类型不存在", "has no code at 云之家": "在云之家没有对应代码",
		"is not known to be active, and 云之家 has no other departments":       "不确定是否启用，而云之家没有其他状态的部门",
		"has an id with a comma, by which 兔展 separates ids":                 "标识中有逗号，而兔展用逗号分隔标识",
		"is not active, and 兔展 knows nothing else: delete the person there": "不在职，而兔展没有其他状态：请在兔展删除此人",
		"is not outchannel": "不是 outchannel", "is not a JSON object": "不是 JSON 对象", "is missing, empty or not a text": "缺失、为空或不是文本",
		"has a value of another kind": "值的类型不对", "is not an object of texts": "不是文本组成的对象", "says that it is deleted": "标明已删除",
		"is longer than 256 bytes": "超过 256 字节", "is not UTF-8": "不是 UTF-8", "was changed by the enrichment": "被花名册改动",
		"leads into a cycle of parents": "上级部门形成循环", "is named as changed and not there when asked for": "列为有变更，单独查询却不存在",
		"is missing, and the list of side jobs is in doubt": "缺失，且兼职列表存疑", "is not the one asked for": "不是所查询的记录",
		"cannot be read as an object": "无法读作对象", "cannot be read as text": "无法读作文本", "cannot be read as an integer": "无法读作整数",
		"cannot be read as true or false": "无法读作真假值", "cannot be read as an array": "无法读作数组", "holds half a character": "含有残缺字符",
		"holds a control character": "含有控制字符", "occurs twice": "出现两次", "cannot be written as JSON": "无法写成 JSON",

		"empty id": "标识为空", "duplicate id": "标识重复", "parent is missing": "上级部门不在读取结果中", "parent is unknown": "上级部门未知",
		"cycle": "上级部门形成循环", "no root": "没有根部门", "several roots": "有多个根部门", "no department": "没有所属部门",
		"department is missing": "所属部门不在读取结果中", "empty name": "名称为空", "empty status": "状态为空", "not read": "未读取",
		"pull did not reach its end": "没有读到结尾", "nothing there": "没有任何数据", "quarantined": "已搁置",

		"the target cannot do that": "该目标不支持", "the reading is incomplete": "读取不完整", "there is a scope": "设有同步范围",
		"records are skipped, withheld or held back": "有记录被跳过、暂不推送或等待批准", "some records are in doubt": "有记录存疑",
		"some removals are not confirmed": "有移除尚未确认",
	}
}

func chineseFields() map[string]string {
	return map[string]string{
		"id": "标识", "name": "姓名", "mobile": "手机号", "email": "邮箱", "employeeNo": "工号", "gender": "性别", "status": "状态", "position": "职位",
		"birthday": "生日", "joinDate": "入职日期", "departmentIds": "部门", "sideDepartments": "兼职部门", "managerIds": "上级", "parentId": "上级部门",
		"order": "排序", "attributes": "附加属性", "enrichment": "花名册",
	}
}

var placeholder = regexp.MustCompile(`\{([a-z]*)(\d*)\}`)

// remark returns what a remark says in Chinese, "" if it is not known or the reader reads
// English: the text beside it is English.
func (r *renderer) remark(m orgsync.Remark) string {
	format, known := r.remarks[m.Code]
	if !known {
		return ""
	}
	text := placeholder.ReplaceAllStringFunc(format, func(hole string) string {
		parts := placeholder.FindStringSubmatch(hole)
		n, _ := strconv.Atoi(parts[2])
		arg := ""
		if n < len(m.Args) {
			arg = m.Args[n]
		}
		switch parts[1] {
		case "kind":
			return r.kind(orgsync.Kind(arg))
		case "entity":
			return map[string]string{"person": "人员", "department": "部门"}[arg]
		case "field":
			return shown(cmp.Or(chineseFields()[arg], arg))
		case "reason":
			return shown(cmp.Or(chineseReasons()[arg], arg))
		case "ids":
			return shown(strings.Join(m.Args[min(n, len(m.Args)):], "、"))
		case "because":
			return r.within(orgsync.RemarkCode(arg), nil, "（", "）")
		case "cause":
			if n < len(m.Args) {
				return r.within(orgsync.RemarkCode(arg), m.Args[n+1:], "：", "")
			}
			return ""
		case "vendor":
			return vendorWords(m.Args)
		}
		return shown(arg)
	})
	return strings.TrimSpace(text)
}

func (r *renderer) within(code orgsync.RemarkCode, args []string, before, after string) string {
	if text := r.remark(orgsync.Remark{Code: code, Args: args}); text != "" {
		return before + text + after
	}
	return ""
}

// vendorWords say which call it was, and what the vendor said.
func vendorWords(args []string) string {
	if len(args) < 5 {
		return ""
	}
	parts := []string{args[0] + " " + args[1]}
	if args[2] != "" {
		parts = append(parts, "HTTP "+args[2])
	}
	if args[3] != "" {
		parts = append(parts, "代码 "+args[3])
	}
	text := "（" + shown(strings.Join(parts, "，")) + "）"
	if args[4] != "" {
		text += "：" + shown(args[4])
	}
	return text
}

// why returns the reason of a note in the language of the reader.
func (r *renderer) why(m orgsync.Remark, reason string) string {
	if text := r.remark(m); text != "" {
		return text
	}
	if text, known := r.words["reason "+reason]; known {
		return text
	}
	return r.translate(reason)
}

// whys are several texts, each beside its remark, in the language of the reader.
func (r *renderer) whys(remarks []orgsync.Remark, texts []string) []string {
	said := make([]string, len(texts))
	for i, text := range texts {
		var m orgsync.Remark
		if len(remarks) == len(texts) {
			m = remarks[i]
		}
		said[i] = r.why(m, text)
	}
	return said
}

// errors are the lines that say what an error was.
func (r *renderer) errors(remarks []orgsync.Remark, text string) []string {
	var lines []string
	for _, m := range remarks {
		lines = append(lines, r.remark(m))
	}
	if len(lines) > 0 && !slices.Contains(lines, "") {
		return lines
	}
	return []string{shown(text)}
}
