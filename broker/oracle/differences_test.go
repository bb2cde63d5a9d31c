package oracle

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// differencesFile is the list of what may differ. README.md shows it.
const differencesFile = "testdata/differences.tsv"

// kinds are why ours may answer otherwise than Apache Kafka 3.9.
var kinds = []string{
	"left out", // what is not there, as the README of the room says
	"as 4.x",   // ours follows Kafka 4.x on purpose
	"oddity",   // Kafka answers what no client can want, or not at all
}

// entry is one line of the list: which fields of which exchanges may differ, and why.
type entry struct {
	line            int
	kind, why       string
	exchange, where *regexp.Regexp // each matches the whole
	used            bool
}

// differences is the list.
type differences []*entry

func readDifferences(text string) (differences, error) {
	var list differences
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := fmt.Sprintf("%s:%d", differencesFile, i+1)
		parts := strings.Split(line, "\t")
		if len(parts) != 4 {
			return nil, fmt.Errorf("%s has %d columns, kind, exchange, field and reason are four", at,
				len(parts))
		}
		if !slices.Contains(kinds, parts[0]) {
			return nil, fmt.Errorf("%s: %q is none of %q", at, parts[0], kinds)
		}
		e := &entry{line: i + 1, kind: parts[0], why: parts[3]}
		var err error
		if e.exchange, err = regexp.Compile("^(?:" + parts[1] + ")$"); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if e.where, err = regexp.Compile("^(?:" + parts[2] + ")$"); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if strings.TrimSpace(e.why) == "" {
			return nil, fmt.Errorf("%s gives no reason", at)
		}
		list = append(list, e)
	}
	return list, nil
}

// allows finds the first entry that a difference is covered by, nil for none.
func (l differences) allows(d *difference) *entry {
	for _, e := range l {
		if e.exchange.MatchString(d.exchange) && e.where.MatchString(d.where()) {
			e.used = true
			return e
		}
	}
	return nil
}

// unused are the entries that no difference needed.
func (l differences) unused() (list differences) {
	for _, e := range l {
		if !e.used {
			list = append(list, e)
		}
	}
	return list
}

// The list can be read, and each of its entries names an exchange that there is.
func TestListOfDifferences(t *testing.T) {
	text, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	list, err := readDifferences(string(text))
	require.NoError(t, err)
	all := exchanges()
	for _, e := range list {
		require.True(t, slices.ContainsFunc(all, func(x exchange) bool {
			return e.exchange.MatchString(x.name)
		}), "%s:%d is about no exchange", differencesFile, e.line)
	}
	names := map[string]bool{}
	for _, x := range all {
		require.False(t, names[x.name], "there are two exchanges %s", x.name)
		names[x.name] = true
	}
}

func TestReadDifferences(t *testing.T) {
	for text, problem := range map[string]string{
		"as 4.x\ta\tb":            "has 3 columns",
		"for fun\ta\tb\twhy":      "is none of",
		"oddity\t(\tb\twhy":       "missing closing",
		"oddity\ta\t[\twhy":       "missing closing",
		"# c\n\noddity\ta\tb\t  ": ":3 gives no reason",
	} {
		_, err := readDifferences(text)
		require.ErrorContains(t, err, problem)
	}
	list, err := readDifferences("oddity\tfetch/.*\t.*ErrorCode\tone\nas 4.x\tfetch/a\t.*\ttwo")
	require.NoError(t, err)
	d := difference{exchange: "fetch/a", label: "#1 Fetch v11", path: "Topics[x].ErrorCode"}
	require.Equal(t, "one", list.allows(&d).why, "the first that fits counts")
	require.Len(t, list.unused(), 1)
	d.path = "Topics[x].Offset"
	require.Equal(t, "two", list.allows(&d).why)
	require.Empty(t, list.unused())
	d.exchange = "produce/a"
	require.Nil(t, list.allows(&d))
}

// seenAs is a result with one answer of the given fields, path and value by turns.
func seenAs(fields ...string) *result {
	o := observation{label: "#1", fields: map[string]string{}}
	o.put("·", "answer")
	for i := 0; i+1 < len(fields); i += 2 {
		o.put(fields[i], fields[i+1])
	}
	return &result{[]observation{o}}
}

// What is compared, and what follows from something else.
func TestCompare(t *testing.T) {
	paths := func(a, b *result) (list []string) {
		c := compare("x", []*result{a, b})
		for _, d := range c.differences {
			list = append(list, d.path)
		}
		return list
	}
	same := seenAs("ErrorCode", "NONE", "Offset", "5")
	require.Empty(t, paths(same, same))
	require.Equal(t, []string{"Offset"}, paths(same, seenAs("ErrorCode", "NONE", "Offset", "6")))
	require.Equal(t, []string{"ErrorCode"}, paths(same, seenAs("ErrorCode", "BAD", "Offset", "-1")),
		"the offset follows from the error")
	closed := observation{label: "#1", fields: map[string]string{}}
	closed.put("·", "connection closed")
	require.Equal(t, []string{"·"}, paths(same, &result{[]observation{closed}}))
	require.Equal(t, []string{"Topics#", "Topics[b]"}, paths(
		seenAs("Topics#", "1", "Topics[a].X", "1"),
		seenAs("Topics#", "2", "Topics[a].X", "1", "Topics[b].X", "1", "Topics[b].Y", "1")),
		"an element that is missing is one difference")

	c := compare("x", []*result{seenAs("ErrorMessage", `"no"`), seenAs("ErrorMessage", `"nope"`)})
	require.Empty(t, c.differences, "words may differ")
	require.Equal(t, 1, c.words)
	require.Len(t, compare("x", []*result{
		seenAs("ErrorMessage", `""`), seenAs("ErrorMessage", "(null)"),
	}).differences, 1, "but not whether there are any")

	gone := observation{label: "#1", fields: map[string]string{}}
	gone.put("·", "version not served")
	require.Len(t, compare("x", []*result{
		seenAs("Topics[a].X", "1"), seenAs("Topics[a].X", "2"), {[]observation{gone}},
	}).differences, 1, "also where 4.x has nothing to say")

	c = compare("x", []*result{seenAs("A", "1"), seenAs("A", "2"), seenAs("A", "2")})
	require.True(t, c.differences[0].as4)
	require.True(t, compare("x", []*result{seenAs("A", "1"), seenAs("A", "1"), seenAs("A", "2")}).since4)
}
