package tuzhan

import (
	"cmp"
	"strings"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// envelope is around every answer. errorCode says SUCCESS here and 0 there, so
// code alone decides.
type envelope struct {
	code, errorCode, message string
	data                     bool
	problem                  *wire.DecodeError // of the data
}

// decode reads an answer, its data with scan. A refusal is found first, whatever its
// data.
func decode(body []byte, scan func(s *wire.Scanner)) error {
	var e envelope
	s := wire.NewScanner(body)
	e.scan(s, scan)
	if err := s.End(); err != nil {
		return err
	}
	if field, problem := s.Problem(); problem != "" {
		return &wire.DecodeError{Field: field, Problem: problem}
	}
	switch code := strings.TrimSpace(e.code); {
	case code == "":
		return missing("code")
	case code != codeSuccess:
		return &kernel.Rejection{Code: code, Message: cmp.Or(e.message, e.errorCode)}
	case !e.data:
		return missing("data")
	case e.problem != nil:
		return e.problem
	}
	return nil
}

func (e *envelope) scan(s *wire.Scanner, scanData func(s *wire.Scanner)) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "code":
			seen.Once(s, 0, "code")
			e.code = s.Text("code", wire.Lenient)
		case "errorCode":
			seen.Once(s, 1, "errorCode")
			e.errorCode = s.Remark()
		case "msg":
			seen.Once(s, 2, "msg")
			e.message = s.Remark()
		case "data":
			seen.Once(s, 3, "data")
			if e.data = !s.Null(); !e.data {
				break
			}
			e.problem = s.Apart(func() { scanData(s) })
		default:
			s.Skip()
		}
	}
}

func missing(field string) error { return &wire.DecodeError{Field: field, Problem: "is missing"} }
