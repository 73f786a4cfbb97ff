package aiguanhuai_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/orgbridge/orgbridge/aiguanhuai"
	"github.com/orgbridge/orgbridge/internal/optest"
)

// A refusal repeats what the call sent.
func TestRefusalsRepeatNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"用户 诸葛 金丝雀 无效":       "用户 *** 无效",
		"手机 １３８-００００-０００１":   "手机 ***",
		"partner ｐＡＲＴ-７７ 坏":  "partner *** 坏",
		"gateway gw%2Dkey_1": "gateway ***",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			transport := httpmock.NewMockTransport()
			transport.RegisterNoResponder(httpmock.NewStringResponder(200, `{"errno":" 200008 ","error":"`+text+`"}`))
			c, err := aiguanhuai.New(aiguanhuai.Config{
				BaseURL: "https://vendor.example", CorpID: "corp-1", Query: url.Values{"partnerId": {"part77"}},
			}, aiguanhuai.WithHTTPClient(&http.Client{Transport: transport}), aiguanhuai.WithHeader(http.Header{"X-Gateway": {"gw-key-1"}}))
			require.NoError(t, err)
			p := person("u1")
			p.RealName, p.Mobile = "诸葛金丝雀", aiguanhuai.Set("13800000001")
			result, err := c.UpdatePeople(t.Context(), []aiguanhuai.Person{p})
			require.ErrorIs(t, err, aiguanhuai.ErrDataFormat)
			require.Len(t, result.Failed, 1)
			assert.Equal(t, want, result.Failed[0].Message)
		})
	}
}

// keyed is a signer's error that holds its key in a field.
type keyed struct{ Key string }

func (k keyed) Error() string { return "bad key " + k.Key }

func TestSignersErrorIsHidden(t *testing.T) {
	t.Parallel()
	c, err := aiguanhuai.New(aiguanhuai.Config{
		BaseURL: "https://vendor.example/" + optest.Secret, CorpID: "corp-1",
		Signer: aiguanhuai.SignerFunc(func(context.Context, *aiguanhuai.SignRequest) error { return keyed{optest.SignKey} }),
	})
	require.NoError(t, err)
	_, err = c.UpdatePeople(t.Context(), []aiguanhuai.Person{person("u1")})
	optest.SilentError(t, "error", err)
	var failed *aiguanhuai.Error
	require.ErrorAs(t, err, &failed)
	optest.Silent(t, "cause", struct{ Err error }{failed.Err})
	_, ok := errors.AsType[keyed](err)
	assert.True(t, ok, "but can be reached")
}
