package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// table is all results in Markdown.
func table(o options, results []*result) string {
	lines := [][]string{{
		"", "engine CPU", "wall", "peak", "÷ by hand", "÷ bound", "state", "a person",
		"requests", "people sent", "bound CPU", "by hand CPU", "peak", "state",
	}}
	for _, r := range results {
		lines = append(lines, r.line(o.company))
	}
	runs := "1 run"
	if o.runs > 1 {
		runs = fmt.Sprintf("medians of %d runs", o.runs)
	}
	return fmt.Sprintf("%s people, %s departments, 3 targets; %s; source %s; %s/%s, %d CPUs, %s\n\n%s\n%s",
		grouped(o.company.people), grouped(o.company.departments), runs, o.source,
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), markdown(lines), callsTable(results))
}

func (r *result) line(c company) []string {
	state := median(r.engine, func(u usage) int64 { return u.state })
	line := []string{
		r.scenario.title, medianCPU(r.engine),
		seconds(median(r.engine, func(u usage) time.Duration { return u.wall })),
		medianPeak(r.engine), ratio(r.engine, r.byHand), ratio(r.engine, r.bound),
		megabytes(state), fmt.Sprintf("%d B", state/int64(c.people)),
		grouped(r.exchanges), grouped(r.people), medianCPU(r.bound),
	}
	if len(r.byHand) == 0 {
		return append(line, "–", "–", "–")
	}
	return append(line, medianCPU(r.byHand), medianPeak(r.byHand),
		megabytes(median(r.byHand, func(u usage) int64 { return u.state })))
}

// median is the middle one, or the lower of two.
func median[T cmp.Ordered](usages []usage, of func(usage) T) T {
	values := make([]T, len(usages))
	for i, u := range usages {
		values[i] = of(u)
	}
	return middle(values)
}

func middle[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// ratio is the median of the ratios of CPU times within a run.
func ratio(of, over []usage) string {
	if len(of) != len(over) {
		return "–"
	}
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i].cpu.Seconds() / max(over[i].cpu, time.Microsecond).Seconds()
	}
	return fmt.Sprintf("%.2f ×", middle(ratios))
}

func medianCPU(usages []usage) string {
	return seconds(median(usages, func(u usage) time.Duration { return u.cpu }))
}

func medianPeak(usages []usage) string {
	return fmt.Sprintf("%.0f MiB", mebibytes(median(usages, func(u usage) int64 { return u.peak })))
}

// seconds shows at least two digits that mean something.
func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.4f s", d.Seconds())
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// grouped writes a number with a comma before every three digits.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// markdown lays lines out as a table: the first is its head, and the first column is text.
func markdown(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	write := func(line []string) {
		for i, cell := range line {
			fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				cell, fill = cell+fill, ""
			}
			b.WriteString("| " + fill + cell + " ")
		}
		b.WriteString("|\n")
	}
	write(lines[0])
	for i, width := range widths {
		if i == 0 {
			b.WriteString("|" + strings.Repeat("-", width+2))
			continue
		}
		b.WriteString("|" + strings.Repeat("-", width+1) + ":")
	}
	b.WriteString("|\n")
	for _, line := range lines[1:] {
		write(line)
	}
	return b.String()
}
