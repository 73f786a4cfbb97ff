package tuzhantest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/orgbridge/orgbridge/internal/simkit"
)

const (
	codeSuccess   = "200"
	codeAppSecret = "100100"
	codeToken     = "100200"
	codeAuthCode  = "100300"

	// CodeBadRequest is the code of a request that is not as documented. It is
	// the simulator's: the vendor has published none.
	CodeBadRequest = "400"
)

const maxRows = 500

type response struct {
	Code      string `json:"code"`
	ErrorCode string `json:"errorCode"`
	Msg       string `json:"msg"`
	Data      any    `json:"data"`
}

func refuse(w http.ResponseWriter, code, msg string) {
	simkit.WriteJSON(w, http.StatusOK, response{Code: code, ErrorCode: errorCode(code), Msg: msg})
}

// errorCode is what the vendor's list has beside a code.
func errorCode(code string) string {
	switch code {
	case codeAppSecret:
		return "APPID_SECRET_ERROR"
	case codeToken:
		return "TOKEN_ERROR"
	case codeAuthCode:
		return "AUTHCODE_ERROR"
	default:
		return "PARAM_ERROR" // the simulator's: the list has no others
	}
}

type publicParams struct {
	OptType                 *string `json:"optType"`
	DeleteSubDepartmentFlag *string `json:"deleteSubDepartmentFlag"` // a String, in the table
}

type batchRequest[R any] struct {
	PublicParams *publicParams `json:"publicParams"`
	Data         []R           `json:"data"`
}

// operation is what a batch call asks for.
type operation struct {
	opt         string
	withSubtree bool
}

const (
	optAdd    = "add"
	optUpdate = "update"
	optDelete = "delete"
)

func (r batchRequest[R]) operation() (operation, string) {
	if r.PublicParams == nil || r.PublicParams.OptType == nil {
		return operation{}, "publicParams.optType不能为空"
	}
	op := operation{opt: *r.PublicParams.OptType}
	if op.opt != optAdd && op.opt != optUpdate && op.opt != optDelete {
		return op, "publicParams.optType只能是add、update或delete"
	}
	if flag := r.PublicParams.DeleteSubDepartmentFlag; flag != nil {
		if *flag != "true" && *flag != "false" {
			return op, "publicParams.deleteSubDepartmentFlag只能是true或false"
		}
		op.withSubtree = *flag == "true"
	}
	switch {
	case len(r.Data) == 0:
		return op, "data不能为空"
	case len(r.Data) > maxRows:
		return op, "data每次最大500条"
	}
	return op, ""
}

// batchAdd handles one of the two calls. apply carries out one record and
// returns why not, "" if it did.
func batchAdd[R interface{ echo() map[string]any }](s *Server, apply func(op operation, row *R) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.admit(w, r) {
			return
		}
		var req batchRequest[R]
		if err := simkit.ReadJSON(r, &req); err != nil {
			if errors.Is(err, simkit.ErrContentType) {
				http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
				return
			}
			refuse(w, CodeBadRequest, err.Error())
			return
		}
		op, wrong := req.operation()
		if wrong != "" {
			refuse(w, CodeBadRequest, wrong)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		var result BatchResult
		for i := range req.Data {
			if message := apply(op, &req.Data[i]); message != "" {
				result.ErrorData = append(result.ErrorData, req.Data[i].echo())
				result.ErrorMsg = append(result.ErrorMsg, message)
			}
		}
		switch len(result.ErrorData) {
		case 0:
			result.Status = 1
		case len(req.Data):
			result.Status = -1
		default:
			result.Status = 2
		}
		simkit.WriteJSON(w, http.StatusOK, response{Code: codeSuccess, ErrorCode: "SUCCESS", Msg: "ok", Data: result})
	}
}

// asMap returns a row as errorData has it: all fields there are, null where
// nothing was sent.
func asMap(row any) map[string]any {
	body, err := json.Marshal(row)
	if err != nil {
		return nil
	}
	var fields map[string]any
	_ = decodeExact(body, &fields)
	return fields
}

// decodeExact keeps every digit of a number.
func decodeExact(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return dec.Decode(v)
}

// integer is a Long or Integer of the tables, which the samples quote.
type integer int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *integer) UnmarshalJSON(b []byte) error {
	s := string(b)
	if len(s) > 1 && s[0] == '"' {
		s = s[1 : len(s)-1]
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return errors.New("not an integer")
	}
	*n = integer(v)
	return nil
}

// or returns what p points to, the zero value for nil.
func or[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// merge overwrites held with the fields that row has.
func merge[R any](held, row *R) {
	to, from := reflect.ValueOf(held).Elem(), reflect.ValueOf(row).Elem()
	for i := range from.NumField() {
		if !from.Field(i).IsNil() {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// badTime reports whether text is there and not yyyy-MM-dd HH:mm:ss.
func badTime(text *string) bool {
	if text == nil {
		return false
	}
	_, err := time.Parse(time.DateTime, *text)
	return err != nil
}

// instant reads a time of the vendor's, which is taken for Beijing's.
func instant(text *string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, or(text), time.FixedZone("", 8*60*60))
	if err != nil {
		return time.Time{}
	}
	return t
}
