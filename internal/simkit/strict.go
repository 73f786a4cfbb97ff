package simkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// ErrContentType reports a request whose Content-Type is missing or not the
// one the vendor documents.
var ErrContentType = errors.New("wrong content type")

// Form returns the form in the body of r. The content type has to be
// application/x-www-form-urlencoded, else the error is [ErrContentType].
// Query parameters are not part of it.
func Form(r *http.Request) (url.Values, error) {
	if err := requireType(r, "application/x-www-form-urlencoded"); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("malformed form") // the cause quotes what was sent
	}
	return form, nil
}

// RequireJSON returns [ErrContentType] unless r says it is application/json.
func RequireJSON(r *http.Request) error { return requireType(r, "application/json") }

// ReadJSON decodes the body of r into v: RequireJSON, then StrictJSON.
func ReadJSON(r *http.Request, v any) error {
	if err := RequireJSON(r); err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return StrictJSON(body, v)
}

func requireType(r *http.Request, want string) error {
	got, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != want {
		return fmt.Errorf("%w: want %s", ErrContentType, want)
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return fmt.Errorf("%w: want charset utf-8", ErrContentType)
	}
	return nil
}

// StrictJSON decodes body into v, which must be a non-nil pointer, and refuses
// what encoding/json lets pass: unknown fields, names in other letter case,
// the same name twice, and data behind the value. Errors name fields, never values.
func StrictJSON(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return withoutValues(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the JSON value")
	}
	return checkNames(body, v)
}

// withoutValues keeps of a decoding error what names no value; encoding/json
// and types that decode themselves quote the literal they could not read.
func withoutValues(err error) error {
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(typeErr.Value, " ")
		return fmt.Errorf("field %q: JSON %s is not a %s", typeErr.Field, kind, typeErr.Type)
	}
	if syntaxErr, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("malformed JSON at byte %d", syntaxErr.Offset)
	}
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("empty body")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("truncated JSON")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return err
	default:
		return errors.New("a value has the wrong form")
	}
}

// WriteJSON answers with status and v as JSON in UTF-8, without HTML escapes.
// A value that cannot be marshalled is answered 500.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		http.Error(w, "simulator: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
}
