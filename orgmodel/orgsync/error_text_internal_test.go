package orgsync

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErrorsInOneLine(t *testing.T) {
	t.Parallel()
	full := errors.New("write state.db: no space left on device")
	assert.Equal(t, full.Error(), errorText(errors.Join(full, full)), "once each")
	assert.Equal(t, "a; b; c", errorText(errors.Join(errors.New("a"), errors.Join(errors.New("b"), errors.New("c")))))
	assert.Equal(t, "a (b)", errorText(fmt.Errorf("a (%w)", errors.New("b"))))
	assert.Equal(t, `forged\nline`, errorText(errors.New("forged\nline")), "stays one line, and shows it")
	assert.Equal(t, `a; \u202ab`, errorText(errors.Join(errors.New("a"), errors.New("\u202ab"))))
}
