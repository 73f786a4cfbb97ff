package yunzhijia_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/internal/kernel"
	"github.com/orgbridge/orgbridge/internal/wire"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// FuzzDecode feeds answers to the reader of them all: it returns rows, a
// refusal or a decoding error, and neither of these quotes the content.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(b)
	}
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"success":true,"data":[{"openId":1e400}]}`, `{"success":false,"data":[[[`,
		`{"success":"false","errorCode":null,"error":{"a":1}}`, "\xef\xbb\xbf{\"success\":1,\"data\":[null]}",
		`{"success":true,"success":false,"data":[{"isAdmin":"Y","status":2.0}]}`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := yunzhijia.DecodePersons(body)
		if err != nil {
			_, refused := errors.AsType[*kernel.Rejection](err)
			_, unreadable := errors.AsType[*wire.DecodeError](err)
			_, row := errors.AsType[*yunzhijia.RowError](err)
			assert.True(t, refused || unreadable || row, "%T", err)
			assert.True(t, row || rows == nil)
			return
		}
		assert.True(t, json.Valid(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	})
}

// page returns an answer of getallpersons with so many invented people.
func page(n int) []byte {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"photoUrl":"%s5dc22499a372591da29c%04d","gender":"1","openId":"5de50017e4b0b2767b87%04d",`+
			`"jobTitle":"工程师","jobNo":"E%05d","name":"张三","globalId":"5bc159e3e4b036230d71%04d","isAdmin":"0",`+
			`"department":"运营管理部","orgId":"11e11baa-d74a-44df-b511-2b0b58d2%04d","status":"1"}`, photo, i, i, i, i, i%50)
	}
	return []byte(`{"success":true,"error":null,"errorCode":100,"data":[` + strings.Join(rows, ",") + `]}`)
}

func BenchmarkDecodePage(b *testing.B) {
	body := page(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		rows, err := yunzhijia.DecodePersons(body)
		if err != nil || len(rows) != 1000 {
			b.Fatal("not decoded")
		}
	}
}

// BenchmarkDecodeRatio compares a page with the same work done by encoding/json: into
// an equal struct, and a scan that only validates. The three take turns, and of each the
// fastest round counts, so that other load on the machine does not.
func BenchmarkDecodeRatio(b *testing.B) {
	body := page(1000)
	rounds := []func() bool{
		func() bool { rows, err := yunzhijia.DecodePersons(body); return err == nil && len(rows) == 1000 },
		func() bool { rows, err := unmarshalPersons(body); return err == nil && len(rows) == 1000 },
		func() bool { return json.Valid(body) },
	}
	var fastest [3]time.Duration
	for b.Loop() {
		for i, round := range rounds {
			started := time.Now()
			if !round() {
				b.Fatal("not decoded")
			}
			if taken := time.Since(started); fastest[i] == 0 || taken < fastest[i] {
				fastest[i] = taken
			}
		}
	}
	b.ReportMetric(float64(fastest[0])/float64(fastest[1]), "ratio-to-unmarshal")
	b.ReportMetric(float64(fastest[0])/float64(fastest[2]), "ratio-to-valid")
	b.ReportMetric(float64(fastest[0].Microseconds()), "fastest-µs")
}

// plainPerson is a person whose values are what they should be.
type plainPerson struct {
	OpenID     string `json:"openId"`
	GlobalID   string `json:"globalId"`
	Name       string `json:"name"`
	PhotoURL   string `json:"photoUrl"`
	Phone      string `json:"phone"`
	Email      string `json:"email"`
	Department string `json:"department"`
	OrgID      string `json:"orgId"`
	JobTitle   string `json:"jobTitle"`
	Gender     string `json:"gender"`
	IsAdmin    string `json:"isAdmin"`
	Status     string `json:"status"`
	JobNo      string `json:"jobNo"`
}

func unmarshalPersons(body []byte) ([]plainPerson, error) {
	var answer struct {
		Success   bool          `json:"success"`
		Error     *string       `json:"error"`
		ErrorCode int           `json:"errorCode"`
		Data      []plainPerson `json:"data"`
	}
	err := json.Unmarshal(body, &answer)
	return answer.Data, err
}

// A page of a thousand people takes few allocations.
func TestDecodeAllocations(t *testing.T) { //nolint:paralleltest // counts allocations
	body := page(1000)
	got := testing.AllocsPerRun(10, func() {
		if rows, err := yunzhijia.DecodePersons(body); err != nil || len(rows) != 1000 {
			t.Fatal("not decoded")
		}
	})
	assert.LessOrEqual(t, got, 30.0)
}

// The scanner and encoding/json read the same.
func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	body := page(100)
	want, err := unmarshalPersons(body)
	require.NoError(t, err)
	got, err := yunzhijia.DecodePersons(body)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.Equal(t, yunzhijia.Person{
			OpenID: w.OpenID, GlobalID: w.GlobalID, Name: w.Name, PhotoURL: w.PhotoURL, Phone: w.Phone, Email: w.Email,
			Department: w.Department, OrgID: w.OrgID, JobTitle: w.JobTitle, Gender: yunzhijia.Gender(w.Gender),
			IsAdmin: w.IsAdmin == "1", Status: yunzhijia.Status(w.Status), JobNo: w.JobNo,
		}, got[i])
	}
}

// Only success decides: what error and errorCode look like makes a refusal neither an answer
// that cannot be read nor, for a write, one of unknown outcome.
func TestRefusalOfAnyText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"zh":"参数错误"}`, `["x"]`, `1.5`, `1e400`, `"\ud842"`, `"a\u0000b"`, `null`, `true`} {
		_, c := answering(t, `{"success":false,"errorCode":1201001,"error":`+text+`}`)
		err := c.CreatePartner(t.Context(), yunzhijia.CreatePartnerRequest{MyOpenID: "m", PartnerEID: "p", PartnerPhone: "13800000001"})
		e, ok := errors.AsType[*yunzhijia.Error](err)
		require.True(t, ok, text)
		assert.Equal(t, "1201001", e.Code, text)
		require.NotErrorIs(t, err, yunzhijia.ErrMalformed, text)
		require.NotErrorIs(t, err, yunzhijia.ErrOutcomeUnknown, text)

		_, c = answering(t, `{"success":true,"errorCode":`+text+`,"error":`+text+`,"data":[]}`)
		_, err = c.ListOrgs(t.Context(), yunzhijia.PageRequest{})
		require.NoError(t, err, text)
	}
}
