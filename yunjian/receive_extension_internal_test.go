package yunjian

import (
	"crypto/md5"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// extended is what anyone can do who has the MD5 of a text and knows its length: the MD5 of
// the text, some padding, and whatever they like.
func extended(t *testing.T, sum string, length int, suffix string) (padding, extendedSum string) {
	t.Helper()
	pad := make([]byte, 1+(119-length%64)%64, 72)
	pad[0] = 0x80
	pad = binary.LittleEndian.AppendUint64(pad, uint64(length)*8)
	require.Zero(t, (length+len(pad))%64)

	words, err := hex.DecodeString(sum)
	require.NoError(t, err)
	state := []byte("md5\x01")
	for i := 0; i < len(words); i += 4 {
		state = binary.BigEndian.AppendUint32(state, binary.LittleEndian.Uint32(words[i:]))
	}
	state = append(state, make([]byte, md5.BlockSize)...)
	state = binary.BigEndian.AppendUint64(state, uint64(length+len(pad)))
	digest := md5.New()
	resume, ok := digest.(encoding.BinaryUnmarshaler)
	require.True(t, ok)
	require.NoError(t, resume.UnmarshalBinary(state))
	_, _ = digest.Write([]byte(suffix))
	return string(pad), hex.EncodeToString(digest.Sum(nil))
}

// A login that someone overheard years ago, extended by the time of today: its signature is
// right, and made without the key. The rule about names and values refuses it, not the
// luck that JSON has no way to write the padding's first byte.
func TestLengthExtensionIsRefused(t *testing.T) {
	t.Parallel()
	const signKey = "unknown-to-the-attacker"
	access := NewAccess("demo", "pw", signKey)
	overheard := map[string]string{"account": "demo", "secret": "pw", "source": "tmc", "timestamp": "1618708800000"}
	signed := "account=demo&secret=pw&signKey=" + signKey + "&source=tmc&timestamp=1618708800000"
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	padding, sum := extended(t, Sign(signKey, overheard), len(signed), "&timestamp="+now)

	forged := parameters{
		"account": {text: "demo"}, "secret": {text: "pw"}, "timestamp": {text: now}, "sign": {text: sum},
		"source": {text: "tmc&timestamp=1618708800000" + padding},
	}
	require.True(t, access.admits(forged), "the attack works against the rule alone")
	assert.False(t, signable(forged["source"].text), "and so is refused before")
	assert.False(t, signable(padding), "for its control characters")
	assert.False(t, signable("tmc&timestamp=1618708800000"), "and for the parameter that it hides")

	// As it would have to be written: with the padding as it is, and as characters of its values.
	var characters strings.Builder
	for i := range len(padding) {
		characters.WriteRune(rune(padding[i]))
	}
	for _, source := range []string{"tmc&timestamp=1618708800000" + padding, "tmc&timestamp=1618708800000" + characters.String()} {
		quoted, err := json.Marshal(source)
		require.NoError(t, err)
		if source[len(source)-len(padding):] == padding {
			quoted = []byte(`"` + strings.ReplaceAll(source, "\x00", `\u0000`) + `"`)
		}
		_, bad := readParameters([]byte(`{"account":"demo","secret":"pw","timestamp":` + now + `,"sign":"` + sum + `","source":` + string(quoted) + `}`))
		require.NotNil(t, bad)
		assert.Equal(t, CodeRequest, bad.code)
	}
}

// The text that is signed can be cut in other places. None of the pieces pass.
func TestOtherCutsOfTheSignedTextAreRefused(t *testing.T) {
	t.Parallel()
	access := NewAccess("demo", "pw", "k1")
	sum := Sign("k1", map[string]string{"account": "demo", "secret": "pw", "source": "tmc", "timestamp": "1618708800000", "userNo": "U001"})
	for name, p := range map[string]parameters{
		"in a value": {"account": {text: "demo"}, "secret": {text: "pw"}, "source": {text: "tmc"}, "timestamp": {text: "1618708800000&userNo=U001"}},
		"in a name":  {"account": {text: "demo"}, "secret": {text: "pw"}, "source": {text: "tmc"}, "timestamp=1618708800000&userNo": {text: "U001"}},
		"earlier":    {"account": {text: "demo"}, "secret": {text: "pw"}, "source=tmc&timestamp": {text: "1618708800000&userNo=U001"}},
	} {
		p["sign"] = parameter{text: sum}
		require.True(t, access.admits(p), "%s: it is the same text", name)
		object := map[string]string{}
		for key, value := range p {
			object[key] = value.text
		}
		body, err := json.Marshal(object)
		require.NoError(t, err)
		_, bad := readParameters(body)
		assert.NotNil(t, bad, name)
	}
}
