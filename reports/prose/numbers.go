package prose

import (
	"fmt"
	"strings"

	"sandcastle/model"
)

// ShortTime is a duration in the unit that suits it.
func ShortTime(t model.Time) string {
	switch {
	case t >= 1_000_000_000:
		return Seconds(t, 1)
	case t >= 1_000_000:
		return fmt.Sprintf("%d ms", t/1_000_000)
	default:
		return fmt.Sprintf("%d µs", t/1_000)
	}
}

// Duration prints a round width of time in its natural unit.
func Duration(t model.Time) string {
	switch {
	case t%1_000_000_000 == 0:
		return Seconds(t, 0)
	case t%1_000_000 == 0:
		return fmt.Sprintf("%d ms", t/1_000_000)
	default:
		return fmt.Sprintf("%d µs", t/1000)
	}
}

// Seconds prints t in seconds with the given number of decimals, rounded down: "4.003 s".
func Seconds(t model.Time, decimals int) string { return TrimSeconds(t, decimals) + " s" }

// TrimSeconds is seconds without the unit.
func TrimSeconds(t model.Time, decimals int) string {
	text := fmt.Sprintf("%d.%09d", int64(t)/1_000_000_000, int64(t)%1_000_000_000)
	text = text[:len(text)-9+decimals]
	return strings.TrimSuffix(text, ".")
}

// Grouped prints n with a comma every three digits.
func Grouped(n int64) string {
	s := fmt.Sprint(n)
	from := 0
	if n < 0 {
		from = 1
	}
	for i := len(s) - 3; i > from; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted prints "1 record", "2 records".
func Counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}
