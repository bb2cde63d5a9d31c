package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// valueType is the type of a setting (DescribeConfigsResponse.ConfigType, 3.9).
type valueType int8

// The types of settings.
const (
	unknownValue valueType = iota
	booleanValue
	stringValue
	intValue
	shortValue
	longValue
	doubleValue
	listValue
	classValue
	passwordValue
)

// kindNamed is the type that ConfigDef calls so.
func kindNamed(name string) valueType {
	at := slices.Index([]string{
		"", "BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD",
	}, name)
	if at < 1 {
		panic("config: there is no type of settings " + name)
	}
	return valueType(at)
}

const (
	maxShort = math.MaxInt16
	maxInt   = math.MaxInt32
	maxLong  = math.MaxInt64
)

// Forever stands for every number of milliseconds that a time.Duration cannot hold; Kafka's
// defaults use the largest number for "never".
const Forever = (1 << 43) * time.Millisecond

// parse reads a value as Kafka does and returns it as Kafka writes it (ConfigDef.parseType,
// convertToString and the validator, 3.9).
func (d *definition) parse(text string) (string, error) {
	value, err := d.kind.parse(text)
	if err != nil && d.kind.isWhole() {
		err = fmt.Errorf("%q is no whole number %s", text, d.bounds())
	}
	if err == nil {
		err = d.validate(value)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.name, err)
	}
	return value, nil
}

// trim cuts off what Java's String.trim does.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
}

func (k valueType) parse(text string) (string, error) {
	if k == passwordValue {
		return text, nil
	}
	text = trim(text)
	switch k {
	case booleanValue:
		if word := strings.ToLower(text); word == "true" || word == "false" {
			return word, nil
		}
		return "", fmt.Errorf("%q is neither true nor false", text)
	case shortValue:
		return whole(text, 16)
	case intValue:
		return whole(text, 32)
	case longValue:
		return whole(text, 64)
	case doubleValue:
		return decimal(text)
	case listValue:
		return strings.Join(listed(text), ","), nil
	default:
		return text, nil
	}
}

func whole(text string, bits int) (string, error) {
	n, err := strconv.ParseInt(text, 10, bits)
	return strconv.FormatInt(n, 10), err
}

func (k valueType) isWhole() bool { return k == shortValue || k == intValue || k == longValue }

// bounds says which numbers are valid.
func (d *definition) bounds() string {
	valid, besides, _ := strings.Cut(d.valid, ",")
	low, high, bounded := strings.Cut(valid, "..")
	if !bounded {
		low = ""
	}
	least, most := int64(math.MinInt64), int64(maxLong)
	switch d.kind {
	case shortValue:
		least, most = math.MinInt16, maxShort
	case intValue:
		least, most = math.MinInt32, maxInt
	}
	if low == "" {
		low = strconv.FormatInt(least, 10)
	}
	if high == "" {
		high = strconv.FormatInt(most, 10)
	}
	text := "from " + low + " to " + high
	if besides != "" {
		text += " or " + besides
	}
	return text
}

// decimal reads a number as Java's Double.parseDouble does, hexadecimal ones and NaN apart, and
// writes it as Double.toString does.
func decimal(text string) (string, error) {
	digits := strings.TrimRight(text, "dDfF")
	if len(digits) < len(text)-1 || strings.ContainsAny(digits, "xXnN_pP") {
		return "", fmt.Errorf("%q is no number", text)
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return "", fmt.Errorf("%q is no number", text)
	}
	size := math.Abs(f)
	if size == 0 || size >= 1e-3 && size < 1e7 {
		plain := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(plain, ".") {
			plain += ".0"
		}
		return plain, nil
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, err := strconv.Atoi(exponent)
	return mantissa + "E" + strconv.Itoa(n), err
}

// listed splits at commas, as Kafka does: spaces around a word do not count, and no text is no
// words.
func listed(text string) []string {
	if text = trim(text); text == "" {
		return nil
	}
	words := strings.Split(text, ",")
	for i := range words {
		words[i] = trim(words[i])
	}
	return words
}

// validate checks a value that parse has read.
func (d *definition) validate(value string) error {
	valid, besides, _ := strings.Cut(d.valid, ",")
	if low, high, ok := strings.Cut(valid, ".."); ok {
		if value == besides {
			return nil
		}
		if low != "" && compareNumbers(value, low) < 0 || high != "" && compareNumbers(value, high) > 0 {
			if d.kind.isWhole() {
				return fmt.Errorf("%q is no whole number %s", value, d.bounds())
			}
			return fmt.Errorf("%s is no number from %s to %s", value, low, high)
		}
		return nil
	}
	switch valid {
	case "-":
		return nil
	case "nonempty":
		if value == "" {
			return fmt.Errorf("a value may not be empty")
		}
		return nil
	case "throttled":
		return validReplicas(value)
	case "version":
		return validVersion(value)
	}
	valid, foldCase := strings.CutPrefix(valid, "~")
	all := []string{value}
	if d.kind == listValue {
		all = listed(value)
	}
	for _, word := range all {
		if !slices.ContainsFunc(strings.Split(valid, "|"), func(w string) bool {
			return w == word || foldCase && strings.EqualFold(w, word)
		}) {
			return fmt.Errorf("%q is none of %s", word, strings.ReplaceAll(valid, "|", ", "))
		}
	}
	return nil
}

// compareNumbers compares what whole and decimal return.
func compareNumbers(a, b string) int {
	n, err1 := strconv.ParseInt(a, 10, 64)
	m, err2 := strconv.ParseInt(b, 10, 64)
	if err1 == nil && err2 == nil {
		return cmp.Compare(n, m)
	}
	return cmp.Compare(tenThousandths(a), tenThousandths(b))
}

// tenThousandths is a decimal number in parts of 10,000, rounded away from zero, as far as an int64
// reaches.
func tenThousandths(text string) int64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("config: no number: " + text)
	}
	plain := strconv.FormatFloat(math.Abs(f), 'f', -1, 64)
	before, after, _ := strings.Cut(plain, ".")
	n, err := strconv.ParseInt(before+(after + "0000")[:4], 10, 64)
	if err != nil {
		n = maxLong - 1
	}
	if len(after) > 4 {
		n++
	}
	if f < 0 {
		return -n
	}
	return n
}
