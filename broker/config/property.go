package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// property is one setting of type T that has an effect, by its Kafka name.
type property[T any] struct {
	name string
	set  value[T]
}

// value puts a value that its definition has read into a field. It refuses what Kafka has and what
// is not there.
type value[T any] func(t *T, text string) error

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

// number reads a whole number that was found to be one; what cannot work here is the nearest that
// can, for Kafka accepts many a number that makes no sense.
func number(text string, low, high int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("config: a number: " + err.Error())
	}
	return min(max(n, low), high)
}

// millis is a number of milliseconds, at least low. −1 is kept as a negative duration.
func millis[T any](low int64, field func(*T) *time.Duration) value[T] {
	return duration(time.Millisecond, low, field)
}

// duration is a number of units, at least low.
func duration[T any](unit time.Duration, low int64, field func(*T) *time.Duration) value[T] {
	return func(t *T, text string) error {
		*field(t) = time.Duration(number(text, max(low, -1), int64(Forever/unit))) * unit
		return nil
	}
}

// integer is a whole number from low to high.
func integer[T any, N int16 | int32 | int64](low, high int64, field func(*T) *N) value[T] {
	return func(t *T, text string) error {
		*field(t) = N(number(text, low, high))
		return nil
	}
}

func boolean[T any](field func(*T) *bool) value[T] {
	return func(t *T, text string) error {
		*field(t) = text == "true"
		return nil
	}
}

func text[T any](field func(*T) *string) value[T] {
	return func(t *T, text string) error {
		*field(t) = text
		return nil
	}
}

// oneOf is one of those of Kafka's words that are there.
func oneOf[T any](field func(*T) *string, words ...string) value[T] {
	return func(t *T, text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("%q is not there: only %s", text, strings.Join(words, " "))
		}
		*field(t) = text
		return nil
	}
}

// ratioUnit is what a Ratio counts in: 10,000 is the whole.
const ratioUnit = 10_000

// Ratio is a share in parts of 10,000, for no float takes part in a decision.
type Ratio int32

// ratio is a decimal number, as far as it lies between 0 and 1; what stands behind its fourth
// decimal is cut off.
func ratio[T any](field func(*T) *Ratio) value[T] {
	return func(t *T, text string) error {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return err
		}
		whole, fraction, _ := strings.Cut(strconv.FormatFloat(min(max(f, 0), 1), 'f', -1, 64), ".")
		n, err := strconv.ParseInt(whole+(fraction + "0000")[:4], 10, 32)
		*field(t) = Ratio(n)
		return err
	}
}
