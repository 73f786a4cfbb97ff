package console

import (
	"log/slog"
	"net/http"
	"time"
)

// Console is the page: an [http.Handler]. Make it with [New]. All its links are
// relative, so that it can be served below any path that ends in a slash, with
// [http.StripPrefix].
type Console struct {
	config    Config
	desk      *desk
	handler   http.Handler
	renderers map[string]*renderer
	stamp     string
	streams   chan struct{} // bounds live connections
}

// maxStreams is how many live connections there may be. Pages without one work.
const maxStreams = 64

// New returns a page. It does no I/O; the error joins a [*ConfigError] for everything
// that is wrong.
func New(config Config) (*Console, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Feed == nil {
		config.Feed = &Feed{}
	}
	c := &Console{
		config: config, stamp: stamp(), streams: make(chan struct{}, maxStreams),
		renderers: map[string]*renderer{english: newRenderer(english), chinese: newRenderer(chinese)},
	}
	c.desk = newDesk(&c.config)
	c.handler = c.guarded(c.routes())
	return c, nil
}

// ServeHTTP answers a request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Close ends live connections, cancels a plan or run that the page started, and waits
// until it has ended. Give it to [http.Server.RegisterOnShutdown].
func (c *Console) Close() { c.desk.close() }

func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.showPlan)
	mux.HandleFunc("POST /plan", c.makePlan)
	mux.HandleFunc("POST /decide", c.decide)
	mux.HandleFunc("GET /branch", c.showBranch)
	mux.HandleFunc("GET /list", c.showList)
	mux.HandleFunc("GET /runs", c.showRuns)
	mux.HandleFunc("GET /run", c.showRun)
	mux.HandleFunc("GET /live", c.live)
	mux.HandleFunc("POST /language", c.chooseLanguage)
	mux.HandleFunc("GET /assets/{stamp}/{name}", c.serveAsset)
	if c.config.Sandbox != nil {
		mux.HandleFunc("POST /sandbox", c.sandbox)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			c.refuse(w, r, http.StatusMethodNotAllowed, "that is not possible here")
			return
		}
		c.refuse(w, r, http.StatusNotFound, "there is no such page")
	})
	return mux
}

func (c *Console) serveAsset(w http.ResponseWriter, r *http.Request) {
	for name, kind := range map[string]string{
		"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		if r.PathValue("name") == name {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(asset(name))
			return
		}
	}
	c.refuse(w, r, http.StatusNotFound, "there is no such page")
}
