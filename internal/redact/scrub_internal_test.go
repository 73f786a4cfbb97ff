package redact

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		message   string
		sensitive []string
		want      string
	}{
		"nothing to hide":         {"参数错误: departmentId", nil, "参数错误: departmentId"},
		"empty":                   {"", []string{"张三"}, ""},
		"a name":                  {"员工张三已存在", []string{"张三"}, "员工***已存在"},
		"a value twice":           {"abc and abc", []string{"abc"}, "*** and ***"},
		"overlapping values":      {"xabcdefx", []string{"abcd", "cdef"}, "x***x"},
		"a value in another":      {"Wang Xiaoming", []string{"Wang", "Wang Xiaoming"}, "***"},
		"too short to tell":       {"M ok 1", []string{"M", "ok", "1", ""}, "M ok 1"},
		"one character":           {"王先生", []string{"王"}, "王先生"},
		"other case":              {"no such TOKEN AbCdEf", []string{"aBcDeF"}, "no such TOKEN ***"},
		"percent":                 {"name=%E5%BC%A0%E4%B8%89 bad", []string{"张三"}, "name=*** bad"},
		"percent, lower case":     {"name=%e5%bc%a0%e4%b8%89 bad", []string{"张三"}, "name=*** bad"},
		"percent twice":           {"%25E5%25BC%25A0%25E4%25B8%2589", []string{"张三"}, "***"},
		"form":                    {"q=Zhang+San", []string{"Zhang San"}, "q=***"},
		"JSON":                    {`bad \"name\":\"\u5f20\u4e09\"`, []string{"张三"}, `bad "name":"***"`},
		"JSON, escaped value":     {`bad a\"b\\c/d`, []string{`a"b\c/d`}, "bad ***"},
		"HTML":                    {"&#24352;&#19977; &lt;b&gt;", []string{"张三"}, "*** <b>"},
		"spaced":                  {"张 三、张　三", []string{"张三"}, "***、***"},
		"spaces in the value":     {"张三 duplicate", []string{" 张\u3000三\n"}, "*** duplicate"},
		"zero width":              {"张\u200b三", []string{"张三"}, "***"},
		"full width":              {"ＡＢＣ１２３４", []string{"abc1234"}, "***"},
		"dashes within":           {"张-三 张·三 a.b_c-def", []string{"张三", "abcdef"}, "*** *** ***"},
		"dashes in the value":     {"key abcdef", []string{"abc-de.f"}, "key ***"},
		"commas within":           {"诸葛,金丝雀 诸葛，金丝雀 诸|葛|金丝雀", []string{"诸葛金丝雀"}, "*** *** ***"},
		"slashes within":          {"tel 139/1234/5678, (139)1234:5678", []string{"13912345678"}, "tel ***, (***"},
		"a list of two names":     {"张三、李四 均已存在", []string{"张三", "李四"}, "***、*** 均已存在"},
		"mostly separators":       {"key a/b/--, not ab", []string{"a/b/--"}, "key ***, not ab"},
		"other digits":            {"no 𝟏𝟐𝟑𝟜𝟝, not ١٢٣٤٥ ①", []string{"12345"}, "no ***, not *** ①"},
		"marks":                   {"金\ufe0f丝\u0332雀", []string{"金丝雀"}, "***"},
		"blanks that are letters": {"金\u3164丝\u2800雀", []string{"金丝雀"}, "***"},
		"two lower cases":         {"ſeCRET-VALUE", []string{"secretvalue"}, "***"},
		"surrogates":              {`\ud842\udfb7野家`, []string{"𠮷野家"}, "***"},
		"half of a surrogate":     {`\ud842 x \udfb7\ud842`, nil, "x"},
		"JavaScript":              {`%u5f20%u4e09 \u{5f20}\u{4E09} \x61b\x63`, []string{"张三", "abc"}, "*** *** ***"},
		"broken escapes":          {`%u5f2 \u{} \u{abcdef0} \x6`, nil, `%u5f2 \u{} \u{abcdef0} \x6`},
		"no holes in words":       {"this is not a list", []string{"ali", "sno"}, "this is not a list"},
		"escaped beyond decode":   {"100% sure \\x \\u12 %zz &c.", nil, "100% sure \\x \\u12 %zz &c."},
		"phone":                   {"手机号13800000001已存在", nil, "手机号***已存在"},
		"phone, spaced":           {"tel +86 138-0000-0001.", nil, "tel +***."},
		"phone, other digits":     {"１３８００００００１２/١٢٣٤٥٦٧٨", nil, "***/***"},
		"card":                    {"card 11010119900101123X!", nil, "card ***!"},
		"a code stays":            {"error 200007", nil, "error 200007"},
		"mail":                    {"mail zhang.san@example.com used", nil, "mail *** used"},
		"mail, escaped":           {"mail zhang.san%40example.com used", nil, "mail *** used"},
		"opaque":                  {"see 0123456789abcdef0123456789abcdef.", nil, "see ***."},
		"keyed":                   {"accessToken=abc, secret: x sign='q' session_id=\"s\"", nil, "accessToken=***, secret: *** sign='***' session_id=\"***\""},
		"keyed, escaped JSON":     {`{\"X-Token\":\"ab\"}`, nil, `{"X-Token":"***"}`},
		"keyed, bearer":           {"Authorization: Bearer abc.def rest", nil, "Authorization: *** rest"},
		"keyed, Chinese":          {"姓名：李四，手机: 138", nil, "姓名：***，手机: ***"},
		"control characters":      {"a\r\nb\x00c\x1b[31m", nil, "a  b c [31m"},
		"control within a value":  {"x a\nbcd y", []string{"a\nbcd"}, "x *** y"},
		"invalid UTF-8":           {"a\xffb", nil, "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, Scrub(c.message, c.sensitive...))
		})
	}
}

func TestScrubCuts(t *testing.T) {
	t.Parallel()
	assert.Equal(t, strings.Repeat("错", maxMessage), Scrub(strings.Repeat("错", maxMessage)))
	assert.Equal(t, strings.Repeat("错", maxMessage)+"…", Scrub(strings.Repeat("错", maxMessage+1)))
	huge := Scrub(strings.Repeat("错误 ", 10<<20/7))
	assert.LessOrEqual(t, utf8.RuneCountInString(huge), maxMessage+1)
}

// Wherever a long message is cut, no part of a value stays behind, even if
// masking has made the rest short enough to be shown whole.
func TestScrubCutsNoValueInHalf(t *testing.T) {
	t.Parallel()
	fill := func(size int) string { return strings.Repeat("1", size) + " " } // becomes one mask
	secret := strings.Repeat("金丝雀-", 60)
	most := maxEscape * (4*maxMessage + utf8.RuneCountInString(secret) + maxToken)
	for cut := 1; cut < len(secret); cut += 140 {
		message := fill(most-cut) + secret + secret
		require.NotContains(t, Scrub(message, secret), "金", "cut after %d bytes", cut)
	}
	// What looks like a value is not cut in half either.
	const address = "zhang.san.the.third.of.the.name@example.com"
	most = maxEscape * (4*maxMessage + maxToken)
	for cut := 1; cut < len(address); cut += 15 {
		require.NotContains(t, Scrub(fill(most-cut)+address+" "+address), "zhang", "cut after %d bytes", cut)
	}
	assert.Equal(t, "…", Scrub(strings.Repeat("1", 2*most)), "nothing but digits")
}

func FuzzScrub(f *testing.F) {
	f.Add("员工张三(13800000001)已存在", "张三", "13800000001")
	f.Add("%E5%BC%A0%E4%B8%89", "张三", "%E5")
	f.Add(`\u5f20&#19977;`, "张三", `\u5f20`)
	f.Add(strings.Repeat("a b", 900), "ab", "a+b c")
	f.Add("a+ b c", " a+ b c", "+ab ")
	f.Add("token=\xff\xfe", "\xff\xfeabc", "abc\x00def")
	f.Fuzz(func(t *testing.T, message, one, two string) {
		for _, text := range []string{
			message + one + message + two, one + two + message, url.QueryEscape(message + one), url.PathEscape(one) + two,
			html.EscapeString(one) + message, strconv.QuoteToASCII(one), strings.ToUpper(one) + message,
		} {
			got := Scrub(text, one, two)
			if n := utf8.RuneCountInString(got); n > maxMessage+1 {
				t.Fatalf("%d runes", n)
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
				t.Fatalf("%q is no line of text", got)
			}
			for _, v := range []string{one, two} {
				// The mask itself may of course be a "value".
				if telling(fold(clean(v)).text) && !strings.ContainsAny(v, "*…") && strings.Contains(got, v) {
					t.Fatalf("%q shows %q", got, v)
				}
			}
			again := Scrub(got, one, two)
			if utf8.RuneCountInString(again) > maxMessage+1 {
				t.Fatalf("grows when scrubbed again")
			}
		}
	})
}

// A value that is passed over cannot be in the text in any of its forms.
func FuzzPossible(f *testing.F) {
	f.Add("员工张三已存在", "张三")
	f.Add("zhang+san", "Zhang San")
	f.Add("张三", "\\u5f20三")
	f.Add("a", "&#97;")
	f.Add("ＡＢＣ abc", "ａ b\u200bC")
	f.Add("x\xff y\u00a0", "\xff\u3000y")
	f.Fuzz(func(t *testing.T, message, value string) {
		for _, text := range []string{clean(message), clean(message + value), clean(strings.ToUpper(value)), clean(decode(value))} {
			f := fold(text)
			if len(f.possible([]string{value})) > 0 {
				continue
			}
			known, _ := prepare([]string{value})
			for _, v := range known {
				if strings.Contains(f.text, v.text) {
					t.Fatalf("%q is in %q", value, text)
				}
			}
		}
	})
}
