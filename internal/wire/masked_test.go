package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/orgbridge/orgbridge/internal/wire"
)

func TestMasked(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"1326*******4", "138****0002", "印*", "***@x.com", "＊", "138＊＊＊＊0002", "张∗", "138∗∗∗∗0002", "138••••0002",
		"138●●●●0002", "张××", "○○", "*", "138﹡0002", "⁎⁎", "138✱0002", "张∙∙",
	} {
		assert.True(t, wire.Masked(s), s)
	}
	for _, s := range []string{"", "13800000002", "+86 138 0000 0002", "张三", "买买提•张", "阿卜杜拉·艾山", "zhang.san@x.com", "○", "×", "a_b-c"} {
		assert.False(t, wire.Masked(s), s)
	}
}
