// Screens takes the pictures of the page that the READMEs show.
//
//	cd orgmodel/orgsync/console/browsertest && go run ./cmd/screens
package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/browsertest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

func main() {
	dir := filepath.Join("..", "screens")
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := take(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		os.Exit(1)
	}
}

// shot is one picture.
type shot struct {
	name, path string
	screen     browsertest.Screen
}

func shots() []shot {
	desk := func(dark bool, lang string) browsertest.Screen {
		return browsertest.Screen{Width: 1280, Height: 860, Dark: dark, Lang: lang}
	}
	phone := func(dark bool, lang string) browsertest.Screen {
		return browsertest.Screen{Width: 390, Height: 844, Dark: dark, Lang: lang}
	}
	return []shot{
		{"plan-1280-light-en", "/", desk(false, "en")},
		{"plan-1280-dark-zh", "/", desk(true, "zh")},
		{"plan-390-light-zh", "/", phone(false, "zh")},
		{"plan-390-dark-en", "/", phone(true, "en")},
		{"tree-1280-light-zh", "/?at=D111#tree", desk(false, "zh")},
		{"tree-1280-dark-en", "/?at=D111#tree", desk(true, "en")},
		{"tree-390-dark-zh", "/?at=D111#tree", phone(true, "zh")},
		{"runs-1280-light-en", "/runs", desk(false, "en")},
		{"runs-390-light-zh", "/runs", phone(false, "zh")},
	}
}

func take(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	began, clock := time.Now(), time.Date(2026, 9, 14, 8, 0, 3, 0, time.UTC)
	box, err := sandbox.New(sandbox.WithClock(func() time.Time { return clock.Add(time.Since(began)) }))
	if err != nil {
		return err
	}
	defer box.Close()
	page, err := console.New(box.Config())
	if err != nil {
		return err
	}
	defer page.Close()
	server := httptest.NewServer(page)
	defer server.Close()
	if err := play(ctx, browsertest.Player{Base: server.URL}, func() { clock = clock.Add(15 * time.Minute) }); err != nil {
		return err
	}
	browser, stop, err := browsertest.Start(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := os.MkdirAll(dir, 0o750); err != nil { // #nosec G703 -- as the caller says
		return err
	}
	for _, s := range shots() {
		picture, err := s.take(browser, server.URL)
		if err == nil {
			picture, err = small(picture)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, s.name+".png"), picture, 0o644) //nolint:gosec // a picture for everyone
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// play brings the sandbox to where there is something to be seen.
func play(ctx context.Context, p browsertest.Player, later func()) error {
	if err := p.Post(ctx, "/plan", nil); err != nil {
		return err
	}
	days := []string{""}
	for range 4 {
		days = append(days, "hire", "leave", "hire", "move", "hire", "hire", "leave")
	}
	days = append(days, "down", "leave", "hire", "up", "leave", "hire", "move", "leave", "hire", "leave", "hire")
	for _, day := range days {
		later()
		if day != "" {
			if err := p.Post(ctx, "/sandbox", url.Values{"do": {day}}); err != nil {
				return err
			}
		}
		if day != "down" {
			if err := p.Decide(ctx, "apply"); err != nil {
				return fmt.Errorf("%s: %w", day, err)
			}
		}
	}
	for _, last := range []string{"move", "hire", "most"} {
		later()
		if err := p.Post(ctx, "/sandbox", url.Values{"do": {last}}); err != nil {
			return err
		}
	}
	return nil
}

func (s shot) take(browser context.Context, base string) ([]byte, error) {
	tab, cancel := chromedp.NewContext(browser)
	defer cancel()
	if err := chromedp.Do(tab, s.screen.Use(base), chromedp.Navigate(base+s.path), chromedp.WaitReady("main")); err != nil {
		return nil, err
	}
	return chromedp.Run(tab, chromedp.CaptureScreenshot())
}
