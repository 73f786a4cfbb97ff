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

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// console tells standard error how far a run has come: a terminal with one line that is
// written over, a log with a line for each step.
type console struct {
	w        io.Writer
	terminal bool
	logger   *slog.Logger
	last     orgsync.Progress
	pushed   map[string]string // what the line says of each target
}

func newConsole(w io.Writer) *console {
	if isTerminal(w) {
		return &console{w: w, terminal: true, logger: slog.New(slog.DiscardHandler), pushed: map[string]string{}}
	}
	return &console{w: w, logger: slog.New(slog.NewTextHandler(w, nil)), pushed: map[string]string{}}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// warn says what must not be overlooked.
func (c *console) warn(ctx context.Context, text string) {
	if c.terminal {
		fmt.Fprintln(c.w, "orgsync:", text)
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "check the settings", slog.String("because", text))
}

// progress is called by the engine, one call at a time.
func (c *console) progress(p orgsync.Progress) {
	if c.terminal {
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

func (c *console) log(p orgsync.Progress) {
	attributes := []slog.Attr{slog.String("phase", string(p.Phase))}
	if p.Target != "" {
		attributes = append(attributes, slog.String("target", p.Target))
	}
	if p.Done > 0 {
		attributes = append(attributes, slog.Int("done", p.Done))
	}
	c.logger.LogAttrs(context.Background(), slog.LevelInfo, "progress", attributes...)
}

// line fits a terminal of 80 columns: a longer one would wrap and could not be
// written over.
func (c *console) line(p orgsync.Progress) string {
	const width = 79
	var text string
	switch p.Phase {
	case orgsync.PhaseDepartments:
		text = "reading departments"
	case orgsync.PhasePeople:
		text = fmt.Sprintf("reading people: %d", p.Done)
	case orgsync.PhasePlan:
		text = "planning"
	case orgsync.PhasePush:
		c.pushed[p.Target] = fmt.Sprintf("%s %d/%d", p.Target, p.Done, p.Total)
		targets := make([]string, 0, len(c.pushed))
		for _, name := range slices.Sorted(maps.Keys(c.pushed)) {
			targets = append(targets, c.pushed[name])
		}
		text = "pushing: " + strings.Join(targets, ", ")
	case orgsync.PhaseDone: // clears the line
	}
	runes := []rune(text)
	return string(runes[:min(width, len(runes))])
}
