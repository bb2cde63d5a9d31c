package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func orders(n int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: "orders", Partition: n}
}

func (w *world) consumer() *Consumer { return w.process.(*Consumer) }

func (w *world) lastRequest(key int16) (kmsg.Request, model.Time) {
	for i := len(w.requests) - 1; i >= 0; i-- {
		if w.requests[i].Key == key {
			return w.requests[i].Body, w.at[i]
		}
	}
	w.t.Fatalf("no request of key %d", key)
	return nil, 0
}

func TestConsumerJoinsAndReads(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "billing", Topics: []string{"orders"}, AutoOffsetReset: "earliest", AutoCommit: true,
	})
	log := w.cluster.topic("orders", 3)
	log[0].append("a", "b")
	log[1].append("c")
	w.Run(2 * time.Second)

	joins := sent[*kmsg.JoinGroupRequest](w)
	require.Len(t, joins, 2, "MEMBER_ID_REQUIRED makes it two")
	require.Equal(t, "member-1", joins[1].MemberID)
	require.Equal(t, int32(45_000), joins[1].SessionTimeoutMillis)
	require.Equal(t, int32(300_000), joins[1].RebalanceTimeoutMillis)
	assigned := w.noted(kafka.PartitionsAssigned)
	require.Len(t, assigned, 1)
	require.Equal(t, int32(1), assigned[0].Generation)
	require.Equal(t, "[orders-0 orders-1 orders-2]", fmt.Sprint(assigned[0].Partitions))
	require.ElementsMatch(t, []string{"orders-0@0=a", "orders-0@1=b", "orders-1@0=c"}, w.read())
	require.Equal(t, kafka.MemberView{
		Group: "billing", Member: "member-1", Client: "client-1", Generation: 1,
		Owned: []kafka.TopicPartition{orders(0), orders(1), orders(2)},
	}, w.consumer().View())
	at, known := w.consumer().Position(orders(0))
	require.True(t, known)
	require.Equal(t, kafka.Offset(2), at)

	log[2].append("d")
	w.Run(10 * time.Second)
	require.Contains(t, w.read(), "orders-2@0=d")
	require.InDelta(t, 4, len(sent[*kmsg.HeartbeatRequest](w)), 1, "one in 3 s")
	require.Equal(t, int64(2), w.cluster.committed[orders(0)], "auto-commit")
	for _, f := range sent[*kmsg.FetchRequest](w) {
		require.Equal(t, int32(-1), f.SessionEpoch)
		require.Equal(t, int16(12), f.Version)
	}
	subscribed := w.ops[0]
	require.Equal(t, kafka.FSubscribe, subscribed.F)
	require.Equal(t, []string{"orders"}, subscribed.Keys)
	var logs []*kafka.RebalanceLog
	for _, op := range w.ops {
		if op.Rebalance != nil {
			logs = append(logs, op.Rebalance)
		}
	}
	require.Len(t, logs, 1, "told once")
	require.Equal(t, []string{"orders-0", "orders-1", "orders-2"}, logs[0].Assigned)
	w.checkHistory()
}

// A rebalance: what was read is committed, everything is given up, and read on from there.
func TestConsumerRebalances(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "billing", Topics: []string{"orders"}, AutoOffsetReset: "earliest", AutoCommit: true,
		AutoCommitInterval: time.Hour,
	})
	log := w.cluster.topic("orders", 2)
	log[0].append("a")
	log[1].append("b")
	w.Run(2 * time.Second)
	other := kmsg.NewJoinGroupResponseMember()
	other.MemberID, other.ProtocolMetadata = "member-0", encodeSubscription([]string{"orders"}, -1, nil)
	w.cluster.group.others = append(w.cluster.group.others, other)
	w.cluster.group.heartbeat = wire.RebalanceInProgress
	w.Run(4 * time.Second)

	require.Equal(t, int64(1), w.cluster.committed[orders(0)], "committed before the revocation")
	revoked := w.noted(kafka.PartitionsRevoked)
	require.Len(t, revoked, 1)
	require.Equal(t, "rebalance", revoked[0].Text)
	require.Len(t, revoked[0].Partitions, 2)
	view := w.consumer().View()
	require.Equal(t, int32(2), view.Generation)
	require.Equal(t, []kafka.TopicPartition{orders(1)}, view.Owned, "member-0 comes first")
	require.Len(t, w.cluster.group.plan, 2, "the leader tells everybody's share")

	log[1].append("c")
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@0=a", "orders-1@0=b", "orders-1@1=c"}, w.read(), "none twice")
	var op *kafka.RebalanceLog
	for _, o := range w.ops {
		if o.Rebalance != nil {
			op = o.Rebalance
		}
	}
	require.Equal(
		t,
		&kafka.RebalanceLog{Revoked: []string{"orders-0", "orders-1"}, Assigned: []string{"orders-1"}},
		op,
	)
	w.checkHistory()
}

func TestConsumerAsFollowerTakesItsShare(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "billing", Topics: []string{"orders"}, AutoOffsetReset: "latest",
	})
	log := w.cluster.topic("orders", 2)
	log[0].append("old")
	w.cluster.group.leader = "member-0"
	w.Run(2 * time.Second)
	require.Empty(t, w.consumer().View().Owned)
	require.Len(t, w.noted(kafka.PartitionsAssigned), 1, "told although it is empty")
	w.cluster.group.assign = encodeAssignment([]kafka.TopicPartition{orders(0)})
	w.cluster.group.heartbeat = wire.RebalanceInProgress
	w.Run(5 * time.Second)
	log[0].append("new")
	w.Run(2 * time.Second)
	require.Equal(t, []string{"orders-0@1=new"}, w.read(), "latest")
}

func TestConsumerFencedLosesWhatItOwns(t *testing.T) {
	for _, code := range []wire.Code{wire.UnknownMemberID, wire.IllegalGeneration, wire.FencedInstanceID} {
		w := consumerWorld(t, ConsumerConfig{
			Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
			AutoCommit: true,
		})
		w.cluster.topic("orders", 1)[0].append("a")
		w.Run(2 * time.Second)
		w.cluster.group.heartbeat = code
		w.Run(4 * time.Second)
		revoked := w.noted(kafka.PartitionsRevoked)
		require.Len(t, revoked, 1)
		require.Equal(t, "lost", revoked[0].Text)
		require.Equal(t, "member-2", w.consumer().View().Member, "it joins as somebody new")
		require.Equal(t, []string{"orders-0@0=a", "orders-0@0=a"}, w.read(), "nothing was committed")
	}
}

func TestConsumerFollowsTheCoordinator(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
	})
	w.cluster.topic("orders", 1)
	w.Run(2 * time.Second)
	w.cluster.coordinate = "broker-2:9092"
	w.cluster.before[12] = func(addr string, _ wire.Request) (answer, bool) {
		resp := kmsg.NewPtrHeartbeatResponse()
		resp.ErrorCode = int16(wire.NotCoordinator)
		return reply(resp), addr != w.cluster.coordinate
	}
	w.Run(10 * time.Second)
	require.Equal(t, int32(1), w.consumer().View().Generation, "a new coordinator is no rebalance")
	require.Empty(t, w.noted(kafka.PartitionsRevoked))
	require.GreaterOrEqual(t, len(sent[*kmsg.FindCoordinatorRequest](w)), 2)

	// A silent coordinator is looked for again when the session should have ended; the member goes
	// on.
	w.silent["broker-2"] = true
	w.Run(20 * time.Second)
	w.cluster.coordinate = "broker-1:9092"
	w.Run(80 * time.Second) // FindCoordinator, too, may wait for a silent broker
	require.Equal(t, int32(1), w.consumer().View().Generation)
	_, at := w.lastRequest(12)
	require.Greater(t, at, w.Now()-model.Time(4*time.Second), "heartbeats go on elsewhere")
}

func TestConsumerResumesFromCommitted(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
		CommitAfterPoll: true,
	})
	log := w.cluster.topic("orders", 1)
	log[0].append("a", "b", "c")
	w.cluster.committed[orders(0)] = 1
	w.Run(2 * time.Second)
	require.Equal(t, []string{"orders-0@1=b", "orders-0@2=c"}, w.read(), "from inside a batch")
	require.Equal(t, int64(3), w.cluster.committed[orders(0)])
	require.Equal(t, []string{"ok"}, w.outcomes(kafka.FCommit))
	w.command(&Close{})
	w.Run(time.Second)
	require.Len(t, sent[*kmsg.LeaveGroupRequest](w), 1)
	require.Equal(t, "close", w.noted(kafka.PartitionsRevoked)[0].Text)
	require.Zero(t, w.Conns(clientNode))
	w.Run(time.Hour)
	require.Zero(t, w.Conns(clientNode))
	require.Empty(t, w.consumer().View().Owned)
	w.checkHistory()
}

func TestConsumerCommitOutcomes(t *testing.T) {
	for code, want := range map[wire.Code]string{
		wire.UnknownMemberID: "fail UNKNOWN_MEMBER_ID", wire.RebalanceInProgress: "fail REBALANCE_IN_PROGRESS",
		wire.OffsetMetadataTooLarge:    "fail OFFSET_METADATA_TOO_LARGE",
		wire.CoordinatorNotAvailable:   "info REQUEST_TIMED_OUT",
		wire.CoordinatorLoadInProgress: "fail REQUEST_TIMED_OUT",
	} {
		w := consumerWorld(t, ConsumerConfig{
			Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
			APITimeout: 2 * time.Second, CommitAfterPoll: true,
		})
		log := w.cluster.topic("orders", 1)[0]
		w.Run(2 * time.Second)
		w.cluster.before[8] = func(_ string, req wire.Request) (answer, bool) {
			resp := kmsg.NewPtrOffsetCommitResponse()
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Partitions = append(
				rt.Partitions,
				kmsg.OffsetCommitResponseTopicPartition{ErrorCode: int16(code)},
			)
			resp.Topics = append(resp.Topics, rt)
			return reply(resp), true
		}
		log.append("a")
		w.Run(5 * time.Second)
		require.Equal(t, want, w.outcomes(kafka.FCommit)[0], code.String())
		w.checkHistory()
	}
}

func TestConsumerOffsetOutOfRange(t *testing.T) {
	for reset, want := range map[string][]string{
		"earliest": {"orders-0@2=c", "orders-0@3=d"}, "latest": {"orders-0@3=d"}, "none": nil,
	} {
		from := kafka.Offset(0)
		w := consumerWorld(t, ConsumerConfig{AutoOffsetReset: reset})
		log := w.cluster.topic("orders", 1)
		log[0].append("a")
		log[0].append("b")
		log[0].append("c")
		log[0].start = 2
		w.command(&Assign{Partitions: []kafka.TopicPartition{orders(0)}, From: &from})
		w.Run(2 * time.Second)
		log[0].append("d")
		w.Run(2 * time.Second)
		require.Equal(t, want, w.read(), reset)
		if reset == "none" {
			require.Contains(t, w.outcomes(kafka.FPoll)[0], "fail")
			w.command(&Seek{TP: orders(0), Offset: 3})
			w.Run(time.Second)
			require.Equal(t, []string{"orders-0@3=d"}, w.read(), "a seek helps")
		}
		w.checkHistory()
	}
}

func TestConsumerSeeks(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)
	log[0].append("a")
	log[0].append("b")
	w.Run(time.Second)
	w.command(&Seek{TP: orders(0), Offset: 1})
	w.Run(time.Second)
	w.command(&Seek{TP: orders(0), Offset: EarliestOffset})
	w.Run(time.Second)
	require.Equal(t, []string{
		"orders-0@0=a", "orders-0@1=b", "orders-0@1=b", "orders-0@0=a", "orders-0@1=b",
	}, w.read())
	w.command(&Seek{TP: orders(5), Offset: 1})
	w.Run(time.Second)
	require.Contains(t, w.outcomes(kafka.FSeek), "fail NO_CURRENT_ASSIGNMENT")
	require.Empty(t, w.consumer().View().Group)
}

func TestConsumerFollowsTheLeader(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)
	log[0].append("a")
	w.Run(time.Second)
	log[0].leader, log[0].epoch = 2, 2
	w.cut("broker-1:9092")
	log[0].append("b")
	w.Run(3 * time.Second)
	require.Equal(t, []string{"orders-0@0=a", "orders-0@1=b"}, w.read())
	body, _ := w.lastRequest(1)
	part := body.(*kmsg.FetchRequest).Topics[0].Partitions[0]
	require.Equal(t, int32(2), part.CurrentLeaderEpoch)
	require.Equal(t, int32(-1), part.LastFetchedEpoch)
	require.Contains(t, w.outcomes(kafka.FPoll), "fail NETWORK_EXCEPTION")
	w.checkHistory()
}

func TestConsumerFinalRead(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{
			orders(0),
			orders(1),
			orders(2),
		}, AutoOffsetReset: "earliest", FinalRead: true,
	})
	log := w.cluster.topic("orders", 3)
	for i := range 700 {
		log[0].append(fmt.Sprint("v", i))
	}
	log[2].append("x")
	log[2].append("above the high watermark")
	log[2].hw = 1
	require.False(t, w.consumer().CaughtUp())
	w.Run(time.Second)
	require.True(t, w.consumer().CaughtUp())
	require.Len(t, w.read(), 701)
	fetches := len(sent[*kmsg.FetchRequest](w))
	w.Run(10 * time.Second)
	require.Len(t, sent[*kmsg.FetchRequest](w), fetches, "it is done")
	for _, op := range w.ops {
		require.True(t, op.Final)
		for _, mop := range op.Value {
			n := 0
			for _, pr := range mop.Polled {
				n += len(pr.Records)
			}
			require.LessOrEqual(t, n, 500, "max.poll.records")
		}
	}
	w.checkHistory()
}

// An application that needs 10 ms for a record polls no earlier, while the next records wait.
func TestConsumerTakesItsTime(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{
			orders(0),
		}, AutoOffsetReset: "earliest", ProcessTime: 10 * time.Millisecond,
		MaxPollRecords: 4,
	})
	log := w.cluster.topic("orders", 1)
	log[0].append("a", "b", "c", "d", "e", "f")
	w.Run(time.Second)
	var at []model.Time
	var counts []int
	for _, op := range w.ops {
		if op.F == kafka.FPoll && op.Type == kafka.OK && len(op.Value[0].Polled) > 0 {
			at = append(at, op.Time)
			counts = append(counts, len(op.Value[0].Polled[0].Records))
		}
	}
	require.Equal(t, []int{4, 2}, counts)
	require.Equal(t, 40*time.Millisecond, at[1].Sub(at[0]))
	w.checkHistory()
}

// Who does not poll for max.poll.interval.ms leaves the group, and finds out when it polls again.
func TestConsumerPollTimeout(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest", MaxPollInterval: 10 * time.Second,
	})
	w.cluster.topic("orders", 1)
	w.Run(5 * time.Second)
	w.command(&Pause{})
	w.Run(9 * time.Second)
	require.Empty(t, sent[*kmsg.LeaveGroupRequest](w))
	_, at := w.lastRequest(12)
	require.Greater(t, at, w.Now()-model.Time(4*time.Second), "heartbeats do not need polls")
	w.Run(2 * time.Second)
	require.Len(t, sent[*kmsg.LeaveGroupRequest](w), 1)
	require.Len(t, w.consumer().View().Owned, 1, "it does not know yet")
	w.Run(30 * time.Second)
	w.command(&Resume{})
	w.Run(2 * time.Second)
	require.Equal(t, "lost", w.noted(kafka.PartitionsRevoked)[0].Text)
	require.Equal(t, "member-2", w.consumer().View().Member)
	require.Len(t, w.consumer().View().Owned, 1)
}

func TestConsumerFatalErrorEndsIt(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{Group: "g", Topics: []string{"orders"}})
	w.cluster.topic("orders", 1)
	w.cluster.before[11] = func(string, wire.Request) (answer, bool) {
		resp := kmsg.NewPtrJoinGroupResponse()
		resp.ErrorCode = int16(wire.InvalidSessionTimeout)
		return reply(resp), true
	}
	w.Run(10 * time.Second)
	require.Equal(t, []string{"fail INVALID_SESSION_TIMEOUT"}, w.outcomes(kafka.FPoll))
	require.Len(t, sent[*kmsg.JoinGroupRequest](w), 1)
}

// The leader of a group sees that a topic has grown and asks for a rebalance.
func TestLeaderNoticesNewPartitions(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest", MetadataMaxAge: 10 * time.Second,
	})
	w.Run(2 * time.Second)
	require.Empty(t, w.consumer().View().Owned, "no topic yet")
	w.cluster.topic("orders", 1)
	w.Run(5 * time.Second)
	require.Len(t, w.consumer().View().Owned, 1)
	w.cluster.topic("orders", 2)
	w.Run(15 * time.Second)
	require.Len(t, w.consumer().View().Owned, 3)
	require.Equal(t, int32(3), w.consumer().View().Generation)
}

func TestConsumerRefusesCorruptRecords(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)
	log[0].append("a")
	log[0].append("b")
	whole := log[0].batches[1]
	bad := append([]byte(nil), whole...)
	bad[len(bad)-2] ^= 0x40
	log[0].batches[1] = bad
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@0=a"}, w.read())
	require.Contains(t, w.outcomes(kafka.FPoll), "fail CORRUPT_MESSAGE")
	log[0].batches[1] = whole
	w.Run(5 * time.Second)
	require.Equal(t, []string{"orders-0@0=a", "orders-0@1=b"}, w.read())
}

func TestConsumerIsDeterministic(t *testing.T) {
	play := func() uint64 {
		w := consumerWorld(t, ConsumerConfig{
			Group: "g", Topics: []string{"orders", "users"}, AutoOffsetReset: "earliest",
			AutoCommit: true,
		})
		for _, name := range []string{"orders", "users"} {
			for _, r := range w.cluster.topic(name, 4) {
				r.append("a", "b")
			}
		}
		w.Run(10 * time.Second)
		w.cut("broker-3:9092")
		w.Run(10 * time.Second)
		return w.effects
	}
	require.Equal(t, play(), play())
}
