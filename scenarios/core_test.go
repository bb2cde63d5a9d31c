package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

const cored = `claim: A healed core serves by itself.
seed: 1
duration: 12s
core: [zookeeper, broker-1, broker-2]
cluster: {brokers: 3}
topics: [{name: orders, partitions: 3, replicas: 3, config: {min.insync.replicas: 2}}]
producers: [{name: p1, topic: orders, rate: 20/s}]
consumers: [{group: billing, members: 2, topics: [orders], session: 6s}]
timeline:
  - {at: 5s, kill: broker-3}
  - {at: 6s, kill: consumer-2}
  - {at: 7s, cut: broker-1, to: broker-2}
  - {at: 8s, cut: zookeeper, to: broker-3}
expect: {findings: none}
`

// First the core is healed and does what it can: every partition is probed while the third broker
// is still dead. Then everything is.
func TestCoreFirst(t *testing.T) {
	var healed, probed, started model.Time
	r, err := Play(parsed(t, cored), Options{Observe: func(line *kafka.TraceLine) {
		switch {
		case line.Kind == model.TraceHeal && line.Fault.Verb == model.FaultCut && healed == 0:
			healed = line.At
			require.NotContains(t, line.Fault.String(), "broker-3")
		case line.Note.Kind == kafka.RecordsAcked && line.Node == probeNode:
			probed = line.At
		case line.Node == "broker-3" && line.Kind == model.Started.String():
			started = line.At
		}
	}})
	require.NoError(t, err)
	require.Equal(t, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
	require.Positive(t, healed)
	require.Greater(t, probed, healed)
	require.Greater(t, started, probed)
}

// Who does not come to rest is told, with the reason of whoever waits.
func TestCoreThatDoesNotRest(t *testing.T) {
	s := parsed(t, strings.Replace(cored, "session: 6s", "session: 25s", 1)+"settle: 6s\n")
	p, err := newPlayer(s, Options{})
	require.NoError(t, err)
	p.joinWait = 0
	p.play()
	r := p.judge()
	require.Equal(t, kafka.VerdictViolated, r.Run.Verdict)
	found := map[kafka.Anomaly]string{}
	for _, f := range r.Run.Findings {
		found[f.Anomaly] = f.Explanation
	}
	require.Contains(t, found[kafka.StuckCore], "broker-1 has group billing in state PreparingRebalance "+
		"of generation 1: consumer-1 waits for the answer to its JoinGroup")
	require.Contains(t, found[kafka.StuckCore], "producer-p1 waits for the acknowledgement of ")
}

func TestCoreIsChecked(t *testing.T) {
	for core, want := range map[string]string{
		"[zookeeper, broker-4]":           `checked.yaml:4:19: no node is called "broker-4"`,
		"[zookeeper, consumer-1]":         "checked.yaml:4:19: consumer-1 is no server",
		"[zookeeper, leader(orders-0)]":   "checked.yaml:4:19: leader(orders-0) is another one at another time",
		"[broker-1]":                      "checked.yaml:4:8: a core without ZooKeeper elects nobody",
		"[zookeeper]":                     "checked.yaml:4:8: a core without a broker serves nobody",
		"[zookeeper, broker-1, brokker1]": `checked.yaml:4:29: unknown role "brokker1"`,
	} {
		text := strings.Replace(cored, "[zookeeper, broker-1, broker-2]", core, 1)
		_, err := Parse("checked.yaml", []byte(text))
		require.ErrorContains(t, err, want)
	}
}
