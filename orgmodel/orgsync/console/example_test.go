package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
)

// A page for an engine. Whatever else runs the engine goes through the runner, too.
func ExampleNew() {
	var feed console.Feed
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: newCompany(3, 20), Targets: []orgsync.Target{taker{"care"}}, Store: orgsync.NewMemoryStore(),
	}, orgsync.WithProgress(feed.Report))
	if err != nil {
		panic(err)
	}
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: "acme"})
	if err != nil {
		panic(err)
	}
	page, err := console.New(console.Config{Host: runner, Feed: &feed, User: "ops", Password: os.Getenv("PAGE_PASSWORD") + "x"})
	if err != nil {
		panic(err)
	}
	defer page.Close()
	server := httptest.NewServer(page) // or an http.Server with page as its Handler
	defer server.Close()

	answer, err := http.Get(server.URL)
	if err != nil {
		panic(err)
	}
	_ = answer.Body.Close()
	fmt.Println(answer.Status)
	if _, err := runner.Run(context.Background(), orgsync.RunOptions{}); err != nil {
		panic(err)
	}
	runs, err := runner.Runs(context.Background())
	fmt.Println(runs[0].Outcome, runs[0].Changes, err)
	// Output:
	// 401 Unauthorized
	// done 23 <nil>
}

// A plan as a file that can be passed on. Without Names it holds no one's name.
func ExampleWritePlan() {
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: newCompany(3, 20), Targets: []orgsync.Target{taker{"care"}}, Store: orgsync.NewMemoryStore(),
	})
	if err != nil {
		panic(err)
	}
	plan, err := engine.Plan(context.Background(), orgsync.RunOptions{})
	if err != nil {
		panic(err)
	}
	var page strings.Builder
	if err := console.WritePlan(&page, plan, console.PageOptions{Language: "zh-CN"}); err != nil {
		panic(err)
	}
	fmt.Println(strings.Contains(page.String(), "示例部门2"), strings.Contains(page.String(), "钱示例"))
	// Output: true false
}
