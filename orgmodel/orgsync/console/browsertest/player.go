package browsertest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Player uses a page by its forms, without a browser.
type Player struct{ Base string }

// Page returns the plan page, once nothing is under way.
func (p Player) Page(ctx context.Context) (string, error) {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Base, nil)
		if err != nil {
			return "", err
		}
		text, err := p.do(request)
		if err != nil || !strings.Contains(text, `class="busy"`) {
			return text, err
		}
	}
}

// Post sends a form, and waits until what it has set in motion has ended.
func (p Player) Post(ctx context.Context, path string, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err = p.do(request); err != nil {
		return err
	}
	_, err = p.Page(ctx)
	return err
}

// Decide takes a decision about the plan that lies there.
func (p Player) Decide(ctx context.Context, verdict string) error {
	text, err := p.Page(ctx)
	if err != nil {
		return err
	}
	form := url.Values{"verdict": {verdict}, "by": {"王岚"}}
	for _, name := range []string{"plan", "digest"} {
		found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text)
		if found == nil {
			return fmt.Errorf("browsertest: there is no plan to be decided: %s is missing", name)
		}
		form.Set(name, found[1])
	}
	return p.Post(ctx, "/decide", form)
}

func (p Player) do(request *http.Request) (string, error) {
	answer, err := (&http.Client{}).Do(request) // #nosec G704 -- a page of this process
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("browsertest: %s: %s", request.URL.Path, answer.Status)
	}
	return string(text), err
}
