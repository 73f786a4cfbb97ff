package yunjian

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/orgbridge/orgbridge/internal/wire"
)

// badRequest is a request that 云简 would not send.
type badRequest struct {
	status  int
	message string
}

// readBody reads at most limit bytes of a JSON POST.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *badRequest) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, &badRequest{http.StatusMethodNotAllowed, "method is not POST"}
	}
	if !mayBeJSON(r.Header.Get("Content-Type")) {
		return nil, &badRequest{http.StatusUnsupportedMediaType, "content type is not application/json in UTF-8"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &badRequest{http.StatusRequestEntityTooLarge, "body is too large"}
	}
	if err != nil {
		return nil, &badRequest{http.StatusBadRequest, "body ended early"}
	}
	return body, nil
}

// mayBeJSON refuses a content type that says something else. The page names no
// header, and common Java clients send JSON without one, as plain text, or as
// the form that HttpURLConnection takes it for; the body tells. Another charset
// is refused, because by then names may be damaged.
func mayBeJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch media {
	case "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded":
	default:
		if !strings.HasSuffix(media, "+json") {
			return false
		}
	}
	charset := strings.ReplaceAll(strings.ToLower(params["charset"]), "-", "")
	return charset == "" || charset == "utf8"
}

// decodeBody reads a small document as a whole; the texts of the decoder are about
// answers and stay inside.
func decodeBody(body []byte, v any) *badRequest {
	if err := wire.Decode(body, v); err != nil {
		return notDocumented()
	}
	return nil
}

// ended checks that a scanner has read the whole body and found what it expected.
func ended(s *wire.Scanner) *badRequest {
	if s.End() != nil || !s.Sound() {
		return notDocumented()
	}
	return nil
}

func notDocumented() *badRequest {
	return &badRequest{http.StatusBadRequest, "body is not the documented JSON"}
}

// writeJSON sends an answer. Encoding cannot fail: v holds texts, integers and
// JSON that was decoded before.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, _ := wire.Encode(v)
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
