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

// Format prints how many records were taken in so far, repeated people among them.
func (b Builder) Format(s fmt.State, _ rune) {
	departments, people := b.taken()
	printTo(s, fmt.Sprintf("builder departments=%d people=%d", departments, people))
}

// LogValue gives how many records were taken in so far, repeated people among them.
func (b Builder) LogValue() slog.Value {
	departments, people := b.taken()
	return slog.GroupValue(slog.Int("departments", departments), slog.Int("people", people))
}

func (b *Builder) taken() (departments, people int) {
	if b.sealed != nil {
		return b.sealed.NumDepartments(), b.sealed.NumPeople()
	}
	return len(b.departments.records), len(b.people.arrived) - len(b.people.refused)
}

func printTo(s fmt.State, text string) { _, _ = io.WriteString(s, text) }
