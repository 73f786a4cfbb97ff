package readme_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/console"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync/trigger"
	"github.com/orgbridge/orgbridge/tuzhan"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// The code below is compiled and called as it is shown. What it is given are settings that
// lead nowhere or simulators, so that some of it ends with the error that it should.

func readPeople(ctx context.Context, appID, appSecret string, since yunzhijia.Cursor, apply func(yunzhijia.Person)) error {
	client, err := yunzhijia.New(yunzhijia.Config{EID: "10001", Credentials: yunzhijia.AppCredentials(appID, appSecret)})
	if err != nil {
		return err
	}
	// begin
	feed := client.PersonFeed(since, yunzhijia.PageOptions{Prefetch: 4})
	for person, err := range feed.Events(ctx) {
		if err != nil {
			return err
		}
		apply(person) // the last event of an openId holds
	}
	next, ok := feed.Cursor() // only after a run that reached its end
	// end
	_, _ = next, ok
	return nil
}

func directoryEngine(eid, key string, targets []orgsync.Target, store orgsync.Store) (*orgsync.Engine, error) {
	// begin
	client, err := yunzhijia.New(yunzhijia.Config{Credentials: yunzhijia.SyncCredentials(eid, key)})
	// skip
	if err != nil {
		return nil, err
	}
	// on
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme", Source: &orgsync.YunzhijiaDirectorySource{Client: client}, Targets: targets, Store: store,
	})
	// end
	return engine, err
}

func hear(ctx context.Context, eid, key string, sync func(context.Context, trigger.Request)) error {
	http := http.NewServeMux()
	// begin
	runs, err := trigger.New(trigger.Config{Run: sync, AtStart: true, Every: 15 * time.Minute, Nightly: "02:40"})
	// skip
	if err != nil {
		return err
	}
	// on
	// …
	events, err := yunzhijia.NewEventHandler(yunzhijia.EventHandlerConfig{
		Access: []yunzhijia.EventAccess{yunzhijia.TeamEvents(eid, key)},
		Take:   func(context.Context, yunzhijia.Event) error { return runs.Event() },
	})
	// skip
	if err != nil {
		return err
	}
	// on
	// …
	http.Handle("/yunzhijia/events", events)
	err = runs.Serve(ctx)
	// end
	return err
}

func pushAll(ctx context.Context, client *aiguanhuai.Client, departments []aiguanhuai.Department, people []aiguanhuai.Person) error {
	// begin
	task, err := client.PrepareTask(ctx)
	if err != nil {
		return err
	}
	if err := task.AddDepartments(ctx, departments); err != nil {
		return err
	}
	if err := task.AddPeople(ctx, people); err != nil {
		return err
	}
	return task.Complete(ctx) // refuses if any part is missing
	// end
}

func addEmployees(ctx context.Context, client *tuzhan.Client, employees []tuzhan.Employee) (updates, later []tuzhan.Employee, err error) {
	log := slog.New(slog.DiscardHandler)
	// begin
	result, err := client.AddEmployees(ctx, employees)
	for _, item := range result.Failed {
		if errors.Is(item.Err, tuzhan.ErrExists) {
			updates = append(updates, item.Record)
			continue
		}
		log.Warn("not added", "row", item.Index, "err", item.Err)
	}
	for _, item := range result.Pending { // 进行中: neither done nor failed
		later = append(later, item.Record)
	}
	// end
	return updates, later, err
}

type users map[int64]yunjian.User

func (s users) Upsert(_ context.Context, u yunjian.User) (string, error) {
	s[int64(len(s))] = u
	return fmt.Sprintf("id-%d", len(s)), nil
}

func receive(account, secret, signKey string, store users) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	register := func() error {
		http := struct {
			*muxed
			StripPrefix func(string, http.Handler) http.Handler
		}{&muxed{mux}, http.StripPrefix}
		// begin
		handler, err := yunjian.NewHandler(yunjian.HandlerConfig{
			Access: yunjian.NewAccess(account, secret, signKey), // issued to 云简
			Sync: func(ctx context.Context, u yunjian.User) (yunjian.Ack, error) {
				id, err := store.Upsert(ctx, u)
				return yunjian.Ack{BindID: id}, err // an error fails this user only
			},
		})
		if err != nil {
			return err
		}
		http.Handle("/yunjian/", http.StripPrefix("/yunjian", handler)) // /session and /users
		// end
		return nil
	}
	return mux, register()
}

// muxed stands for package http, so that the code registers nothing for other tests.
type muxed struct{ mux *http.ServeMux }

func (m *muxed) Handle(pattern string, handler http.Handler) { m.mux.Handle(pattern, handler) }

func convert(source yunzhijia.Person) (tuzhan.Employee, error) {
	// begin
	person, err := orgmodel.Yunzhijia{}.Person(source) // masked and missing fields are unknown
	// skip
	if err != nil {
		return tuzhan.Employee{}, err
	}
	// on
	record, err := orgmodel.Tuzhan{}.FromPerson(person) // an unknown field never travels
	// end
	return record, err
}

func keepInStep(ctx context.Context, source *yunzhijia.Client, care *aiguanhuai.Client, marketing *tuzhan.Client, travel *yunjian.Client,
	store orgsync.Store, key []byte,
) error {
	// begin
	engine, err := orgsync.New(orgsync.Config{
		Tenant: "acme",
		Source: &orgsync.YunzhijiaSource{Client: source},
		Targets: []orgsync.Target{
			&orgsync.AiguanhuaiTarget{Client: care},
			&orgsync.TuzhanTarget{Client: marketing},
			&orgsync.YunjianTarget{Client: travel},
		},
		Store: store, // boltstore.Open("orgsync.db"), or sqlstore for several processes
	}, orgsync.WithSealing(key))
	// …
	// skip
	if err != nil {
		return err
	}
	// on
	report, err := engine.Run(ctx, orgsync.RunOptions{})
	fmt.Print(report.Text())
	// end
	return err
}

// served stands for package http, whose server would not end.
type served struct{ handler http.Handler }

func (s *served) ListenAndServe(address string, handler http.Handler) error {
	s.handler = handler
	_, _, err := net.SplitHostPort(address)
	return err
}

func showPage(config orgsync.Config, password string) (http.Handler, error) {
	http := &served{}
	// begin
	var feed console.Feed
	engine, err := orgsync.New(config, orgsync.WithProgress(feed.Report))
	// skip
	if err != nil {
		return nil, err
	}
	// on
	runner, err := console.NewRunner(console.RunnerConfig{Engine: engine, Tenant: config.Tenant})
	// skip
	if err != nil {
		return nil, err
	}
	// on
	page, err := console.New(console.Config{Host: runner, Feed: &feed, User: "ops", Password: password})
	// skip
	if err != nil {
		return nil, err
	}
	// on
	err = http.ListenAndServe("127.0.0.1:8080", page)
	// end
	return http.handler, err
}

func branch(err error) string {
	// begin
	switch {
	case errors.Is(err, aiguanhuai.ErrTaskNotFound): // the vendor's 200006
		// skip
		return "task"
		// on
	case errors.Is(err, aiguanhuai.ErrRateLimited): // HTTP 429 to the last attempt
		// skip
		return "rate"
		// on
	case errors.Is(err, aiguanhuai.ErrOutcomeUnknown): // a write: perhaps done, perhaps not
		// skip
		return "unknown"
		// on
	case errors.Is(err, aiguanhuai.ErrInvalid): // *FieldError: nothing was sent
		// skip
		return "invalid"
		// on
	case errors.Is(err, context.DeadlineExceeded):
		// skip
		return "deadline"
		// on
	}
	// end
	return ""
}

func faults(ctx context.Context, departments []tuzhan.Department) (int, error) {
	// begin
	srv := tuzhantest.NewServer()
	defer srv.Close()
	client := srv.Client() // a *tuzhan.Client that reaches it

	srv.Inject(
		tuzhantest.RateLimited(2*time.Second),                           // the next call: 429 with Retry-After
		tuzhantest.LoseAnswer().On(tuzhantest.OpDepartments).After(1),   // then: carried out, answer lost
		tuzhantest.Refuse("100300", "授权码错误").On(tuzhantest.OpEmployees), // a code of the vendor
	)
	// end
	srv.ClearFaults()
	_, err := client.AddDepartments(ctx, departments)
	return len(srv.Departments()), err
}

// The code of the READMEs does what stands beside it.
func TestSnippets(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	source := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(3, 10), yunzhijiatest.WithContacts())
	defer source.Close()
	care, marketing, travel := aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory(), yunjiantest.NewInMemory()
	defer care.Close()
	defer marketing.Close()
	defer travel.Close()
	reads, cares, markets, travels := source.Client(), care.Client(), marketing.Client(), travel.Client()

	gone, cancel := context.WithCancel(ctx)
	cancel() // what would go to the real 云之家 does not
	require.ErrorIs(t, readPeople(gone, "500000001", "secret", "", nil), context.Canceled)
	store := orgsync.NewMemoryStore()
	targets := []orgsync.Target{&orgsync.AiguanhuaiTarget{Client: cares}}
	engine, err := directoryEngine("10001", "key", targets, store)
	require.NoError(t, err)
	require.NotNil(t, engine)
	began := make(chan struct{}, 1)
	hearing, stop := context.WithCancel(ctx)
	defer stop()
	require.NoError(t, errors.Join(hear(hearing, "10001", "key", func(context.Context, trigger.Request) { began <- struct{}{}; stop() })))
	require.Len(t, began, 1, "it runs at the start")

	person, err := orgmodel.Yunzhijia{}.Person(source.People()[0])
	require.NoError(t, err)
	record, err := orgmodel.Aiguanhuai{}.FromPerson(person)
	require.NoError(t, err)
	root, err := orgmodel.Aiguanhuai{}.FromDepartment(mustDepartment(t, source.Orgs()[0]))
	require.NoError(t, err)
	require.NoError(t, pushAll(ctx, cares, []aiguanhuai.Department{root}, []aiguanhuai.Person{record}))
	employee, err := convert(source.People()[0])
	require.NoError(t, err)
	department, err := orgmodel.Tuzhan{}.FromDepartment(mustDepartment(t, source.Orgs()[0]))
	require.NoError(t, err)
	_, err = markets.AddDepartments(ctx, []tuzhan.Department{department})
	require.NoError(t, err)
	_, _, err = addEmployees(ctx, markets, []tuzhan.Employee{employee})
	require.NoError(t, err)
	updates, later, err := addEmployees(ctx, markets, []tuzhan.Employee{employee})
	require.Error(t, err)
	require.Len(t, updates, 1, "it is there already")
	require.Empty(t, later)

	mux, err := receive("account", "secret", "key", users{})
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/yunjian/session", nil))
	require.NotEqual(t, http.StatusNotFound, answer.Code)
	require.NoError(t, keepInStep(ctx, reads, cares, markets, travels, store, make([]byte, 32)))
	page, err := showPage(orgsync.Config{Tenant: "acme", Source: &orgsync.YunzhijiaSource{Client: reads}, Targets: targets, Store: store}, "secret")
	require.NoError(t, err)
	answer = httptest.NewRecorder()
	page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusUnauthorized, answer.Code)

	for err, want := range map[error]string{
		aiguanhuai.ErrTaskNotFound: "task", aiguanhuai.ErrRateLimited: "rate", aiguanhuai.ErrOutcomeUnknown: "unknown",
		aiguanhuai.ErrInvalid: "invalid", context.DeadlineExceeded: "deadline", errors.ErrUnsupported: "",
	} {
		assert.Equal(t, want, branch(err))
	}
	held, err := faults(ctx, []tuzhan.Department{department})
	require.NoError(t, err)
	require.Equal(t, 1, held)
}

func mustDepartment(t *testing.T, org yunzhijia.Org) orgmodel.Department {
	t.Helper()
	d, err := orgmodel.Yunzhijia{}.Department(org)
	require.NoError(t, err)
	d.SetParentID("")
	return d
}
