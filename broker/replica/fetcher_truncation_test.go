package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// story is a partition, orders-0, whose leaders the test names in the controller's place.
type story struct {
	*cluster
	orders kafka.TopicPartition
	epoch  int32
}

// tell has a story on brokers with a variant of truncation, with broker 1 as the leader.
func tell(t *testing.T, truncation config.Truncation, brokers int, settings ...string) *story {
	c := startCluster(t, brokers, append(settings, "truncation="+string(truncation))...)
	replicas := []int32{1, 2, 3}[:brokers]
	c.CreateTopic("orders", [][]int32{replicas}, "min.insync.replicas=1")
	return &story{cluster: c, orders: tp("orders", 0)}
}

// lead begins a new epoch, of which only those brokers hear that are named behind the leader and
// the leader itself, the leader last: its fetches are done with then.
func (s *story) lead(leader int, hear ...int) {
	s.T.Helper()
	s.epoch++
	for _, id := range append(hear, leader) {
		s.hear(id, leader, []int32{1, 2, 3}[:len(s.Brokers)])
	}
}

func (s *story) hear(id, leader int, isr []int32) {
	s.T.Helper()
	req := leaderAndIsrRequest(s.Broker(id), s.orders, int32(leader), s.epoch)
	req.TopicStates[0].PartitionStates[0].ISR = isr
	resp := s.Request(id, req).(*kmsg.LeaderAndISRResponse)
	require.Zero(s.T, resp.ErrorCode)
	require.Zero(s.T, resp.Topics[0].Partitions[0].ErrorCode)
}

// write appends values at broker id, which must lead, without waiting for anybody.
func (s *story) write(id int, values ...string) {
	s.T.Helper()
	for _, v := range values {
		code, _ := s.Produce(id, 1, s.orders, v)
		require.Equal(s.T, wire.None, code)
	}
}

// log is what broker id holds of the partition, whatever its role.
func (s *story) log(id int) []string {
	values := []string{}
	v := s.View(id, s.orders)
	v.Values(v.LogStart, v.LogEnd, func(_ kafka.Offset, value []byte) bool {
		values = append(values, string(value))
		return true
	})
	return values
}

// pass lets time enough pass for back-offs and long polls, and too little for the ISR to change.
func (s *story) pass() { s.Run(3 * time.Second) }

// A follower knows of what is committed one fetch later than its leader. When the leader dies in
// between, and another broker before it can copy from it, it leads: with truncation to the high
// watermark without a record that all replicas had (KIP-101, scenario 1).
func TestAckedRecordWhenTheLeaderChanges(t *testing.T) {
	for truncation, kept := range map[config.Truncation][]string{
		config.TruncateHW: {"m1"}, config.TruncateKIP101: {"m1", "m2"}, config.TruncateKIP279: {"m1", "m2"},
		config.TruncateKIP320: {"m1", "m2"},
	} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 3)
			s.MustProduce(s.orders, "m1")
			s.Eventually(time.Second, "all know", func() bool { return s.Settled(s.orders, 1, 2, 3) })
			replies := 0
			s.Sim.AddFilter(func(from, to model.NodeID, l model.Label, _ []byte,
			) (sim.Verdict, time.Duration) {
				if from == node(1) && to == node(2) && l.Name == "Fetch" && l.Reply {
					replies++
					if replies > 1 { // the first brings the record, the second says that it is committed
						return sim.Hold, 0
					}
				}
				return sim.Pass, 0
			})
			s.MustProduce(s.orders, "m2")
			require.EqualValues(t, 1, s.View(2, s.orders).HighWatermark)
			require.EqualValues(t, 2, s.View(2, s.orders).LogEnd)
			s.Cut(node(2), node(1), node(3))
			s.lead(3, 2)
			s.pass()
			s.lead(2)
			require.Equal(t, kept, s.log(2))
		})
	}
}

// A follower that is started again has what was committed as far as it was written down.
func TestRestartTruncatesToTheCheckpoint(t *testing.T) {
	for truncation, kept := range map[config.Truncation][]string{
		config.TruncateHW: {}, config.TruncateKIP101: {"m1", "m2"}, config.TruncateKIP320: {"m1", "m2"},
	} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 2, "zookeeper.session.timeout.ms=6000",
				"replica.high.watermark.checkpoint.interval.ms=100000")
			s.MustProduce(s.orders, "m1", "m2")
			s.Run(time.Second)
			s.Sim.AddFilter(func(from, to model.NodeID, l model.Label, _ []byte,
			) (sim.Verdict, time.Duration) {
				if from == node(2) && to == node(1) && !l.Reply {
					return sim.Drop, 0
				}
				return sim.Pass, 0
			})
			s.Sim.Kill(node(2))
			s.Sim.Start(node(2))
			s.Eventually(time.Minute, "it follows", func() bool { return s.Broker(2).Replicas().Follows(s.orders) })
			require.Equal(t, kept, s.log(2))
			s.Sim.HealAll()
			s.Eventually(10*time.Second, "it has all", func() bool { return s.Settled(s.orders, 1, 2) })
		})
	}
}

// The leader returns from a power loss without its last record and leads again. Its follower's high
// watermark is above that record (KIP-101, scenario 2).
func TestFollowerOfALeaderThatLost(t *testing.T) {
	for truncation, held := range map[config.Truncation][]string{
		config.TruncateHW: {"m1", "m2"}, config.TruncateKIP101: {"m1", "m3"}, config.TruncateKIP279: {"m1", "m3"},
		config.TruncateKIP320: {"m1", "m3"},
	} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 2)
			s.MustProduce(s.orders, "m1")
			s.MustProduce(s.orders, "m2")
			s.Cut(node(1), node(2))
			s.Inside(2, func(b *broker.Broker, out *model.Effects) {
				require.NoError(t, part(b, s.orders).TruncateTo(out, 1, "power loss"))
			})
			s.lead(2, 1)
			s.write(2, "m3")
			s.Sim.HealAll()
			s.pass()
			require.Equal(t, []string{"m1", "m3"}, s.log(2))
			require.Equal(t, held, s.log(1))
		})
	}
}

// Two brokers lead in turn and write records that the other never sees. The leader does not know the
// follower's newest epoch, and one question is not enough (KIP-279, KAFKA-6361).
func TestPingPongOfLeaders(t *testing.T) {
	leaders := []string{"a0", "c1", "c2", "c3", "e4", "e5"}
	for truncation, held := range map[config.Truncation][]string{
		config.TruncateKIP101: {"a0", "b1", "d2", "c3", "e4", "e5"}, config.TruncateKIP279: leaders,
		config.TruncateKIP320: leaders,
	} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 2)
			s.MustProduce(s.orders, "a0")
			s.Cut(node(1), node(2))
			s.lead(2)
			s.write(2, "b1")
			s.lead(1)
			s.write(1, "c1", "c2", "c3")
			s.lead(2)
			s.write(2, "d2")
			s.lead(1, 2)
			s.write(1, "e4", "e5")
			s.Sim.HealAll()
			s.pass()
			require.Equal(t, leaders, s.log(1))
			require.Equal(t, held, s.log(2))
			end := 2
			if truncation == config.TruncateKIP101 {
				end = 0
			}
			require.Equal(t, end, s.Noted(kafka.LogTruncated, node(2), s.orders))
		})
	}
}

// A follower does not hear of an epoch in which its leader was a follower and cut its log. To it
// nothing has changed: "leader was 1, is 1" (KAFKA-7164).
func TestFollowerThatMissedAnEpoch(t *testing.T) {
	for truncation, held := range map[config.Truncation][]string{
		config.TruncateHW: {"id0"}, config.TruncateKIP101: {"id0"}, config.TruncateKIP279: {"id0"},
		config.TruncateKIP320: {"id1"},
	} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 3)
			s.Cut(node(2), node(1))
			s.write(1, "id0")
			s.Eventually(time.Second, "broker 3 has it", func() bool { return len(s.log(3)) == 1 })
			s.Sim.HealAll()
			s.Sim.Reset(node(1), node(2))
			s.Inside(2, func(b *broker.Broker, out *model.Effects) {
				require.NoError(t, part(b, s.orders).TruncateTo(out, 0, "it never had it"))
			})
			s.lead(2, 1)
			s.Eventually(5*time.Second, "broker 1 has cut it off", func() bool { return len(s.log(1)) == 0 })
			s.lead(1, 2, 3)
			s.write(1, "id1")
			s.pass()
			require.Equal(t, []string{"id1"}, s.log(1))
			require.Equal(t, []string{"id1"}, s.log(2))
			require.Equal(t, held, s.log(3))
		})
	}
}

// A follower hears of two elections only when they are over: its leader is the same again, but has
// copied another's records. Without the epoch in the fetch it copies what it finds behind its own
// end (KAFKA-6880).
func TestZombieFollower(t *testing.T) {
	for _, truncation := range []config.Truncation{config.TruncateKIP101, config.TruncateKIP279, config.TruncateKIP320} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 3)
			s.MustProduce(s.orders, "a", "b")
			s.Cut(node(1), node(3))
			s.write(1, "old")
			s.Eventually(time.Second, "broker 2 has it", func() bool { return len(s.log(2)) == 3 })
			s.Cut(node(1), node(2))
			s.lead(3, 1)
			s.write(3, "new 1", "new 2")
			s.Sim.Heal(node(1), node(3))
			s.Sim.Heal(node(3), node(1))
			all := []string{"a", "b", "new 1", "new 2"}
			s.Eventually(5*time.Second, "broker 1 copies", func() bool { return len(s.log(1)) == len(all) })
			s.lead(1, 3)
			s.Sim.HealAll()
			s.pass()
			require.Equal(t, all, s.log(1))
			require.Equal(t, all, s.log(3))
			if truncation == config.TruncateKIP320 {
				require.Equal(t, []string{"a", "b", "old"}, s.log(2))
				require.Equal(t, fenced, s.Broker(2).Replicas().Fetcher(1).Find(s.orders).State())
			} else {
				require.Equal(t, []string{"a", "b", "old", "new 2"}, s.log(2))
			}
			s.hear(2, 1, []int32{1, 2, 3}) // at last
			s.pass()
			if truncation == config.TruncateKIP320 {
				require.Equal(t, all, s.log(2))
			} else {
				require.Equal(t, []string{"a", "b", "old", "new 2"}, s.log(2), "and nobody will notice")
			}
		})
	}
}

// Where an epoch begins, and what that makes of a question for an epoch of which there are no
// records (KAFKA-7415).
func TestEpochWithoutRecords(t *testing.T) {
	for _, truncation := range []config.Truncation{config.TruncateKIP101, config.TruncateKIP279, config.TruncateKIP320} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 2)
			s.MustProduce(s.orders, "a")
			s.lead(1, 2)
			req := kmsg.NewPtrOffsetForLeaderEpochRequest()
			req.SetVersion(4)
			part := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
			part.LeaderEpoch = s.epoch
			req.Topics = []kmsg.OffsetForLeaderEpochRequestTopic{{
				Topic: "orders", Partitions: []kmsg.OffsetForLeaderEpochRequestTopicPartition{part},
			}}
			ask := func() kmsg.OffsetForLeaderEpochResponseTopicPartition {
				return s.Request(1, req).(*kmsg.OffsetForLeaderEpochResponse).Topics[0].Partitions[0]
			}
			if truncation == config.TruncateKIP320 {
				require.EqualValues(t, 1, ask().EndOffset)
			} else {
				require.EqualValues(t, -1, ask().EndOffset)
			}
			s.write(1, "b")
			require.EqualValues(t, 2, ask().EndOffset)
			named := s.epoch
			if truncation == config.TruncateKIP101 {
				named = -1
			}
			require.Equal(t, named, ask().LeaderEpoch)
		})
	}
}

// A follower that has reached the high watermark, but not what a leader before may have committed,
// stays out of the ISR (KAFKA-7128).
func TestISRBeforeTheEpochStart(t *testing.T) {
	for truncation, joins := range map[config.Truncation]bool{config.TruncateKIP279: true, config.TruncateKIP320: false} {
		t.Run(string(truncation), func(t *testing.T) {
			s := tell(t, truncation, 3)
			s.MustProduce(s.orders, "a")
			s.Cut(node(2), node(1), node(3))
			s.Cut(node(1), node(3))
			s.write(1, "b", "c")
			s.epoch++
			s.hear(1, 1, []int32{1, 2})
			s.Inside(1, func(b *broker.Broker, out *model.Effects) {
				p := part(b, s.orders)
				require.EqualValues(t, 1, p.HighWatermark())
				p.OnFollowerFetch(out, 3, 2)
				require.Equal(t, joins, p.Pending() != nil)
				p.OnFollowerFetch(out, 3, 3)
				require.NotNil(t, p.Pending())
			})
		})
	}
}

// A follower that shows records to consumers, and takes over the leader's high watermark before it
// has cut its log, shows a record that never was (KAFKA-14704).
func TestFollowerShowsWhatIsToGo(t *testing.T) {
	for order, shown := range map[config.FollowerHW][]string{
		config.FollowerHWBefore: {"r1"}, config.FollowerHWAfter: {"x1"},
	} {
		t.Run(string(order), func(t *testing.T) {
			s := tell(t, config.TruncateKIP320, 3, "follower-hw="+string(order))
			s.MustProduce(s.orders, "r0")
			s.Eventually(time.Second, "all know", func() bool { return s.Settled(s.orders, 1, 2, 3) })
			s.Cut(node(3), node(1), node(2))
			s.write(1, "r1")
			s.Eventually(time.Second, "broker 2 has it", func() bool { return len(s.log(2)) == 2 })
			s.Cut(node(1), node(2))
			s.epoch++
			s.hear(3, 3, []int32{3})
			s.write(3, "x1")
			require.EqualValues(t, 2, s.View(3, s.orders).HighWatermark)
			s.hear(2, 3, []int32{3})
			l := s.Dial(2)
			req := fetchRequest(s.orders, 1)
			req.MaxWaitMillis = 10000
			id := l.Send(req)
			s.Run(time.Second)
			require.Empty(t, l.Replies)
			s.Sim.HealAll()
			require.Equal(t, shown, s.Values(fetchedPart(l.Receive(req, id))))
			s.Eventually(5*time.Second, "the logs agree", func() bool { return s.Settled(s.orders, 2, 3) })
			require.Equal(t, []string{"r0", "x1"}, s.log(2))
		})
	}
}
