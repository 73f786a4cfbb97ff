package wire

import (
	"strconv"
	"strings"
)

// parseInt reads an integer, which may be written as a double writes it (1.0,
// 1.6187088E12). Fractions and values beyond 64 bits are refused, never rounded.
func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n, err = strconv.ParseInt(plain(s), 10, 64)
	}
	return n, err
}

// plain writes a decimal with a fraction or an exponent as an integer, digit by
// digit; "" if it is none, or one of absurd length.
func plain(s string) string {
	mantissa, exponent, has := strings.Cut(strings.ToLower(s), "e")
	shift := 0
	if has {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil {
			return ""
		}
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" {
		return ""
	}
	digits := strings.TrimRight(whole+fraction, "0")
	if digits == "" {
		return "0" // of either sign, whatever the exponent
	}
	zeros := shift + len(whole) - len(digits) // those that the exponent leaves
	if zeros < 0 || zeros >= 19 {
		return ""
	}
	return sign + digits + strings.Repeat("0", zeros)
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "y", "yes":
		return true, true
	case "false", "0", "n", "no", "":
		return false, true
	}
	return false, false
}
