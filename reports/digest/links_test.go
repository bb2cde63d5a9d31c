package digest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

// slowed is a leader whose links to both followers are slow both ways, and a follower that is cut
// off while they are. The network heals the one at 5 s, the other link by link.
func slowed() *recorded.Run {
	r := &recorded.Run{Run: kafka.Run{Engine: kafka.EngineVersion, Scenario: "slow"}}
	for _, text := range []string{"broker-2 > broker-1", "broker-1 > broker-2",
		"broker-2 > broker-3", "broker-3 > broker-2"} {
		r.Line(1000*ms, "", model.TraceFault, "slow "+text+" by 20ms")
	}
	r.Line(2000*ms, "", model.TraceFault, "cut broker-3 > broker-1")
	r.Line(2000*ms, "", model.TraceFault, "cut broker-1 > broker-3")
	r.Line(3000*ms, "", model.TraceHeal, "cut broker-3 > broker-1")
	r.Line(4000*ms, "", model.TraceHeal, "cut broker-1 > broker-3")
	for _, text := range []string{"broker-1 > broker-2", "broker-2 > broker-1",
		"broker-3 > broker-2", "broker-2 > broker-3"} { // the world heals in an order of its own
		r.Line(5000*ms, "", model.TraceHeal, "slow "+text+" by 20ms")
	}
	r.Line(5000*ms, "", model.TraceHeal, "slow broker-2 > broker-3 by 20ms")
	r.Line(6000*ms, "", model.TraceEnd, "")
	return r
}

func TestLinksOfOneMomentAreOneFault(t *testing.T) {
	s := story(slowed())
	require.Equal(t, []Band{
		{BandNetwork, 1000 * ms, 5000 * ms, "", "broker-2 ↔ broker-1, broker-3 slow (20 ms)", false},
		{BandNetwork, 2000 * ms, 4000 * ms, "", "broker-3 ↔ broker-1 cut", false},
	}, s.Bands)
	var told []string
	for _, m := range s.Moments {
		told = append(told, m.String())
	}
	require.Equal(t, []string{
		"1.000 s network messages between broker-2 and broker-1, broker-3 now take 20 ms",
		"2.000 s network messages between broker-3 and broker-1 no longer pass",
		"3.000 s network messages from broker-3 to broker-1 pass again",
		"4.000 s network messages from broker-1 to broker-3 pass again",
		"5.000 s network messages between broker-2 and broker-1, broker-3 are as quick as before",
	}, told, "to heal what is whole is no news")
}

// A second latency on a link that is slow already takes the place of the first.
func TestASlowerLinkIsAnotherFault(t *testing.T) {
	r := &recorded.Run{}
	r.Line(1000*ms, "", model.TraceFault, "slow a > b by 20ms")
	r.Line(2000*ms, "", model.TraceFault, "slow a > b by 1.5s")
	r.Line(3000*ms, "", model.TraceHeal, "slow a > b by 1.5s")
	require.Equal(t, []Band{
		{BandNetwork, 1000 * ms, 2000 * ms, "", "a → b slow (20 ms)", false},
		{BandNetwork, 2000 * ms, 3000 * ms, "", "a → b slow (1500 ms)", false},
	}, story(r).Bands)
}

// Whatever the order of the lines, the sides of a fault are found again; links that are not all of
// those between two sides are merely counted.
func TestSidesDoNotDependOnOrder(t *testing.T) {
	names := []model.NodeID{"n1", "n2", "n3", "n4", "n5", "n6"}
	rapid.Check(t, func(t *rapid.T) {
		split := rapid.IntRange(1, 5).Draw(t, "split")
		until := rapid.IntRange(split+1, 6).Draw(t, "until")
		both := rapid.Bool().Draw(t, "both ways")
		left, right := names[:split], names[split:until]
		var links []link
		for _, a := range left {
			for _, b := range right {
				links = append(links, link{a, b})
				if both {
					links = append(links, link{b, a})
				}
			}
		}
		links = rapid.Permutation(links).Draw(t, "order")
		a, b, gotBoth, ok := sides(links)
		require.True(t, ok, "%v", links)
		require.Equal(t, both, gotBoth)
		if both && len(a) != len(left) || both && a[0] != left[0] {
			a, b = b, a
		}
		require.Equal(t, left, a)
		require.Equal(t, right, b)
		if len(left) > 1 && len(right) > 1 {
			_, _, _, ok = sides(slices.Delete(slices.Clone(links), 0, 1))
			require.False(t, ok, "one is missing")
		}
	})
	require.Equal(t, "between 2 pairs of nodes", linkPhrase([]link{{"a", "b"}, {"b", "c"}}))
	require.Equal(t, "2 pairs of nodes cut", linkLabel("cut", 0, []link{{"a", "b"}, {"c", "d"}}))
	require.Equal(t, "a → 3 nodes cut", linkLabel("cut", 0, []link{{"a", "b"}, {"a", "c"}, {"a", "d"}}))
}

// "all, to all" is said of nodes and not of links, each of which it names twice.
func TestEveryPairIsNoListOfLinks(t *testing.T) {
	r := &recorded.Run{}
	nodes := []string{"broker-1", "broker-2", "zookeeper-1"}
	for range 2 {
		for _, a := range nodes {
			for _, b := range nodes {
				if a != b {
					r.Line(1000*ms, "", model.TraceFault, "slow "+a+" > "+b+" by 2ms")
				}
			}
		}
	}
	for _, a := range nodes {
		for _, b := range nodes {
			if a != b {
				r.Line(2000*ms, "", model.TraceHeal, "slow "+a+" > "+b+" by 2ms")
			}
		}
	}
	s := story(r)
	require.Equal(t, []Band{{BandNetwork, 1000 * ms, 2000 * ms, "", "all 3 nodes slow (2 ms)", false}}, s.Bands)
	require.Len(t, s.Moments, 2)
	require.Equal(t, "messages between any two of broker-1, broker-2, zookeeper-1 now take 2 ms", s.Moments[0].What)
	require.Equal(t, "messages between any two of broker-1, broker-2, zookeeper-1 are as quick as before",
		s.Moments[1].What)
}
