package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Whatever goes wrong: what a poll returns stands in the log, offsets of a partition are returned
// in order between rebalances, and when the faults end everything has been read.
func TestConsumerReadsEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := consumerWorld(t, ConsumerConfig{
			Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
			AutoCommit: rapid.Bool().Draw(rt, "auto"), CommitAfterPoll: rapid.Bool().Draw(rt, "each poll"),
			ProcessTime:    rapid.SampledFrom([]time.Duration{0, 3 * time.Millisecond}).Draw(rt, "process"),
			MaxPollRecords: rapid.IntRange(1, 10).Draw(rt, "max.poll.records"),
			SessionTimeout: 8 * time.Second, RequestTimeout: 3 * time.Second,
			MaxPollInterval:    10 * time.Second,
			AutoCommitInterval: time.Second,
		})
		log := w.cluster.topic("orders", 3)
		written := 0
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			for range rapid.IntRange(0, 3).Draw(rt, "batches") {
				log[written%3].append(fmt.Sprint("v", written), fmt.Sprint("w", written))
				written++
			}
			w.fault(rapid.IntRange(0, 11).Draw(rt, "fault"))
			w.Run(time.Duration(rapid.IntRange(1, 6000).Draw(rt, "ms")) * time.Millisecond)
		}
		w.recover()
		w.Run(2 * time.Minute)
		w.checkHistory()
		w.checkReads(rt, log)
	})
}

// fault lets something go wrong, mostly until the next fault.
func (w *world) fault(n int) {
	c := w.cluster
	w.recover()
	addr := bootstrap[n%3]
	switch n {
	case 0, 1, 2:
		w.cut(addr)
	case 3:
		c.group.heartbeat = wire.RebalanceInProgress
	case 4:
		c.group.heartbeat = wire.UnknownMemberID
	case 5:
		c.coordinate = addr
		for _, key := range []int16{8, 11, 12, 14} {
			c.before[key] = notCoordinator(c)
		}
	case 6:
		for _, r := range c.topics["orders"] {
			r.leader, r.epoch = r.leader%3+1, r.epoch+1
		}
	case 7:
		w.silent[nodeAt(addr)] = true
	case 8:
		w.refuse(addr)
	case 9:
		w.command(&Pause{})
	case 10:
		c.group.joinDelay = 2 * time.Second
	}
}

func (w *world) recover() {
	for _, addr := range bootstrap {
		id := nodeAt(addr)
		switch {
		case w.silent[id]:
			w.cut(addr)
		case w.Process(id) == nil:
			w.Start(id)
		}
	}
	clear(w.silent)
	clear(w.cluster.before)
	w.cluster.group.joinDelay = 0
	w.command(&Resume{})
}

func notCoordinator(c *cluster) func(string, wire.Request) (answer, bool) {
	return func(addr string, req wire.Request) (answer, bool) {
		if addr == c.coordinate {
			return answer{}, false
		}
		code := int16(wire.NotCoordinator)
		switch req.Body.(type) {
		case *kmsg.HeartbeatRequest:
			return reply(&kmsg.HeartbeatResponse{ErrorCode: code}), true
		case *kmsg.JoinGroupRequest:
			return reply(&kmsg.JoinGroupResponse{ErrorCode: code}), true
		case *kmsg.SyncGroupRequest:
			return reply(&kmsg.SyncGroupResponse{ErrorCode: code}), true
		default:
			resp := kmsg.NewPtrOffsetCommitResponse()
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Partitions = append(rt.Partitions, kmsg.OffsetCommitResponseTopicPartition{ErrorCode: code})
			resp.Topics = append(resp.Topics, rt)
			return reply(resp), true
		}
	}
}

func (w *world) checkReads(t require.TestingT, log []*replica) {
	next := map[kafka.TopicPartition]kafka.Offset{}
	seen := map[kafka.TopicPartition]map[kafka.Offset]bool{}
	for _, op := range w.ops {
		if op.F != kafka.FPoll || op.Type != kafka.OK {
			continue
		}
		if op.Rebalance != nil {
			clear(next) // it may go back to what was committed
		}
		for _, pr := range op.Value[0].Polled {
			values := log[pr.Key.Partition].values()
			if seen[pr.Key] == nil {
				seen[pr.Key] = map[kafka.Offset]bool{}
			}
			for _, r := range pr.Records {
				require.Equal(t, values[r.Offset], r.Value)
				if at, ok := next[pr.Key]; ok {
					require.Equal(t, at, r.Offset, "a gap or a repetition in %s", pr.Key)
				}
				next[pr.Key] = r.Offset + 1
				seen[pr.Key][r.Offset] = true
			}
		}
	}
	for i, r := range log {
		require.Len(t, seen[orders(int32(i))], int(r.end), "partition %d", i)
	}
}
