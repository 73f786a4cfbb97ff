package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// terminal tells standard error how far a run has come: a terminal with one line that is
// written over, a log with a line for each step.
type terminal struct {
	mu     sync.Mutex
	w      io.Writer
	live   bool // one line that is written over
	logger *slog.Logger
	now    func() time.Time
	last   orgsync.Progress
	began  map[string]mark   // phases, and targets
	pushed map[string]string // what the line says of each target
}

// mark is how far a phase had come when it was first told of.
type mark struct {
	at   time.Time
	done int
}

func newTerminal(w io.Writer) *terminal {
	c := &terminal{w: w, now: time.Now, began: map[string]mark{}, pushed: map[string]string{}}
	if c.live = isTerminal(w); c.live {
		c.logger = slog.New(slog.DiscardHandler)
	} else {
		c.logger = slog.New(slog.NewTextHandler(w, nil))
	}
	return c
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// columns is how wide a line may be. One that fills the terminal would wrap.
func (c *terminal) columns() int {
	if file, ok := c.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 1 {
			return width - 1
		}
	}
	return 79
}

// warn says what must not be overlooked.
func (c *terminal) warn(ctx context.Context, text string) {
	if c.live {
		fmt.Fprintln(c.w, "orgsync:", text)
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "check the settings", slog.String("because", text))
}

// note says something that is no warning.
func (c *terminal) note(ctx context.Context, text string) {
	if c.live {
		fmt.Fprintln(c.w, "orgsync:", text)
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelInfo, "note", slog.String("text", text))
}

// progress is called by the engine, one call at a time.
func (c *terminal) progress(p orgsync.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live {
		const over = "\r\x1b[K"
		fmt.Fprint(c.w, over+c.line(p))
		return
	}
	// A line for every thousand people would bury the rest: their number is told
	// when the next phase begins.
	before := c.last
	c.last = p
	if before.Phase == orgsync.PhasePeople && p.Phase != before.Phase {
		c.log(before)
	}
	if p.Phase != orgsync.PhasePeople && (p.Phase != orgsync.PhasePush || p.Done >= p.Total) {
		c.log(p)
	}
}

func (c *terminal) log(p orgsync.Progress) {
	attributes := []slog.Attr{slog.String("phase", string(p.Phase))}
	if p.Target != "" {
		attributes = append(attributes, slog.String("target", p.Target))
	}
	if p.Done > 0 {
		attributes = append(attributes, slog.Int("done", p.Done))
	}
	c.logger.LogAttrs(context.Background(), slog.LevelInfo, "progress", attributes...)
}

// line fits the terminal: a longer one would wrap and could not be written over.
func (c *terminal) line(p orgsync.Progress) string {
	if p.Phase != c.last.Phase {
		clear(c.pushed)
	}
	c.last = p
	var text string
	switch p.Phase {
	case orgsync.PhaseDepartments:
		clear(c.began)
		text = "reading departments"
	case orgsync.PhasePeople:
		text = fmt.Sprintf("reading people: %d", p.Done) + c.pace("people", p)
	case orgsync.PhasePlan:
		text = "planning"
	case orgsync.PhasePush:
		c.pushed[p.Target] = fmt.Sprintf("%s %d/%d", p.Target, p.Done, p.Total) + c.pace("push "+p.Target, p)
		targets := make([]string, 0, len(c.pushed))
		for _, name := range slices.Sorted(maps.Keys(c.pushed)) {
			targets = append(targets, c.pushed[name])
		}
		text = "pushing: " + strings.Join(targets, ", ")
	case orgsync.PhaseDone: // clears the line
	}
	return cut(text, c.columns())
}

// pace says how fast a phase goes, and how long it will take if it goes on like this. The
// first thing that is told of a phase is where its clock begins.
func (c *terminal) pace(phase string, p orgsync.Progress) string {
	now := c.now()
	began, known := c.began[phase]
	if !known || p.Done < began.done {
		c.began[phase] = mark{now, p.Done}
		return ""
	}
	took := now.Sub(began.at).Seconds()
	if took < 1 || p.Done == began.done {
		return ""
	}
	rate := float64(p.Done-began.done) / took
	text := fmt.Sprintf(" (%.0f/s", rate)
	if left := p.Total - p.Done; p.Total > 0 && left > 0 {
		text += fmt.Sprintf(", %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text + ")"
}

// cut shortens a text to a number of columns, of which 汉字 take two each.
func cut(text string, columns int) string {
	for i, r := range text {
		wide := 1
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			wide = 2
		}
		if columns -= wide; columns < 0 {
			return text[:i]
		}
	}
	return text
}
