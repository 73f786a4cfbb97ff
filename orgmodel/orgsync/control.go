package orgsync

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"regexp"
	"strings"
)

// control says what "does not exist" looks like today, for the call in question. The
// vendor's docs do not say, so it is measured. Two ids that certainly exist must be
// answered with the record. Two that certainly do not, made up in the shape of the
// real ones, must be answered alike, and in another way than the first two.
type control struct {
	ask     func(ctx context.Context, id string) error
	known   []string          // ids that are certainly there, two if possible
	taken   func(string) bool // whether an id was read or is held
	done    bool
	absence string     // the signature, "" if the control failed
	why     RemarkCode // it failed
}

// proves reports whether an answer about an id says that it does not exist.
func (c *control) proves(ctx context.Context, id string, answer error) bool {
	if errors.Is(answer, ErrNotFound) {
		return true // the source knows
	}
	unclear, ok := errors.AsType[*Unclear](answer)
	if !ok {
		return false
	}
	if !c.done {
		c.done = true
		c.run(ctx)
	}
	return !vetoed(unclear.Signature) && c.absence != "" && signature(unclear, id) == c.absence
}

func (c *control) run(ctx context.Context) {
	if len(c.known) == 0 {
		c.why = RemarkNoneKnown
		return
	}
	first, last := c.known[0], c.known[len(c.known)-1]
	if err := c.ask(ctx, first); err != nil {
		c.judge(err, [2]string{}, [2]error{}, nil)
		return
	}
	var ids [2]string
	var answers [2]error
	for i := range ids {
		ids[i] = madeUp(first, c.taken)
		answers[i] = c.ask(ctx, ids[i])
	}
	c.judge(nil, ids, answers, c.ask(ctx, last))
}

// judge says what the answers about four ids mean: about one that is there, two that
// were made up, and another one that is there.
func (c *control) judge(first error, madeUp [2]string, answers [2]error, last error) {
	c.done = true
	if first != nil {
		c.why = RemarkKnownNotReturned
		return
	}
	var texts [2]string
	for i, id := range madeUp {
		unclear, ok := errors.AsType[*Unclear](answers[i])
		if !ok || vetoed(unclear.Signature) {
			c.why = RemarkUnknownAnswered
			return
		}
		texts[i] = signature(unclear, id)
	}
	switch {
	case last != nil:
		c.why = RemarkAgainNotReturned
	case texts[0] != texts[1]:
		c.why = RemarkUnknownDiffer
	default:
		c.absence = texts[0]
	}
}

var (
	// Also what a client has masked of one.
	longNumber = regexp.MustCompile(`[0-9A-Fa-f]*\*{3,}[0-9A-Fa-f*]*|[0-9A-Fa-f]{6,}`)
	blanks     = regexp.MustCompile(`\s+`)
	// A text that speaks of permission, or of being busy, proves nothing, even if
	// all ids get that answer. This can only keep people.
	veto = regexp.MustCompile(`(?i)权限|授权|可见|隐藏|denied|forbidden|permission|access|unauthori[sz]ed|` +
		`繁忙|频繁|稍后|超时|限流|重试|busy|throttl|too many|timeout|try again|retry|unavailable`)
)

// vetoed reports whether a signature has one of these words, written with blanks
// between them or in full width as well.
func vetoed(text string) bool {
	return veto.MatchString(text) || veto.MatchString(blanks.ReplaceAllString(folded(text), ""))
}

// folded returns text with full-width letters as plain ones.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		if r == '\u3000' {
			return ' '
		}
		return r
	}, text)
}

// signature is an answer without what differs from id to id.
func signature(u *Unclear, id string) string {
	text := u.Signature
	if id != "" {
		text = strings.ReplaceAll(text, id, "#")
	}
	return "~" + blanks.ReplaceAllString(longNumber.ReplaceAllString(text, "#"), " ")
}

// madeUp returns an id in the shape of a real one, of at least 64 random bits, that no
// record has.
func madeUp(like string, taken func(string) bool) string {
	for {
		id := randomLike(like)
		if id != like && !taken(id) {
			return id
		}
	}
}

const (
	digits     = "0123456789"
	hexDigits  = "0123456789abcdef"
	upperHex   = "0123456789ABCDEF"
	lower      = "abcdefghijklmnopqrstuvwxyz"
	upper      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	randomBits = 64
)

func randomLike(like string) string {
	hexLike := strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(digits+lower+upper, r) {
			return r
		}
		return -1
	}, like))
	isHex := strings.Trim(hexLike, hexDigits) == "" && strings.Trim(hexLike, digits) != ""
	var b strings.Builder
	bits, last := 0.0, digits
	pick := func(from string) {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(from)))) // never fails
		b.WriteByte(from[n.Int64()])
		bits += map[string]float64{digits: 3.3, hexDigits: 4, upperHex: 4}[from]
		if from == lower || from == upper {
			bits += 4.7
		}
		last = from
	}
	for _, r := range like {
		switch {
		case isHex && strings.ContainsRune(hexDigits, r):
			if strings.ContainsAny(like, "ABCDEF") {
				pick(upperHex)
			} else {
				pick(hexDigits)
			}
		case isHex && strings.ContainsRune("ABCDEF", r):
			pick(upperHex)
		case strings.ContainsRune(digits, r):
			pick(digits)
		case strings.ContainsRune(lower, r):
			pick(lower)
		case strings.ContainsRune(upper, r):
			pick(upper)
		default:
			b.WriteRune(r)
		}
	}
	for bits < randomBits {
		pick(last)
	}
	return b.String()
}
