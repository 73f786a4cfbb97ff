package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// exchange is what bound repeats, and the check counts, of one request and its answer.
type exchange struct {
	Method string `json:"method"`
	Call   string `json:"call,omitempty"` // the vendor's name of it, of reads of 云之家 alone
	In     int    `json:"in"`             // bytes of the request's body
	Out    int    `json:"out"`            // bytes of the answer's body
	People int    `json:"people,omitempty"`
}

// vendors are all four of them. They accept everything and keep only its size.
type vendors struct {
	company company
	source  string
	orgs    rows
	jobs    rows // side jobs, of openimport

	mu        sync.Mutex
	edition   edition
	feed      rows // all people
	changed   rows // those whom the edition changes
	exchanges []exchange
}

// Paths of the endpoints whose path is configurable, and of those that no vendor has.
const (
	pathYunjianSession = "/yunjian/session"
	pathYunjianSync    = "/yunjian/sync"
	pathEdition        = "/control/edition"
	pathExchanges      = "/control/exchanges"
	pathReplay         = "/control/replay"
)

const (
	pathYunzhijia  = "/gateway/opendata-control/data/"
	pathToken      = "/gateway/oauth2/token/getAccessToken"
	pathAiguanhuai = "/v3/oms/"
	pathTuzhan     = "/api/integrate/"
)

// cursorBeginning is the time that asks for all people.
const cursorBeginning = "2008-08-02 01:40:38"

// playVendors serves until its standard input ends, which it does when the parent ends.
func playVendors(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 3 {
		return errors.New("the vendors need the numbers of people and departments, and a source")
	}
	people, errP := strconv.Atoi(args[0])
	departments, errD := strconv.Atoi(args[1])
	if err := errors.Join(errP, errD); err != nil {
		return err
	}
	v := &vendors{company: company{people: people, departments: departments}, source: args[2]}
	appendOrg := v.company.appendDepartment
	if v.source == sourceDirectory {
		appendOrg = v.company.appendDirectoryOrg
		v.publishJobs()
	}
	for i := range departments {
		v.orgs.add(func(b []byte) []byte { return appendOrg(b, i) })
	}
	v.publish(edition{})

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: v.handler(), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if _, err := fmt.Fprintln(stdout, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, stdin)
	_ = server.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// publish renders an edition and drops all exchanges.
func (v *vendors) publish(e edition) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.edition, v.feed, v.changed, v.exchanges = e, rows{}, rows{}, nil
	appendPerson := v.company.appendPerson
	if v.source == sourceDirectory {
		appendPerson = v.company.appendDirectoryPerson
	}
	for i := range v.company.people {
		row := func(b []byte) []byte { return appendPerson(b, i, e) }
		v.feed.add(row)
		if e.changes(i) {
			v.changed.add(row)
		}
	}
	runtime.GC() // now rather than in the middle of a measurement
}

func (v *vendors) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(path, call string, answer func(form url.Values) [][]byte) {
		mux.HandleFunc("POST "+path+call, v.exchanged(call, "", func(body []byte) [][]byte {
			form, _ := url.ParseQuery(string(body)) // what cannot be parsed is not there
			return answer(form)
		}))
	}
	accept := func(pattern, person, answer string) {
		mux.HandleFunc(pattern, v.exchanged("", person, func([]byte) [][]byte { return [][]byte{[]byte(answer)} }))
	}
	accept("POST "+pathToken, "", `{"success":true,"error":null,"errorCode":0,`+
		`"data":{"accessToken":"token-of-yunzhijia","refreshToken":"none","expireIn":7200}}`)
	handle(pathYunzhijia, "getcompany", func(url.Values) [][]byte {
		return yunzhijiaAnswer(fmt.Appendf(nil, `{"eid":"10001","userCount":"%d","name":"示例工作圈"}`, v.company.people))
	})
	handle(pathYunzhijia, "getallorgs", func(form url.Values) [][]byte {
		return yunzhijiaAnswer([]byte("["), v.orgs.page(window(form)), []byte("]"))
	})
	handle(pathYunzhijia, "getallpersons", v.persons)
	handle(pathYunzhijia, "getperson", v.person)
	handle(pathYunzhijia, "getorg", v.org)
	for call, answer := range v.openimport() {
		handle(pathOpenimport, call, func(form url.Values) [][]byte {
			return yunzhijiaAnswer([]byte("["), answer(readOpenimport(form)), []byte("]"))
		})
	}

	accept("GET "+pathAiguanhuai+"add-prepare", "", `{"errno":0,"error":"ok","body":{"taskId":"1"}}`)
	accept("POST "+pathAiguanhuai+"add", `"realName"`, `{"errno":0,"error":"ok"}`)
	accept("POST "+pathAiguanhuai+"update", `"realName"`, `{"errno":0,"error":"ok"}`)
	accept("GET "+pathAiguanhuai+"add-complete", "", `{"errno":0,"error":"ok"}`)

	const done = `{"code":"200","errorCode":"SUCCESS","msg":"ok","data":{"status":1,"errorData":null,"errorMsg":null}}`
	accept("GET /api/open/app/getOrgAccessToken", "", `{"code":"200","errorCode":"0","msg":"操作成功",`+
		`"data":{"expire":7200,"orgAccessToken":"token-of-tuzhan","orgRefreshToken":"none"}}`)
	accept("POST "+pathTuzhan+"dept/batchAdd", "", done)
	accept("POST "+pathTuzhan+"channel/employee/batchAdd", `"channelName"`, done)

	accept("POST "+pathYunjianSession, "", `{"resCode":10000,"resMsg":"ok","sessionId":"session-of-yunjian","timeLimit":0}`)
	accept("POST "+pathYunjianSync, `"fullName"`, `{"resCode":"10000","resMsg":"ok","data":[]}`)

	mux.HandleFunc("POST "+pathEdition, v.setEdition)
	mux.HandleFunc("GET "+pathExchanges, v.takeExchanges)
	mux.HandleFunc(pathReplay, replay)
	return mux
}

// exchanged answers and notes down the sizes, and call, the name of a read. person is what occurs
// once for each person in a request's body.
func (v *vendors) exchanged(call, person string, answer func(body []byte) [][]byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := bytes.NewBuffer(make([]byte, 0, max(0, r.ContentLength)+bytes.MinRead))
		if _, err := body.ReadFrom(r.Body); err != nil {
			http.Error(w, "the request broke off", http.StatusBadRequest)
			return
		}
		parts := answer(body.Bytes())
		e := exchange{Method: r.Method, Call: call, In: body.Len()}
		for _, part := range parts {
			e.Out += len(part)
		}
		if person != "" {
			e.People = bytes.Count(body.Bytes(), []byte(person))
		}
		v.mu.Lock()
		v.exchanges = append(v.exchanges, e)
		v.mu.Unlock()

		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Header().Set("Content-Length", strconv.Itoa(e.Out))
		for _, part := range parts {
			_, _ = w.Write(part) // a client that has gone shows elsewhere
		}
	}
}

func yunzhijiaAnswer(data ...[]byte) [][]byte {
	parts := make([][]byte, 0, len(data)+2)
	parts = append(parts, []byte(`{"success":true,"error":null,"errorCode":100,"data":`))
	return append(append(parts, data...), []byte("}"))
}

// window reads the page that is asked for.
func window(form url.Values) (begin, count int) {
	begin, _ = strconv.Atoi(form.Get("begin"))
	count, err := strconv.Atoi(form.Get("count"))
	if err != nil {
		count = 1000
	}
	return begin, count
}

// persons answers with all people, or with those whom the edition changed.
func (v *vendors) persons(form url.Values) [][]byte {
	v.mu.Lock()
	list := v.changed
	if form.Get("time") == cursorBeginning {
		list = v.feed
	}
	v.mu.Unlock()
	beijing := time.Now().In(time.FixedZone("UTC+8", 8*60*60))
	return yunzhijiaAnswer(beijing.AppendFormat([]byte(`{"time":"`), "2006-01-02 15:04:05"),
		[]byte(`","persons":[`), list.page(window(form)), []byte("]}"))
}

func (v *vendors) person(form url.Values) [][]byte {
	v.mu.Lock()
	e := v.edition
	v.mu.Unlock()
	row := []byte("[")
	if i, ok := numbered(form.Get("openId"), v.company.people, personID); ok {
		row = v.company.appendPerson(row, i, e)
	}
	return yunzhijiaAnswer(append(row, ']'))
}

func (v *vendors) org(form url.Values) [][]byte {
	i, ok := numbered(form.Get("orgId"), v.company.departments, departmentID)
	if !ok {
		return yunzhijiaAnswer([]byte("null"))
	}
	row := v.company.appendDepartment(nil, i)
	return yunzhijiaAnswer(append(row[:len(row)-1], `,"status":"1"}`...))
}

func (v *vendors) setEdition(w http.ResponseWriter, r *http.Request) {
	var e edition
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil || e.Number > 0 && e.Every < 1 {
		http.Error(w, "no edition", http.StatusBadRequest)
		return
	}
	v.publish(e)
}

// takeExchanges answers with the exchanges since the last time, and drops them.
func (v *vendors) takeExchanges(w http.ResponseWriter, _ *http.Request) {
	v.mu.Lock()
	taken := v.exchanges
	v.exchanges = nil
	v.mu.Unlock()
	_ = json.NewEncoder(w).Encode(taken)
}

// replay answers with as many bytes as are asked for.
func replay(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	n, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	if err != nil || n < 0 {
		http.Error(w, "how many bytes?", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(n))
	var zeros [32 << 10]byte
	for n > 0 {
		part := min(n, len(zeros))
		if _, err := w.Write(zeros[:part]); err != nil {
			return
		}
		n -= part
	}
}
