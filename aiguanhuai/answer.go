package aiguanhuai

import (
	"strconv"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// answer is what the vendor says: errno 0 is success, and nothing else is.
type answer struct {
	errno   wire.Opt[int64]
	reason  string            // error, the vendor's text
	taskID  string            // of add-prepare
	problem *wire.DecodeError // of the body
}

// readAnswer reads an answer, or returns the refusal that it is. prepared says that it
// must name a task.
func readAnswer(body []byte, prepared bool) (a answer, err error) {
	s := wire.NewScanner(body)
	a.scan(s)
	if err := s.End(); err != nil {
		return answer{}, err
	}
	if field, problem := s.Problem(); problem != "" {
		return answer{}, &wire.DecodeError{Field: field, Problem: problem}
	}
	errno, ok := a.errno.Get()
	if !ok {
		return answer{}, &wire.DecodeError{Field: "errno", Problem: "is missing"}
	}
	if errno != 0 {
		return answer{}, &kernel.Rejection{
			Code:      strconv.FormatInt(errno, 10),
			Message:   a.reason,
			Temporary: errno == errnoSystem,
		}
	}
	switch {
	case !prepared:
	case a.problem != nil:
		return answer{}, a.problem
	case a.taskID == "":
		return answer{}, &wire.DecodeError{Field: "body.taskId", Problem: "is missing"}
	}
	return a, nil
}

func (a *answer) scan(s *wire.Scanner) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "errno":
			seen.Once(s, 0, "errno")
			a.errno = s.OptInt("errno")
		case "error":
			seen.Once(s, 1, "error")
			a.reason = s.Remark()
		case "body":
			seen.Once(s, 2, "body")
			a.problem = s.Apart(func() { a.scanBody(s) })
		default:
			s.Skip()
		}
	}
}

// scanBody reads the body of add-prepare. Other answers have none that is documented,
// so it may be anything.
func (a *answer) scanBody(s *wire.Scanner) {
	if s.Kind() != '{' {
		s.Skip()
		return
	}
	var seen wire.Seen
	for more := s.Begin('{'); more; more = s.More('}') {
		if string(s.Key()) != "taskId" {
			s.Skip()
			continue
		}
		seen.Once(s, 0, "body.taskId")
		a.taskID = s.Verbatim("body.taskId")
	}
}
