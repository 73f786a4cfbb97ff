package notify

import (
	"fmt"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// Language is that of the text that robots show.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

func (l Language) pick(chinese, english string) string {
	if l == English {
		return english
	}
	return chinese
}

func (l Language) say(chinese, english string, args ...any) string {
	return fmt.Sprintf(l.pick(chinese, english), args...)
}

const stampLayout = "2006-01-02 15:04 -07:00"

func (e Event) title(l Language) string {
	switch e {
	case Failed:
		return l.pick("组织同步 失败", "Org sync failed")
	case Stopped:
		return l.pick("组织同步 需要审批", "Org sync needs a decision")
	case Recovered:
		return l.pick("组织同步 已恢复", "Org sync has recovered")
	case Stale:
		return l.pick("组织同步 长时间没有成功", "Org sync has not succeeded for a long time")
	}
	return l.pick("组织同步 ", "Org sync ") + show(string(e))
}

// text writes a message for people: what is wrong and what to do first, since the end of a
// long message is cut off.
func (m *Message) text(l Language, link string) string {
	var b strings.Builder
	line := func(chinese, english string, args ...any) {
		b.WriteString("\n" + l.say(chinese, english, args...))
	}
	b.WriteString(m.Event.title(l))
	if m.Tenant != "" {
		line("团队：%s", "Team: %s", showID(m.Tenant))
	}
	if !m.Run.IsZero() {
		line("运行：%s，退出码 %d", "Run: %s, exit status %d", m.Run.Format(stampLayout), m.Exit)
	}
	if m.Repeated > 0 {
		line("自 %s 起已连续 %d 次", "Since %s, %d runs in a row", m.Since.Format(stampLayout), m.Repeated+1)
	} else if m.Event == Recovered && !m.Since.IsZero() {
		line("问题始于 %s", "The trouble began at %s", m.Since.Format(stampLayout))
	}
	switch {
	case m.Event != Stale:
	case m.LastGood.IsZero():
		line("还没有成功过", "There was no good run yet")
	default:
		line("上次成功：%s", "Last good run: %s", m.LastGood.Format(stampLayout))
	}
	const most = 10
	for _, p := range m.Problems[:min(most, len(m.Problems))] {
		b.WriteString("\n• " + p.text(l))
	}
	if more := len(m.Problems) - most; more > 0 {
		line("• 另有 %d 项", "• and %d more", more)
	}
	if m.Digest != "" {
		line("放行：-approve %s", "To let it pass: -approve %s", show(m.Digest))
	}
	if next := m.next(l); next != "" {
		line("下一步：%s", "Next: %s", next)
	}
	if link != "" {
		b.WriteString("\n" + link)
	}
	for i := range m.Targets {
		b.WriteString("\n" + m.Targets[i].text(l))
	}
	return b.String()
}

// summary is the first problem in one line, in English.
func (m *Message) summary() string {
	text := m.Event.title(English)
	if len(m.Problems) > 0 {
		text += ": " + m.Problems[0].text(English)
		if more := len(m.Problems) - 1; more > 0 {
			text += fmt.Sprintf(" (and %d more)", more)
		}
	}
	return text
}

func (t *Target) text(l Language) string {
	var b strings.Builder
	fmt.Fprintf(&b, l.pick("%s：已写 %d，失败 %d，跳过 %d",
		"%s: %d sent, %d failed, %d skipped"), show(t.Name), t.Sent, t.Failed, t.Skipped)
	for _, more := range []struct {
		n                int
		chinese, english string
	}{
		{t.Withheld, "暂缓", "withheld"}, {t.Held, "待审批", "held back"}, {t.NotSent, "未发送", "not sent"},
	} {
		if more.n > 0 {
			fmt.Fprintf(&b, l.pick("，%[2]s %[1]d", ", %d %s"), more.n, l.pick(more.chinese, more.english))
		}
	}
	if len(t.IDs) > 0 {
		b.WriteString(l.pick("（失败：", " (failed: ") + strings.Join(t.IDs, ", ") + l.pick("）", ")"))
	}
	return b.String()
}

func (c Cause) text(l Language) string {
	switch c {
	case CauseUnavailable:
		return l.pick("服务不可用", "unavailable")
	case CauseUnauthorized:
		return l.pick("拒绝访问", "access refused")
	case CauseRateLimited:
		return l.pick("调用太频繁", "called too often")
	case CauseMalformed:
		return l.pick("应答不合文档", "undocumented answer")
	case CauseTimeout:
		return l.pick("超时", "timed out")
	}
	return ""
}

func (p *Problem) text(l Language) string {
	because := ""
	if cause := p.Cause.text(l); cause != "" {
		because = l.pick("（"+cause+"）", " ("+cause+")")
	}
	switch p.Kind {
	case ProblemSource:
		return l.say("来源 %s 读取失败%s，未写入任何目标",
			"the source %s could not be read%s; nothing was written", p.Name, because)
	case ProblemReading:
		return l.say("来源 %s 的读取结果不可信，未据此停用任何人",
			"the reading of %s is not believed; no one was removed because of it", p.Name)
	case ProblemTarget:
		return l.say("目标 %s 未完成%s：失败 %d，未发送 %d",
			"the target %s is incomplete%s: %d failed, %d not sent", p.Name, because, p.Failed, p.NotSent)
	case ProblemGuard:
		return p.guard(l)
	case ProblemDestination:
		return l.say("目标 %s 指向另一个系统，未写入",
			"the target %s leads somewhere else than before; nothing was written", p.Name)
	case ProblemCoverage:
		name := p.Name
		if name == "" {
			name = l.pick("同步范围", "the scope")
		}
		return l.say("%s：范围内 %d 人，只能同步 %d 人",
			"%s: %d people in scope, only %d can be planned", name, p.Of, p.Planned)
	case ProblemQuarantined:
		return l.say("%d 条记录无法使用，已隔离", "%d records cannot be used and were set aside", p.Failed)
	case ProblemWithheld:
		return l.say("目标 %s：读取不完整，%d 条停用或删除暂缓",
			"the target %s: removals are withheld because the reading is incomplete: %d", p.Name, p.Failed)
	case ProblemInput:
		return l.pick("运行完成，但有数据需要核对",
			"the run was carried out, but some of what it was given needs a look")
	case ProblemLocked:
		return l.pick("另一次运行占用着状态", "another run holds the state")
	case ProblemState:
		return l.pick("状态无法读取或解封", "the state cannot be read or unsealed")
	case ProblemConfig:
		return l.pick("配置有误", "a setting is wrong")
	case ProblemInterrupted:
		return l.pick("运行被中断", "the run was interrupted")
	}
	return l.pick("运行失败", "the run failed") + because
}

func (p *Problem) guard(l Language) string {
	text := guardText(p.Guard, l)
	if p.Department != "" {
		text += l.pick("，部门 ", ", department ") + p.Department
	}
	switch p.Guard {
	case orgsync.KindNothing, orgsync.KindReplace:
	case orgsync.KindSettings:
		text += l.say("（%d 处变更）", " (%d changes)", p.Planned)
	default:
		text += l.say("：%d（共 %d，允许 %d）", ": %d of %d, %d allowed", p.Planned, p.Of, p.Allowed)
	}
	if p.Name != "" {
		text = p.Name + l.pick("：", ": ") + text
	}
	return text
}

func guardText(k orgsync.Kind, l Language) string {
	switch k {
	case orgsync.KindPeople:
		return l.pick("停用或删除人员", "people removed")
	case orgsync.KindDepartments:
		return l.pick("删除部门", "departments removed")
	case orgsync.KindSubtree:
		return l.pick("停用或删除同一部门的人员", "people of one branch removed")
	case orgsync.KindCreated:
		return l.pick("新增人员", "people created")
	case orgsync.KindChanged:
		return l.pick("姓名、手机号或编号变更的人员", "people with another name, mobile or key")
	case orgsync.KindColliding:
		return l.pick("编号与他人相同的人员", "people whose key belongs to others too")
	case orgsync.KindSettings:
		return l.pick("目标的设置变了", "settings changed")
	case orgsync.KindReplace:
		return l.pick("整体替换，他人放入的数据也会消失", "everything there is replaced")
	case orgsync.KindFewerPeople:
		return l.pick("来源人员减少", "fewer people at the source")
	case orgsync.KindFewerDepartments:
		return l.pick("来源部门减少", "fewer departments at the source")
	case orgsync.KindCounted:
		return l.pick("来源统计了但没有列出的人员", "people counted by the source but not listed")
	case orgsync.KindNothing:
		return l.pick("来源为空", "the source is empty")
	}
	return show(string(k))
}

// next says what a person can do.
func (m *Message) next(l Language) string {
	switch m.Event {
	case Recovered:
		return ""
	case Stopped:
		if m.Digest == "" {
			return l.pick("核对来源，空的来源不能放行", "look at the source: an empty one cannot be approved")
		}
		return l.pick("先看计划（-dry-run），确认后再放行", "look at the plan (-dry-run) before you let it pass")
	}
	for _, p := range m.Problems {
		switch p.Kind {
		case ProblemSource, ProblemTarget:
			if p.Cause == CauseUnauthorized {
				return l.say("检查 %s 的密钥和授权范围", "check the credentials of %s and what they may see", p.Name)
			}
		case ProblemDestination:
			return l.pick("检查目标的地址；确实要换时用 -adopt",
				"check the address of the target; if the change is meant, use -adopt")
		case ProblemState:
			return l.pick("检查状态文件和密钥", "check the state file and its key")
		case ProblemConfig:
			return l.pick("检查配置", "check the settings")
		case ProblemQuarantined, ProblemReading, ProblemCoverage, ProblemWithheld, ProblemInput:
			return l.pick("看报告，核对来源的数据", "read the report and check the data at the source")
		}
	}
	return l.pick("无需操作，下次运行会继续；若一直失败，看报告",
		"nothing yet, the next run goes on from there; if it keeps failing, read the report")
}
