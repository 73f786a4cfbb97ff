package browsertest_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/browsertest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console/sandbox"
)

const axeVersion = "4.14.1"

// axe is the checker, fetched from npm and kept nowhere.
var axe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "axe")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if output, err := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, "axe-core@"+axeVersion).CombinedOutput(); err != nil {
		return "", fmt.Errorf("axe-core %s cannot be fetched by npm: %w: %s", axeVersion, err, output)
	}
	file, err := os.Open(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return "", err
	}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if err != nil {
			return "", errors.Join(errors.New("axe.min.js is not in the package"), err)
		}
		if header.Name == "package/axe.min.js" {
			text, err := io.ReadAll(archive)
			return string(text), err
		}
	}
})

// Contrast, labels, headings and the rest hold on all pages, on both screens, dark and
// light, in both languages.
func TestAxe(t *testing.T) {
	t.Parallel()
	checker, err := axe()
	require.NoError(t, err)
	s := newStage(t)
	empty := newStage(t)
	s.press(t, sandbox.Hire)
	require.NoError(t, s.player.Decide(t.Context(), "apply"))
	s.press(t, sandbox.Down)
	s.press(t, sandbox.Leave)
	require.NoError(t, s.player.Decide(t.Context(), "apply"))
	decided := newStage(t)
	decided.press(t, sandbox.Most)
	require.NoError(t, decided.player.Decide(t.Context(), "reject"))
	s.press(t, sandbox.Move)
	s.press(t, sandbox.Most)
	b := openTab(t)
	for _, screen := range []browsertest.Screen{
		{Width: 1280, Height: 860, Lang: "en"}, {Width: 1280, Height: 860, Lang: "zh", Dark: true},
		{Width: 390, Height: 844, Lang: "zh"}, {Width: 390, Height: 844, Lang: "en", Dark: true},
	} {
		for _, address := range []string{
			s.base + "/?at=D111", s.base + "/runs", s.base + "/run?id=3", s.base + "/list?what=removals", empty.base, decided.base,
		} {
			b.do(screen.Use(s.base), chromedp.Navigate(address), chromedp.Evaluate[chromedp.Void](checker+";undefined"))
			found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](
				`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) =>
					r.violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`,
				chromedp.EvalAwaitPromise))
			require.NoError(t, err)
			where, _ := url.Parse(address)
			require.Empty(t, found, "%s on %+v:\n%s", where.Path, screen, strings.Join(found, "\n"))
			wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`))
			require.NoError(t, err)
			require.LessOrEqual(t, wide, 0, "%s on %+v can be scrolled sideways", where.Path, screen)
		}
	}
}
