package aiguanhuaitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

// The page's errnos (组织架构错误码说明).
const (
	errnoSignature = 200003
	errnoPartner   = 200004
	errnoCorp      = 200005
	errnoTask      = 200006
	errnoSystem    = 200007
	errnoFormat    = 200008
	errnoEmpty     = 200009
)

// textOf returns the vendor's own words.
func textOf(errno int) string {
	switch errno {
	case errnoSignature:
		return "签名错误"
	case errnoPartner:
		return "partnerId不存在"
	case errnoCorp:
		return "公司不存在"
	case errnoTask:
		return "任务id不存在"
	case errnoSystem:
		return "系统错误"
	case errnoFormat:
		return "数据格式错误"
	case errnoEmpty:
		return "数据为空"
	default:
		return ""
	}
}

// refusal is an answer with an errno. The detail behind the vendor's own text is
// the simulator's help for whoever reads it; it names fields, never values.
type refusal struct {
	Errno int    `json:"errno"`
	Error string `json:"error"`
}

func refuse(errno int, detail string) *refusal {
	text := textOf(errno)
	if detail != "" {
		text += ": " + detail
	}
	return &refusal{Errno: errno, Error: text}
}

// rules is what the page demands of every request.
type rules struct {
	corpID    string
	partnerID string
	verify    func(r *http.Request, body []byte) bool
}

func (c rules) check(r *http.Request, body []byte) *refusal {
	query := r.URL.Query()
	switch {
	case c.verify != nil && !c.verify(r, body):
		return refuse(errnoSignature, "")
	case c.partnerID != "" && !one(query["partnerId"], c.partnerID):
		return refuse(errnoPartner, "")
	case !one(query["corpId"], c.corpID):
		return refuse(errnoCorp, "")
	}
	return nil
}

// one reports whether a parameter was sent, once, with that value.
func one(values []string, want string) bool { return len(values) == 1 && values[0] == want }

// handle wraps an operation, which returns what the answer holds beside errno.
func (s *Server) handle(operate func(r *http.Request) (map[string]any, *refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "body cannot be read", http.StatusBadRequest)
			return
		}
		answer, no := map[string]any(nil), s.rules.check(r, body)
		if no == nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			answer, no = operate(r)
		}
		if no != nil {
			simkit.WriteJSON(w, http.StatusOK, no)
			return
		}
		answer["errno"] = 0
		simkit.WriteJSON(w, http.StatusOK, answer)
	}
}

func (s *Server) prepare(*http.Request) (map[string]any, *refusal) {
	return map[string]any{"body": map[string]string{"taskId": s.state.prepare()}}, nil
}

func (s *Server) add(r *http.Request) (map[string]any, *refusal) {
	id, no := taskID(r)
	if no != nil {
		return nil, no
	}
	data, no := readData(r)
	if no != nil {
		return nil, no
	}
	return done(s.state.add(id, data))
}

func (s *Server) complete(r *http.Request) (map[string]any, *refusal) {
	id, no := taskID(r)
	if no != nil {
		return nil, no
	}
	return done(s.state.complete(id))
}

func (s *Server) update(r *http.Request) (map[string]any, *refusal) {
	data, no := readData(r)
	if no != nil {
		return nil, no
	}
	s.state.update(data)
	return done(true)
}

func taskID(r *http.Request) (string, *refusal) {
	ids := r.URL.Query()["taskId"]
	if len(ids) != 1 {
		return "", refuse(errnoTask, "taskId is required once")
	}
	return ids[0], nil
}

func done(known bool) (map[string]any, *refusal) {
	if !known {
		return nil, refuse(errnoTask, "")
	}
	return map[string]any{"error": ""}, nil
}

// maxRecords: 推荐每次最多2000条记录. The page recommends it; going by it is the
// only way to be sure.
const maxRecords = 2000

// readData reads the body of add and update.
func readData(r *http.Request) (data, *refusal) {
	var payload struct {
		Type field[string]     `json:"type"`
		Data field[[]document] `json:"data"`
	}
	if err := simkit.ReadJSON(r, &payload); err != nil {
		return data{}, refuse(errnoFormat, err.Error())
	}
	records := payload.Data.value
	switch {
	case len(records) == 0:
		return data{}, refuse(errnoEmpty, "")
	case len(records) > maxRecords:
		return data{}, refuse(errnoFormat, strconv.Itoa(len(records))+" records, more than "+strconv.Itoa(maxRecords))
	}
	var d data
	var err error
	switch payload.Type.value {
	case "department":
		d.departments, err = readAll[department](records)
	case "person":
		d.people, err = readAll[person](records)
	default:
		err = errors.New(`type is neither "department" nor "person"`)
	}
	if err != nil {
		return data{}, refuse(errnoFormat, err.Error())
	}
	return d, nil
}

func readAll[T interface{ check() error }](documents []document) ([]T, error) {
	records := make([]T, len(documents))
	for i, doc := range documents {
		if err := simkit.StrictJSON(doc, &records[i]); err != nil {
			return nil, fmt.Errorf("data[%d]: %w", i, err)
		}
		if err := records[i].check(); err != nil {
			return nil, fmt.Errorf("data[%d].%w", i, err)
		}
	}
	return records, nil
}
