package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseAxis(t *testing.T) {
	for text, want := range map[string]Axis{
		"producers[0].linger=0ms,5ms, 50ms": {[]string{"producers[0].linger"}, []string{"0ms", "5ms", "50ms"}},
		"topics[0].partitions+consumers[0].members=1,2": {
			[]string{"topics[0].partitions", "consumers[0].members"}, []string{"1", "2"}},
		"topics[0].assignment=[[1,2],[2,1]],[[1]]": {
			[]string{"topics[0].assignment"}, []string{"[[1,2],[2,1]]", "[[1]]"}},
		"timeline[1]=": {[]string{"timeline[1]"}, []string{""}},
	} {
		a, err := ParseAxis(text)
		require.NoError(t, err)
		require.Equal(t, want, a)
	}
	for text, want := range map[string]string{
		"producers[0].linger": `"producers[0].linger" sweeps nothing (write a path, = and values,`,
		"=1,2":                `sweeps nothing`,
		"cluster.brokers=3,3": `cluster.brokers: the value "3" stands twice`,
	} {
		_, err := ParseAxis(text)
		require.ErrorContains(t, err, want)
	}
}

func TestQuantity(t *testing.T) {
	for value, want := range map[string]int64{"16": 16, "5ms": 5_000_000, "16KiB": 16384, "0ms": 0} {
		n, ok := Quantity(value)
		require.True(t, ok, value)
		require.Equal(t, want, n)
	}
	slow, _ := Quantity("60/m")
	fast, ok := Quantity("2/s")
	require.True(t, ok)
	require.Equal(t, 2*slow, fast)
	_, ok = Quantity("all")
	require.False(t, ok)
}

const swept = `claim: Something holds.
cluster: {brokers: 3}
topics: [{name: orders, partitions: 2, replicas: 3}]
producers: [{name: p1, topic: orders, rate: 10/s}]
sweep: {set: "producers[0].linger", values: [0ms, 5ms], by: {set: ["topics[0].replicas"], values: [1, 3]}, ` +
	`measure: [ack.p50, requests.per.1000], seeds: 3}
`

func TestSweepKey(t *testing.T) {
	s, err := Parse("swept.yaml", []byte(swept))
	require.NoError(t, err)
	require.Equal(t, "producers[0].linger=0ms,5ms", s.Sweep.Axes[0].String())
	require.Equal(t, "topics[0].replicas=1,3", s.Sweep.Axes[1].String())
	require.Equal(t, []string{"ack.p50", "requests.per.1000"}, s.Sweep.Measures)
	require.Equal(t, 3, s.Sweep.Seeds)

	points, err := Points(s, s.Sweep.Axes)
	require.NoError(t, err)
	require.Len(t, points, 4)
	require.Equal(t, []string{"0ms", "3"}, points[1].Values)
	require.Equal(t, []string{"producers[0].linger=0ms", "topics[0].replicas=3"}, points[1].Scenario.Set)
	require.Equal(t, 3, points[1].Scenario.Topics[0].Replicas)
	require.False(t, points[1].Scenario.Sweep.Supplied())

	for _, row := range []struct{ from, to, want string }{
		{"5ms]", "5]", `swept.yaml:5:8: sweep: setting producers[0].linger=5: "5" is no time`},
		{"linger", "lingr", `did you mean "producers[0].linger"?`},
		{"0].replicas", "0].replicaz", `did you mean "topics[0].replicas"?`},
		{"ack.p50", "ack.p5", `no run has a number called "ack.p5" (did you mean "ack.p50"?)`},
		{"0ms, 5ms", "5ms, 5ms", `sweep: producers[0].linger: the value "5ms" stands twice`},
		{"measure:", "measures:", `did you mean "measure"?`},
	} {
		require.Contains(t, swept, row.from)
		_, err := Parse("swept.yaml", []byte(strings.Replace(swept, row.from, row.to, 1)))
		require.ErrorContains(t, err, row.want)
	}
}
