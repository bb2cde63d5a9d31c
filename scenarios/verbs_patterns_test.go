package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// patternRun plays one entry on five brokers and hands each fault, and each end of one, to see with the links
// that are cut and the nodes that are down after it.
func patternRun(t *testing.T, entry string, seed uint64,
	see func(at model.Time, cut map[string]bool, down map[model.NodeID]bool),
) []model.Fault {
	yaml := strings.Replace(fmt.Sprintf(verbCluster, "", entry), "brokers: 3", "brokers: 5", 1)
	s, err := Parse("pattern.yaml", []byte(strings.Replace(yaml, "duration: 8s", "duration: 20s", 1)))
	require.NoError(t, err)
	cut, down := map[string]bool{}, map[model.NodeID]bool{}
	var whole []model.Fault
	_, err = Play(s, Options{Seed: seed, HasSeed: true, Observe: func(l *kafka.TraceLine) {
		if l.Fault == nil || l.At > model.Time(20e9) {
			return
		}
		link := string(l.Fault.Node + ">" + l.Fault.Peer)
		switch {
		case l.Fault.Verb == model.FaultCut && l.Kind == model.TraceFault:
			cut[link] = true
		case l.Fault.Verb == model.FaultCut:
			delete(cut, link)
		case l.Fault.Verb == model.FaultKill || l.Fault.Verb == model.FaultHalt:
			down[l.Fault.Node] = true
		case l.Fault.Verb == model.FaultStart:
			delete(down, l.Fault.Node)
		default:
			whole = append(whole, *l.Fault)
			return
		}
		see(l.At, cut, down)
	}})
	require.NoError(t, err)
	require.Empty(t, cut, "what it cut is healed when it ends")
	require.Empty(t, down, "whom it killed runs when it ends")
	return whole
}

// reached counts the brokers that each broker reaches.
func reached(cut map[string]bool) (counts []int) {
	for a := 1; a <= 5; a++ {
		n := 0
		for b := 1; b <= 5; b++ {
			if a != b && !cut[fmt.Sprintf("broker-%d>broker-%d", a, b)] {
				n++
			}
		}
		counts = append(counts, n)
	}
	return counts
}

func TestRingAndBridge(t *testing.T) {
	most := 0
	faults := patternRun(t, "ring: brokers, for: 3s", 1, func(at model.Time, cut map[string]bool, _ map[model.NodeID]bool) {
		if at == model.Time(4e9) && len(cut) > most {
			if most = len(cut); most == 10 {
				require.Equal(t, []int{2, 2, 2, 2, 2}, reached(cut))
			}
		}
	})
	require.Equal(t, 10, most)
	require.Equal(t, kafka.FaultRing, faults[0].Verb)
	back, ok := model.ParseFault(faults[0].String())
	require.True(t, ok)
	require.Equal(t, faults[0], back)

	most = 0
	patternRun(t, "bridge: brokers, for: 3s", 1, func(at model.Time, cut map[string]bool, _ map[model.NodeID]bool) {
		if at == model.Time(4e9) && len(cut) > most {
			if most = len(cut); most == 8 {
				require.ElementsMatch(t, []int{4, 2, 2, 2, 2}, reached(cut))
			}
		}
	})
	require.Equal(t, 8, most)
}

func TestAttritionLeavesWhatItShall(t *testing.T) {
	for seed := range uint64(3) {
		kills, most := 0, 0
		patternRun(t, "attrit: brokers, leave: 3, every: 500ms, for: 14s", seed,
			func(_ model.Time, _ map[string]bool, down map[model.NodeID]bool) {
				kills++
				most = max(most, len(down))
			})
		require.Equal(t, 2, most)
		require.Greater(t, kills, 10)
	}
}

// Each of the five is cut off once and healed once, in two orders.
func TestSwizzleCutsAndHealsInTwoOrders(t *testing.T) {
	differ := false
	for seed := range uint64(4) {
		var order [2][]string
		alone := map[string]bool{}
		patternRun(t, "swizzle: brokers, for: 10s", seed, func(at model.Time, cut map[string]bool, _ map[model.NodeID]bool) {
			for i := range 5 {
				id := fmt.Sprintf("broker-%d", i+1)
				now := cut[id+">zookeeper-1"] && cut["zookeeper-1>"+id]
				if now != alone[id] {
					alone[id] = now
					half := 0
					if at > model.Time(9e9) {
						half = 1
					}
					order[half] = append(order[half], id)
				}
			}
		})
		require.Len(t, order[0], 5)
		require.Len(t, order[1], 5)
		differ = differ || fmt.Sprint(order[0]) != fmt.Sprint(order[1])
	}
	require.True(t, differ)
}

func TestRollingRestartIsOneAfterTheOther(t *testing.T) {
	var most, ended int
	patternRun(t, "roll: brokers, every: 500ms", 1, func(_ model.Time, _ map[string]bool, down map[model.NodeID]bool) {
		most = max(most, len(down))
		if len(down) == 1 {
			ended++
		}
	})
	require.Equal(t, 1, most)
	require.Equal(t, 5, ended)
}

// A link flaps at the pace that it was given.
func TestFlapping(t *testing.T) {
	var times []model.Time
	patternRun(t, "flap: broker-1, to: broker-2, every: 500ms, for: 3s", 1, func(at model.Time, cut map[string]bool, _ map[model.NodeID]bool) {
		if len(cut) == 2 {
			times = append(times, at)
		}
	})
	require.Equal(t, []model.Time{4e9, 5e9, 6e9}, times)
	_, err := Parse("flap.yaml", []byte(strings.Replace(plain, "kill: leader(orders-0)", "flap: broker-1, to: broker-2, every: 0ms", 1)))
	require.ErrorContains(t, err, "10:5: `every` is 0s, and at least 10ms")
}

// An entry that waits for another fires once that is done; a name that is none, and an entry that waits for
// itself, are refused.
func TestEntriesWaitForEntries(t *testing.T) {
	var at []model.Time
	for _, l := range tried(t, "  - {when: fired(x), delay: 500ms, kill: broker-1}", "pause: broker-2, name: x, for: 1s") {
		if l.Fault != nil && l.Fault.Verb == model.FaultKill {
			at = append(at, l.At)
		}
	}
	require.Equal(t, []model.Time{45e8}, at)
	for entry, want := range map[string]string{
		"name: x, when: fired(x), kill: broker-1": `"x" waits for itself`,
		"when: fired(y), kill: broker-1":          `no timeline entry is called "y"`,
		"at: 5s, delete-group: bling":             `no consumer is in the group "bling" (groups are billing)`,
		"at: 5s, kill: last-in-sync(orders-9)":    "there is no partition orders-9",
	} {
		_, err := Parse("wait.yaml", []byte(strings.Replace(plain, "at: 5s, kill: leader(orders-0)", entry, 1)))
		require.ErrorContains(t, err, want)
	}
}
