package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// property is one setting of type T by its Kafka name.
type property[T any] struct {
	name string
	def  string
	value[T]
}

// value is how a setting is read from text and written as text. Its type is what DescribeConfigs
// calls it.
type value[T any] struct {
	kind valueType
	set  func(*T, string) error
	text func(*T) string
}

// valueType is the type of a setting (DescribeConfigsResponse.ConfigType, 3.9).
type valueType int8

// The types of settings.
const (
	booleanValue valueType = iota + 1
	stringValue
	intValue
	shortValue
	longValue
	doubleValue
	listValue
	classValue
)

const (
	maxInt  = math.MaxInt32
	maxLong = math.MaxInt64
)

// Forever stands for every number of milliseconds that a time.Duration cannot hold; Kafka's
// defaults use the largest number for "never".
const Forever = (1 << 43) * time.Millisecond

func find[T any](table []property[T], name string) *property[T] {
	for i := range table {
		if table[i].name == name {
			return &table[i]
		}
	}
	return nil
}

func named(name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// number reads a whole number from low to high.
func number(text string, low, high int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= low && n <= high:
		return n, nil
	case high < maxLong:
		return 0, fmt.Errorf("%q is no whole number from %d to %d", text, low, high)
	default:
		return 0, fmt.Errorf("%q is no whole number from %d on", text, low)
	}
}

// millis is a number of milliseconds, at least low. −1 is kept as a negative duration.
func millis[T any](low, high int64, field func(*T) *time.Duration) value[T] {
	return duration(time.Millisecond, low, high, field)
}

// duration is a number of units, at least low.
func duration[T any](unit time.Duration, low, high int64, field func(*T) *time.Duration) value[T] {
	kind := longValue
	if high <= maxInt {
		kind = intValue
	}
	return value[T]{
		kind: kind,
		set: func(t *T, text string) error {
			n, err := number(text, low, high)
			if err != nil {
				return err
			}
			*field(t) = time.Duration(max(-1, min(n, int64(Forever/unit)))) * unit
			return nil
		},
		text: func(t *T) string {
			if d := *field(t); d < Forever {
				return strconv.FormatInt(int64(d/unit), 10)
			}
			return strconv.FormatInt(high, 10)
		},
	}
}

// integer is a whole number from low to high.
func integer[T any, N int16 | int32 | int64](low, high int64, field func(*T) *N) value[T] {
	kind := longValue
	switch any(N(0)).(type) {
	case int16:
		kind = shortValue
	case int32:
		kind = intValue
	}
	return value[T]{
		kind: kind,
		set: func(t *T, text string) error {
			n, err := number(text, low, high)
			if err == nil {
				*field(t) = N(n)
			}
			return err
		},
		text: func(t *T) string { return strconv.FormatInt(int64(*field(t)), 10) },
	}
}

func boolean[T any](field func(*T) *bool) value[T] {
	return value[T]{
		kind: booleanValue,
		set: func(t *T, text string) error {
			switch strings.ToLower(text) {
			case "true":
				*field(t) = true
			case "false":
				*field(t) = false
			default:
				return fmt.Errorf("%q is neither true nor false", text)
			}
			return nil
		},
		text: func(t *T) string { return strconv.FormatBool(*field(t)) },
	}
}

// word is one of a few words, or any if there are none.
func word[T any](kind valueType, field func(*T) *string, words ...string) value[T] {
	return value[T]{
		kind: kind,
		set: func(t *T, text string) error {
			if len(words) > 0 && !slices.Contains(words, text) {
				return fmt.Errorf("%q is none of %s", text, strings.Join(words, ", "))
			}
			*field(t) = text
			return nil
		},
		text: func(t *T) string { return *field(t) },
	}
}

// ratioUnit is what a Ratio counts in: 10,000 is the whole.
const ratioUnit = 10_000

// Ratio is a share in parts of 10,000, for no float takes part in a decision.
type Ratio int32

// ratio is a decimal number from 0 to 1; what lies behind its fourth decimal is cut off.
func ratio[T any](field func(*T) *Ratio) value[T] {
	return value[T]{
		kind: doubleValue,
		set: func(t *T, text string) error {
			whole, fraction, _ := strings.Cut(text, ".")
			digits := (fraction + "0000")[:4]
			n, err := strconv.ParseUint(whole+digits, 10, 31)
			_, bad := strconv.ParseUint("0"+fraction, 10, 64)
			if err != nil || bad != nil || n > ratioUnit || whole+fraction == "" {
				return fmt.Errorf("%q is no number from 0 to 1", text)
			}
			*field(t) = Ratio(n)
			return nil
		},
		text: func(t *T) string {
			r := *field(t)
			fraction := strings.TrimRight(fmt.Sprintf("%04d", r%ratioUnit), "0")
			return strconv.Itoa(int(r/ratioUnit)) + "." + max(fraction, "0")
		},
	}
}

// never is a setting that Kafka has and that would do nothing here: it takes its default only.
func never[T any](kind valueType, only, why string) value[T] {
	return value[T]{
		kind: kind,
		set: func(_ *T, text string) error {
			if text != only {
				return fmt.Errorf("only %s: %s", only, why)
			}
			return nil
		},
		text: func(*T) string { return only },
	}
}
