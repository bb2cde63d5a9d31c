package kafka

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnitsPrintForPeople(t *testing.T) {
	for want, m := range map[string]Measure{
		"0":               {},
		"1,234,567":       {Value: 1234567},
		"0 ns":            {Unit: UnitTime},
		"999 ns":          {Value: 999, Unit: UnitTime},
		"1 µs":            {Value: 1000, Unit: UnitTime},
		"12.4 ms":         {Value: 12_351_000, Unit: UnitTime},
		"613 ms":          {Value: 612_870_000, Unit: UnitTime},
		"6.6 s":           {Value: 6_591_007_908, Unit: UnitTime},
		"120 s":           {Value: 120_000_000_000, Unit: UnitTime},
		"3.4 MB":          {Value: 3_364_578, Unit: UnitBytes},
		"196 records/s":   {Value: 196, Unit: UnitRate},
		"97 %":            {Value: 97, Unit: UnitPercent},
		"−1,500":          {Value: -1500},
		"−1.5 ms":         {Value: -1_500_000, Unit: UnitTime},
		"2,300 records/s": {Value: 2300, Unit: UnitRate},
	} {
		require.Equal(t, want, m.String())
	}
}

// A name means one thing: every line of the table is found by its own name, and families by what
// they may count of.
func TestMeasureKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range MeasureKinds() {
		require.False(t, seen[k.Name], "%s stands twice", k.Name)
		require.NotEmpty(t, k.About, k.Name)
		seen[k.Name] = true
		unit, ok := UnitOf(k.Name)
		require.Equal(t, !k.Only, ok, k.Name)
		if ok {
			require.Equal(t, k.Unit, unit, k.Name)
		}
	}
	for name, ok := range map[string]bool{
		"send.ok.orders-0": true, "send.ok.orders": false, "send.fail.NOT_ENOUGH_REPLICAS": true,
		"send.fail.whatever": false, "leader-elected.orders-0": true, "leader-elected.orders": false,
		"session-expired.orders-0": false, "requests.Fetch.brokers": true, "requests": false,
		"requests.zk.multi": true, "cpu.most.broker-1": true, "records.read.consumer-2": true, "acks": false,
		"ack.p50.orders-0": false, "": false, "lost-write": true, "lost-write.orders-0": false,
	} {
		_, found := UnitOf(name)
		require.Equal(t, ok, found, name)
	}
}

func TestNearestMeasure(t *testing.T) {
	for word, want := range map[string]string{
		"lost-writes": "lost-write", "ack.p90": "ack.p50", "leader-electd": "leader-elected",
		"sent.ok": "send.ok", "leader-electd.orders-0": "leader-elected.orders-0", "colour": "",
	} {
		require.Equal(t, want, NearestMeasure(word), word)
	}
}

func TestMeasuresOfARun(t *testing.T) {
	r := Run{
		Counters: map[string]int64{
			"ack.p50": 5_000_000, "send.ok": 7, "send.ok.orders-1": 4, "send.ok.orders-0": 3,
			"records.read.again": 2, "records.read.consumer-1": 9, "records.read": 9, "requests.Fetch": 12,
		},
		Findings: []Finding{{Anomaly: LostWrite, Count: 3}},
	}
	by := map[string]Measure{}
	var names []string
	for _, m := range r.Measures() {
		require.NotContains(t, by, m.Name)
		by[m.Name] = m
		names = append(names, m.Name)
	}
	require.Equal(t, "5 ms", by["ack.p50"].String())
	require.Equal(t, int64(3), by["lost-write"].Value)
	require.Contains(t, by, "duplicate", "no finding is a measure too")
	require.NotContains(t, by, "ack.p99", "nobody measured it")
	require.Equal(t, int64(2), by["records.read.again"].Value)
	require.Equal(t, "sends that were acknowledged (orders-1)", by["send.ok.orders-1"].About)
	require.Subset(t, names, []string{"send.ok", "send.ok.orders-0", "records.read.consumer-1", "requests.Fetch"})
	_, ok := r.Measure("ack.p99")
	require.False(t, ok)
	m, ok := r.Measure("leader-elected")
	require.True(t, ok)
	require.Zero(t, m.Value)
}
