package yunjian_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/yunjian"
)

// vectorSign is the MD5 of
// account=demo&platform=tmc&secret=pw&signKey=k1&source=tmc&timestamp=1618708800000&userNo=U001.
const vectorSign = "26dda60f6d37b15d8ed008696ccd1abe"

func vector() map[string]string {
	return map[string]string{
		"account": "demo", "platform": "tmc", "secret": "pw", "source": "tmc",
		"timestamp": "1618708800000", "userNo": "U001",
	}
}

func TestSignOfTheWorkedVector(t *testing.T) {
	t.Parallel()
	assert.Equal(t, vectorSign, yunjian.Sign("k1", vector()))
}

func TestSignLeavesOutTheSignAndTheCallersMap(t *testing.T) {
	t.Parallel()
	params := vector()
	params["sign"] = "whatever"
	assert.Equal(t, vectorSign, yunjian.Sign("k1", params))
	assert.Len(t, params, 7)
	assert.NotContains(t, params, "signKey")
	assert.NotEmpty(t, yunjian.Sign("k1", nil))
}

func TestSignTakesTheKeyFromNobodyElse(t *testing.T) {
	t.Parallel()
	params := vector()
	params["signKey"] = "k2"
	assert.Equal(t, vectorSign, yunjian.Sign("k1", params))
}
