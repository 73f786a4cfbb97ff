package wire

import "fmt"

// DecodeError says which part of an answer could not be read. It never holds
// the content, which may be personal.
type DecodeError struct {
	Field   string // path of the field, "" when the document as a whole is at fault
	Problem string
}

func (e *DecodeError) Error() string {
	if e.Field == "" {
		return "answer: " + e.Problem
	}
	return fmt.Sprintf("answer field %q: %s", e.Field, e.Problem)
}

// Truncated reports whether the document stopped before its end or was empty:
// what a lost connection leaves behind.
func (e *DecodeError) Truncated() bool {
	return e.Problem == problemEmpty || e.Problem == problemTruncated
}

const (
	problemEmpty     = "is empty"
	problemTruncated = "is cut off"
	problemHTML      = "is HTML, not JSON"
	problemUTF8      = "is not UTF-8"
	problemSyntax    = "is not JSON"

	problemText     = "cannot be read as text"
	problemInteger  = "cannot be read as an integer"
	problemFlag     = "cannot be read as true or false"
	problemObject   = "cannot be read as an object"
	problemArray    = "cannot be read as an array"
	problemHalf     = "holds half a character"
	problemControl  = "holds a control character"
	problemTwice    = "occurs twice"
	problemNotThere = "is missing"
)
