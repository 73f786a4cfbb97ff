package orgmodel

import (
	"fmt"
	"io"
	"log/slog"
)

// Whatever verb or log handler is used, records show ids, status and the names of
// the known fields: an allow-list, because names and mobiles must not reach a log.

func summary(entity Entity, id string, status Status, known string) string {
	return fmt.Sprintf("%s %q status=%s known=%s", entity, id, status, known)
}

func recordValue(id string, status Status, known string) slog.Value {
	return slog.GroupValue(slog.String("id", id), slog.String("status", status.String()), slog.String("known", known))
}

// Format prints id, status and known field names, with every verb.
func (p Person) Format(s fmt.State, _ rune) { printTo(s, p.summary()) }

// LogValue gives id, status and known field names. Log one person a time: slog does
// not ask the elements of a list.
func (p Person) LogValue() slog.Value { return recordValue(p.ID, p.knownStatus(), p.Known.String()) }

// Format prints id, status and known field names, with every verb.
func (d Department) Format(s fmt.State, _ rune) { printTo(s, d.summary()) }

// LogValue gives id, status and known field names.
func (d Department) LogValue() slog.Value {
	return recordValue(d.ID, d.knownStatus(), d.Known.String())
}

// Format prints how many records the directory has and whether it is complete.
func (d Directory) Format(s fmt.State, _ rune) {
	printTo(s, fmt.Sprintf("directory departments=%d people=%d complete=%t", d.NumDepartments(), d.NumPeople(), d.Complete()))
}

// LogValue gives how many records the directory has and whether it is complete.
func (d Directory) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("departments", d.NumDepartments()), slog.Int("people", d.NumPeople()), slog.Bool("complete", d.Complete()))
}

// Format prints how many records were taken in so far.
func (b Builder) Format(s fmt.State, _ rune) {
	printTo(s, fmt.Sprintf("builder departments=%d people=%d", len(b.departments.records), len(b.people.records)))
}

// LogValue gives how many records were taken in so far.
func (b Builder) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("departments", len(b.departments.records)), slog.Int("people", len(b.people.records)))
}

// Format prints the id and the names of the changed fields and attributes.
func (c Change[T, F]) Format(s fmt.State, _ rune) {
	printTo(s, fmt.Sprintf("change %q fields=%s attributes=%q", c.ID(), c.Fields, c.Attributes))
}

// LogValue gives the id and the names of the changed fields and attributes.
func (c Change[T, F]) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID()), slog.String("fields", c.Fields.String()), slog.Any("attributes", c.Attributes))
}

// Format prints how many records each kind of change has.
func (c Changes) Format(s fmt.State, _ rune) { printTo(s, "changes "+c.counts()) }

// LogValue gives how many records each kind of change has.
func (c Changes) LogValue() slog.Value { return slog.StringValue(c.counts()) }

func (c Changes) counts() string {
	return fmt.Sprintf("departments created=%d changed=%d removed=%d, people created=%d changed=%d removed=%d, withheld=%d",
		len(c.CreatedDepartments), len(c.ChangedDepartments), len(c.removedDepartments.gone),
		len(c.CreatedPeople), len(c.ChangedPeople), len(c.removedPeople.gone), len(c.Withheld))
}

func printTo(s fmt.State, text string) { _, _ = io.WriteString(s, text) }
