package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
)

// playYAML plays a scenario written here.
func playYAML(t *testing.T, yaml string) *Result {
	t.Helper()
	s, err := Parse("test.yaml", []byte(yaml))
	require.NoError(t, err, yaml)
	result, err := Play(s, Options{})
	require.NoError(t, err)
	return result
}

// A consumer that is behind skips records lawfully: it is told to, or they are deleted before it
// comes to them.
func TestMovesAreNoSkips(t *testing.T) {
	for name, entry := range map[string]string{
		"seek":           "{at: 20s, seek: consumer-1, partition: m-0, offset: 900}",
		"delete-records": "{at: 20s, delete-records: m-0, before: 900}",
	} {
		t.Run(name, func(t *testing.T) {
			r := playYAML(t, `claim: It has skipped nothing by mistake.
seed: 2
duration: 40s
cluster: {brokers: 3}
topics: [{name: m, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: m, rate: 50/s, until: 30s}]
consumers: [{assign: [m-0], process: 30ms}]
timeline: [`+entry+`]
expect: {findings: none}
`)
			require.Equal(t, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
			require.Greater(t, r.Run.Counters["seek.ok"]+r.Run.Counters["reset.ok"], int64(0))
		})
	}
}

// A group that begins at the latest offset passes over what was sent to new partitions before it saw
// them: no anomaly, but said and counted.
func TestResetsPassOverRecords(t *testing.T) {
	r := playYAML(t, `claim: A group misses what was sent to new partitions before it saw them.
seed: 12
duration: 60s
cluster: {brokers: 3}
topics: [{name: bills, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: bills, rate: 50/s, keys: 50, until: 50s, metadata_age: 2s}]
consumers: [{group: g, topics: [bills], from: latest, commit: after, metadata_age: 20s}]
timeline: [{at: 15s, add-partitions: bills, partitions: 4}]
expect: {findings: none, counts: {records.passed-over.g: ">= 50"}}
`)
	require.Equal(t, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
	require.Len(t, r.Run.PassedOver, 3, "%v", r.Run.PassedOver)
	require.Equal(t, r.Run.Counters["records.passed-over.g"], r.Run.Counters["records.passed-over"])
	for _, p := range r.Run.PassedOver {
		require.NotEqual(t, "bills-0", p.Key, "where it begins is its own affair")
		require.Equal(t, "NO_OFFSET_FOR_PARTITION", p.Why)
	}
}

// A run in which nothing could be wrong does not hold its claim.
func TestARunOfNothingIsNotWell(t *testing.T) {
	const yaml = `claim: All is well.
duration: 5s
cluster: {brokers: 1}
topics: [{name: t, partitions: 1, replicas: 1}]
`
	r := playYAML(t, yaml+"expect: {findings: none}\n")
	require.Equal(t, kafka.VerdictEmpty, r.Run.Verdict)
	require.Contains(t, r.Run.Reason, "no record was acknowledged, and none was read; say in expect.sometimes")
	r = playYAML(t, yaml+"expect: {findings: none, sometimes: [topic-created]}\n")
	require.Equal(t, kafka.VerdictOK, r.Run.Verdict)
}

// A run that does not come to rest says who waits for what. (KAFKA-2143: with truncation to the high
// watermark the old leader, whose log ends at 100, is sent a batch from 90 on for ever.)
func TestAStuckRunSaysWhoWaitsForWhat(t *testing.T) {
	r := playYAML(t, `claim: The old leader keeps ten records that nobody else has.
seed: 7
duration: 70s
cluster:
  brokers: 3
  controller: 3
  truncation: hw
  config: {zookeeper.session.timeout.ms: 6000, unclean.leader.election.enable: true, replica.lag.time.max.ms: 3000}
topics: [{name: bills, assignment: [[1, 2]], config: {min.insync.replicas: 1}}]
producers: [{name: p1, topic: bills, start: 3s, acks: 1, retries: 0, timeout: 3s, linger: 20ms}]
timeline:
  - {at: 5s, send: producer-p1, count: 90}
  - {then: 2s, cut: broker-1, to: broker-2}
  - {then: 6s, send: producer-p1, count: 10}
  - {then: 2s, cut: broker-1, to: zookeeper, for: 12s}
  - {then: 0s, when: "became-leader(bills-0, broker-2)", delay: 1s, restart: producer-p1}
  - {then: 1s, cut: producer-p1, to: broker-1}
  - {then: 1s, send: producer-p1, count: 15}
expect: {findings: none}
`)
	require.Equal(t, kafka.VerdictUnsettled, r.Run.Verdict)
	require.Contains(t, r.Run.Reason, "broker-1 cannot append 90…104 of bills-0 at its log end 100")
	f := r.Run.Findings[len(r.Run.Findings)-1]
	require.Equal(t, kafka.Stuck, f.Anomaly)
	require.True(t, f.Shows(kafka.Unseen), "nobody came to read it")
	require.Equal(t, "broker-1", f.Witnesses[0].Who)
}

// What the end waits for is told of each kind.
func TestReasonsOfWaiting(t *testing.T) {
	const yaml = `claim: It waits.
duration: 12s
settle: 10ms
cluster: {brokers: 3, config: {zookeeper.session.timeout.ms: 6000}}
topics: [{name: t, partitions: 1, replicas: 3, config: {min.insync.replicas: 3}}]
producers: [{name: p1, topic: t, rate: 20/s, acks: all}]
timeline:
`
	for name, c := range map[string]struct {
		timeline string
		at       time.Duration
		want     []cluster.Waiting
	}{
		"replicas": {"  - {at: 2s, kill: follower(t-0)}\n", 11 * time.Second, []cluster.Waiting{
			{Who: "broker-", What: "leads t-0 with 3 replicas, of which 1 do not follow it"},
			{Who: "producer-p1", What: "2 replicas are in sync, and min.insync.replicas is 3"},
		}},
		"no leader": {"  - {at: 2s, kill: broker-1}\n  - {at: 3s, kill: broker-2}\n  - {at: 4s, kill: broker-3}\n",
			11 * time.Second, []cluster.Waiting{{Who: "the cluster", What: "has no controller"}, {Who: "broker-", What: "was elected leader of t-0"}}},
		"ZooKeeper": {"  - {at: 2s, kill: zookeeper}\n", 3 * time.Second, []cluster.Waiting{{Who: "zookeeper-1", What: "does not run"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse("test.yaml", []byte(yaml+c.timeline+"expect: {findings: none}\n"))
			require.NoError(t, err)
			p, err := newPlayer(s, Options{})
			require.NoError(t, err)
			p.world.At(model.Time(c.at), func() {
				for _, want := range c.want {
					require.Condition(t, func() bool {
						for _, r := range p.reasons() {
							if strings.HasPrefix(r.Who, want.Who) && strings.Contains(r.What, want.What) {
								return true
							}
						}
						return false
					}, "%q %q is not in %q", want.Who, want.What, p.reasons())
				}
			})
			p.play()
		})
	}
}
