package notify

import "github.com/orgbridge/orgbridge/internal/wire"

// readFields reads the object that an answer is. take reads the value of a field, or
// passes it over with Skip.
func readFields(body []byte, take func(s *wire.Scanner, field string)) error {
	s := wire.NewScanner(body)
	for more := s.Object(""); more; more = s.More('}') {
		take(s, string(s.Key()))
	}
	if err := s.End(); err != nil {
		return err
	}
	if field, problem := s.Problem(); problem != "" {
		return &wire.DecodeError{Field: field, Problem: problem}
	}
	return nil
}
