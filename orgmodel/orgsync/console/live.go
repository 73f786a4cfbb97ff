package console

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

const (
	livePause = 250 * time.Millisecond // between two messages
	liveBeat  = 15 * time.Second       // without anything new
)

// live sends what is under way as server-sent events: "now" has the line to be shown,
// "over" says that the page is out of date.
func (c *Console) live(w http.ResponseWriter, r *http.Request) {
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		http.Error(w, "There are too many live pages.", http.StatusServiceUnavailable)
		return
	}
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a server's limit is for pages
	w.Header().Set("Content-Type", "text/event-stream")
	seen, was := whole(r, "version", 0), false
	for {
		_, progress := c.config.Feed.Now() // before it is looked at: nothing is missed
		p, g := c.page(r, "live")
		if g.closed {
			return
		}
		busy := p.Busy != nil
		if g.doing == "" && (g.version != seen && !busy || was && !busy) {
			_, _ = fmt.Fprint(w, "event: over\ndata:\n\n")
			_ = out.Flush()
			return
		}
		was = busy
		text, err := c.renderers[language(r)].html("busy", p)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "event: now\ndata: %s\n\n", bytes.ReplaceAll(bytes.TrimSpace(text), []byte("\n"), []byte("\ndata: "))); err != nil {
			return
		}
		if out.Flush() != nil {
			return
		}
		if !wait(r.Context().Done(), g.changed, progress) {
			return
		}
	}
}

// wait returns when something is new, but not at once; false if no one listens any more.
func wait(gone, changed, progress <-chan struct{}) bool {
	beat := time.NewTimer(liveBeat)
	defer beat.Stop()
	select {
	case <-gone:
		return false
	case <-changed:
		return true
	case <-progress:
	case <-beat.C:
		return true
	}
	pause := time.NewTimer(livePause)
	defer pause.Stop()
	select {
	case <-gone:
		return false
	case <-changed:
	case <-pause.C:
	}
	return true
}
