// Package browsertest tries package console in headless Chromium, and takes the pictures
// of it that the READMEs show. It is a module of its own, so that no user of the library
// gets a browser's driver. It needs Debian's chromium and fonts-noto-cjk, and npm.
package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// ErrNoBrowser says that there is no Chromium here.
var ErrNoBrowser = errors.New("browsertest: chromium is not installed: apt-get install chromium fonts-noto-cjk")

// Start starts a headless Chromium, which ends with the context or with the function.
func Start(ctx context.Context) (context.Context, context.CancelFunc, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, ErrNoBrowser
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has none for root
	}
	allocated, stop := chromedp.NewExecAllocator(ctx, options...)
	browser, end := chromedp.NewContext(allocated)
	if err := chromedp.Do(browser); err != nil {
		end()
		stop()
		return nil, nil, err
	}
	return browser, func() { end(); stop() }, nil
}

// Screen is what someone looks at a page with.
type Screen struct {
	Width, Height int64
	Dark          bool
	Lang          string // "en" or "zh"
}

// Use emulates a screen.
func (s Screen) Use(base string) chromedp.Action[chromedp.Void] {
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	return chromedp.Steps(
		chromedp.EmulateViewport(s.Width, s.Height, chromedp.EmulateScale(1.5)),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}),
		chromedp.Navigate(base),
		chromedp.Evaluate[chromedp.Void](`document.cookie = "lang=`+s.Lang+`; path=/"`),
	)
}
