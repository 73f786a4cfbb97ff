package yunzhijia_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		rows, err := yunzhijia.Decode[yunzhijia.PersonRows](body)
		if err != nil {
			assert.Nil(t, rows)
			_, refused := errors.AsType[*kernel.Rejection](err)
			_, unreadable := errors.AsType[*wire.DecodeError](err)
			assert.True(t, refused != unreadable, "%T", err)
			return
		}
		if rows != nil {
			assert.Len(t, yunzhijia.Persons(*rows), len(*rows))
		}
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
		rows, err := yunzhijia.Decode[yunzhijia.PersonRows](body)
		if err != nil || len(yunzhijia.Persons(*rows)) != 1000 {
			b.Fatal("not decoded")
		}
	}
}
