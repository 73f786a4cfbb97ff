package orgsync_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// sceneTap stands between a client and a vendor.
type sceneTap struct {
	next http.RoundTripper

	mu      sync.Mutex
	instead func(r *http.Request, body string) *http.Response // nil: let through
	after   func()
}

func (t *sceneTap) client() *http.Client { return &http.Client{Transport: t} }

func (t *sceneTap) answer(instead func(r *http.Request, body string) *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.instead = instead
}

func (t *sceneTap) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	instead := t.instead
	t.mu.Unlock()
	if instead != nil && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if resp := instead(r, string(body)); resp != nil {
			resp.Request = r
			return resp, nil
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := t.next.RoundTrip(r)
	if t.after != nil {
		t.after()
	}
	return resp, err
}

func sceneResponse(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// pointReads makes getperson answer as told. answer gets the id, and whether there is
// such a person; "" lets the vendor answer.
func (s *scene) pointReads(answer func(id string, there bool) (status int, body string)) {
	s.fromSource.answer(func(r *http.Request, body string) *http.Response {
		if !strings.HasSuffix(r.URL.Path, "/getperson") {
			return nil
		}
		form, _ := url.ParseQuery(body)
		id, there := form.Get("openId"), false
		for _, p := range s.source.People() {
			there = there || p.OpenID == id
		}
		if status, text := answer(id, there); text != "" {
			return sceneResponse(status, text)
		}
		return nil
	})
}

// uniqueAccounts makes 爱关怀 refuse a call after which two people would have one
// account. In turn refuses row by row: not even for a moment.
func (s *scene) uniqueAccounts(inTurn bool) {
	s.toAiguanhuai.answer(func(_ *http.Request, body string) *http.Response {
		var call struct {
			Type string `json:"type"`
			Data []struct {
				ID      string `json:"userId"`
				Account string `json:"account"`
			} `json:"data"`
		}
		if json.Unmarshal([]byte(body), &call) != nil || call.Type != "person" {
			return nil
		}
		accounts := map[string]string{}
		for id, m := range s.members() {
			accounts[id] = m.Account
		}
		taken := func() bool {
			owners := map[string]bool{}
			for _, account := range accounts {
				if owners[account] {
					return true
				}
				owners[account] = true
			}
			return false
		}
		for _, row := range call.Data {
			if accounts[row.ID] = row.Account; inTurn && taken() {
				return sceneResponse(http.StatusOK, `{"errno":200008,"error":"account重复"}`)
			}
		}
		if taken() {
			return sceneResponse(http.StatusOK, `{"errno":200008,"error":"account重复"}`)
		}
		return nil
	})
}

// sceneStore fails every write after the first few, as if the process had died: with
// late, the first write to fail is carried out.
type sceneStore struct {
	orgsync.Store

	mu     sync.Mutex
	writes int
	late   bool
	failed bool
}

var errSceneCrash = errors.New("the process has died")

func (s *sceneStore) Lock(ctx context.Context, tenant string) (orgsync.Lease, error) {
	lease, err := s.Store.Lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &sceneLease{Lease: lease, store: s}, nil
}

type sceneLease struct {
	orgsync.Lease

	store *sceneStore
}

func (l *sceneLease) Write(ctx context.Context, entries ...orgsync.Entry) error {
	s := l.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes--; s.writes >= 0 {
		return l.Lease.Write(ctx, entries...)
	}
	if first := !s.failed; first && s.late {
		_ = l.Lease.Write(ctx, entries...)
	}
	s.failed = true
	return errSceneCrash
}

// crashes makes the next run die after so many writes of the state, and reports whether
// it got that far.
func (s *scene) crashes(writes int, late bool) bool {
	s.tb.Helper()
	whole := s.store
	dying := &sceneStore{Store: whole, writes: writes, late: late}
	s.store = dying
	_, _ = s.run()
	s.store = whole
	return dying.failed
}

// foreignAccount gives an account of 爱关怀 to someone the engine knows nothing of.
func (s *scene) foreignAccount(account string) {
	s.tb.Helper()
	foreign := aiguanhuai.Person{UserID: "foreign", Account: account, RealName: "外人", Status: aiguanhuai.StatusActive}
	_, err := s.ta.Client.UpdatePeople(s.tb.Context(), []aiguanhuai.Person{foreign})
	require.NoError(s.tb, err)
}

// changesPages has every page of getallpersons changed before it is read, one after
// another although pages may be read ahead.
func (s *scene) changesPages(change func(data map[string]any, persons []any) []any) {
	var mu sync.Mutex
	s.source.Inject(yunzhijiatest.MutateBody(func(body []byte) []byte {
		var page map[string]any
		if json.Unmarshal(body, &page) != nil {
			return body
		}
		data, _ := page["data"].(map[string]any)
		persons, _ := data["persons"].([]any)
		mu.Lock()
		data["persons"] = change(data, persons)
		mu.Unlock()
		changed, _ := json.Marshal(page)
		return changed
	}).On("getallpersons").Always())
}

// unlists hides people from getallpersons; getperson returns them.
func (s *scene) unlists(ids ...string) {
	s.changesPages(func(_ map[string]any, persons []any) []any {
		return slices.DeleteFunc(persons, func(p any) bool {
			id, _ := p.(map[string]any)["openId"].(string)
			return slices.Contains(ids, id)
		})
	})
}
