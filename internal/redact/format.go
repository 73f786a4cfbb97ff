package redact

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Format prints name and the attributes of v, a group, whatever the verb. An
// entity's Format method calls it with the entity's own LogValue, so that one
// allow-list serves fmt and slog alike.
func Format(f fmt.State, name string, v slog.Value) {
	var b strings.Builder
	b.WriteString(name)
	b.WriteByte('{')
	if v = v.Resolve(); v.Kind() == slog.KindGroup {
		for i, a := range v.Group() {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(a.Key)
			b.WriteByte('=')
			b.WriteString(a.Value.Resolve().String())
		}
	}
	b.WriteByte('}')
	_, _ = io.WriteString(f, b.String())
}
