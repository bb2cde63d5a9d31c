package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds every time in a scenario: a virtual day.
const maxDuration = 24 * time.Hour

// duration reads a time with its unit, as in 250ms, 30s or 1m30s.
func duration() kind[time.Duration] {
	schema := map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`}
	return scalar(schema, parseDuration)
}

// durationUpTo is a duration of at most so much.
func durationUpTo(most time.Duration) kind[time.Duration] {
	return scalar(duration().schema, func(s string) (time.Duration, error) {
		v, err := parseDuration(s)
		if err == nil && v > most {
			return 0, fmt.Errorf("%s is more than %v", s, most)
		}
		return v, err
	})
}

func parseDuration(s string) (time.Duration, error) {
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%s is no time: write a number with a unit, such as 250ms, 30s or 2m",
			clipped(s))
	}
	if v > maxDuration {
		return 0, fmt.Errorf("%s is longer than a run can be, which is %v", s, maxDuration)
	}
	return v, nil
}

// size reads a number of bytes with its unit, as in 100B, 16KiB or 1MiB.
func size() kind[int64] {
	schema := map[string]any{"type": "string", "pattern": `^[0-9]+(B|KiB|MiB|GiB|kB|MB|GB)$`}
	return scalar(schema, parseSize)
}

// sizeUpTo is a size of at most so many bytes.
func sizeUpTo(most int64) kind[int64] {
	return scalar(size().schema, func(s string) (int64, error) {
		n, err := parseSize(s)
		if err == nil && n > most {
			return 0, fmt.Errorf("%s is more than %d bytes", s, most)
		}
		return n, err
	})
}

func parseSize(s string) (int64, error) {
	units := []struct {
		suffix string
		bytes  int64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
		{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
	}
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 0 || n > (1<<40)/u.bytes {
			break
		}
		return n * u.bytes, nil
	}
	return 0, fmt.Errorf("%s is no size: write a number with a unit, such as 100B, 16KiB or 1MiB",
		clipped(s))
}

// rate reads a number per time, as in 200/s or 30/m.
func rate() kind[Rate] {
	schema := map[string]any{"type": "string", "pattern": `^[0-9]+/(ms|s|m)$`}
	return scalar(schema, func(s string) (Rate, error) {
		pers := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute}
		digits, unit, _ := strings.Cut(s, "/")
		n, err := strconv.Atoi(digits)
		per, ok := pers[unit]
		if err != nil || !ok || n < 1 || time.Duration(n) > per {
			return Rate{}, fmt.Errorf("%s is no rate: write a number per time, such as 200/s",
				clipped(s))
		}
		return Rate{n, per}, nil
	})
}
