package kernel_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// A printer that walks all fields, as those for debugging do, finds neither a gateway's
// credentials nor, in the buffers of an idle connection, the call that was last sent.
func TestDeepPrintersFindNothing(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"success":true,"data":"geheim-answer"}`)
	}))
	defer srv.Close()
	set, err := kernel.Apply([]kernel.Option{kernel.WithHeader(http.Header{"X-Gateway": {"geheim-header"}})})
	require.NoError(t, err)
	c, err := kernel.New("acme", srv.URL+"/geheim-path", set, func(f *kernel.Failure) error { return (*vendorError)(f) })
	require.NoError(t, err)
	derived, err := c.With([]kernel.Option{kernel.WithRetry(1, 1)})
	require.NoError(t, err)
	for _, c := range []*kernel.Client{c, derived} {
		call := call(kernel.Read)
		call.Query = map[string][]string{"accessToken": {"geheim-token"}}
		require.NoError(t, c.Do(t.Context(), call))
		var text strings.Builder
		walk(&text, reflect.ValueOf(c), map[uintptr]bool{})
		assert.Contains(t, text.String(), "acme")
		assert.NotContains(t, text.String(), "geheim")
	}
}

// walk writes the texts and bytes that can be reached from v.
func walk(text *strings.Builder, v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			walk(text, v.Elem(), seen)
		}
	case reflect.Interface:
		walk(text, v.Elem(), seen)
	case reflect.Struct:
		for _, field := range v.Fields() {
			walk(text, field, seen)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(text, k, seen)
			walk(text, v.MapIndex(k), seen)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			text.Write(v.Bytes())
			return
		}
		for i := range v.Len() {
			walk(text, v.Index(i), seen)
		}
	case reflect.String:
		text.WriteString(v.String() + "\n")
	default:
	}
}
