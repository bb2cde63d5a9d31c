package broker

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// shrinking is a cluster of three whose controller answers AlterPartition as the test says, and a
// partition whose leader, no controller, is about to drop its follower, which is neither.
type shrinking struct {
	*cluster
	p     *Partition
	asked []*kmsg.AlterPartitionRequest
}

func startShrinking(t *testing.T, answer func(*shrinking, *kmsg.AlterPartitionResponse) (own bool),
) *shrinking {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000", "zookeeper.session.timeout.ms=6000")
	leads, follows := c.controller()%3+1, (c.controller()+1)%3+1
	c.createTopic("orders", [][]int32{{int32(leads), int32(follows)}})
	s := &shrinking{cluster: c, p: c.broker(leads).partitions[tp("orders", 0)]}
	c.inside(c.controller(), func(b *Broker, _ *model.Effects) {
		const alterPartition = 56
		serve := b.apis[alterPartition].handle
		b.apis[alterPartition].handle = func(b *Broker, out *model.Effects, r *request) {
			req := r.Body.(*kmsg.AlterPartitionRequest)
			s.asked = append(s.asked, req)
			resp := emptyAnswer(req)
			if answer(s, resp) {
				b.reply(out, r, resp)
				return
			}
			serve(b, out, r)
		}
	})
	c.cut(node(leads), node(follows))
	code, _ := c.produce(leads, 1, s.p.tp, "a")
	require.Equal(t, wire.None, code)
	c.eventually(10*time.Second, "the leader asks", func() bool { return len(s.asked) > 0 })
	return s
}

// emptyAnswer has the shape of an answer to req.
func emptyAnswer(req *kmsg.AlterPartitionRequest) *kmsg.AlterPartitionResponse {
	resp := kmsg.NewPtrAlterPartitionResponse()
	for i := range req.Topics {
		t := kmsg.NewAlterPartitionResponseTopic()
		t.TopidID = req.Topics[i].TopicID
		for j := range req.Topics[i].Partitions {
			part := kmsg.NewAlterPartitionResponseTopicPartition()
			part.Partition = req.Topics[i].Partitions[j].Partition
			t.Partitions = append(t.Partitions, part)
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

func (s *shrinking) shrunk() bool {
	return slices.Equal(s.p.isr.committed, []kafka.BrokerID{s.p.leader})
}

// What the request says: who asks, in which incarnation and epoch, on top of which version.
func TestAlterPartitionRequest(t *testing.T) {
	s := startShrinking(t, func(*shrinking, *kmsg.AlterPartitionResponse) bool { return false })
	version := s.p.isr.version
	req := s.asked[0]
	require.EqualValues(t, s.p.leader, req.BrokerID)
	require.Equal(t, s.p.b.registered.epoch, req.BrokerEpoch)
	require.Equal(t, s.p.topicID, req.Topics[0].TopicID)
	part := req.Topics[0].Partitions[0]
	require.EqualValues(t, s.p.leaderEpoch, part.LeaderEpoch)
	require.Equal(t, version, part.PartitionEpoch)
	require.Len(t, part.NewEpochISR, 1)
	require.EqualValues(t, s.p.leader, part.NewEpochISR[0].BrokerID)
	require.EqualValues(t, -1, part.NewEpochISR[0].BrokerEpoch, "there are none with ZooKeeper")
	s.eventually(time.Second, "it is done", s.shrunk)
	require.Nil(t, s.p.isr.pending)
	require.Equal(t, version+1, s.p.isr.version)
	require.EqualValues(t, 1, s.p.highWatermark)
	require.Equal(t, 1, s.noted(kafka.ISRShrunk, node(int(s.p.leader)), s.p.tp))
}

// What the leader makes of a refusal: the change did not take place, or the controller will tell
// what did, or it is asked again (Partition.handleAlterPartitionError, 3.9).
func TestAlterPartitionRefused(t *testing.T) {
	const times = 3 // refused, then not any more
	for _, row := range []struct {
		code    wire.Code
		pending bool // for good
		again   bool // at once
	}{
		{code: wire.OperationNotAttempted},
		{code: wire.IneligibleReplica},
		{code: wire.UnknownTopicOrPartition, pending: true},
		{code: wire.UnknownTopicID, pending: true},
		{code: wire.FencedLeaderEpoch, pending: true},
		{code: wire.InvalidUpdateVersion, pending: true},
		{code: wire.InvalidRequest, pending: true},
		{code: wire.NewLeaderElected, pending: true},
		{code: wire.NotController, again: true},
		{code: wire.UnknownServerError, again: true},
	} {
		t.Run(row.code.String(), func(t *testing.T) {
			n := 0
			s := startShrinking(t, func(_ *shrinking, resp *kmsg.AlterPartitionResponse) bool {
				resp.Topics[0].Partitions[0].ErrorCode = int16(row.code)
				n++
				return n <= times
			})
			s.run(100 * time.Millisecond)
			require.Equal(t, row.again, s.shrunk())
			require.Equal(t, row.pending, s.p.isr.pending != nil)
			if !row.again {
				require.Len(t, s.asked, 1)
				require.Zero(t, s.p.highWatermark)
			}
			s.run(10 * time.Second) // the next looks for followers that lag
			require.Equal(t, !row.pending, s.shrunk())
		})
	}
}

// A request that nobody answers as it should is sent again until somebody does.
func TestAlterPartitionAskedAgain(t *testing.T) {
	for name, answer := range map[string]func(*kmsg.AlterPartitionResponse){
		"no controller":        func(r *kmsg.AlterPartitionResponse) { r.ErrorCode = int16(wire.NotController) },
		"stale broker epoch":   func(r *kmsg.AlterPartitionResponse) { r.ErrorCode = int16(wire.StaleBrokerEpoch) },
		"nothing of the topic": func(r *kmsg.AlterPartitionResponse) { r.Topics = nil },
		"another topic":        func(r *kmsg.AlterPartitionResponse) { r.Topics[0].TopidID[0]++ },
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			s := startShrinking(t, func(_ *shrinking, resp *kmsg.AlterPartitionResponse) bool {
				answer(resp)
				n++
				return n <= 3
			})
			require.False(t, s.shrunk())
			s.eventually(time.Second, "it is done", s.shrunk)
			require.Len(t, s.asked, 4)
		})
	}
}

// An answer for an epoch or a version that the leader is past changes nothing.
func TestAlterPartitionAnswerFromThePast(t *testing.T) {
	for name, age := range map[string]func(*kmsg.AlterPartitionResponseTopicPartition, *Partition){
		"epoch": func(a *kmsg.AlterPartitionResponseTopicPartition, p *Partition) {
			a.LeaderEpoch, a.PartitionEpoch = int32(p.leaderEpoch)-1, p.isr.version+1
		},
		"version": func(a *kmsg.AlterPartitionResponseTopicPartition, p *Partition) {
			a.LeaderEpoch, a.PartitionEpoch = int32(p.leaderEpoch), p.isr.version-1
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startShrinking(t, func(s *shrinking, resp *kmsg.AlterPartitionResponse) bool {
				answer := &resp.Topics[0].Partitions[0]
				answer.ISR = []int32{1, 2, 3}
				age(answer, s.p)
				return true
			})
			s.run(time.Second)
			require.Len(t, s.p.isr.committed, 2)
			require.NotNil(t, s.p.isr.pending)
		})
	}
}

// The answer is lost and the controller dies: the next one is asked, finds it done, and says so.
func TestAlterPartitionWhenTheControllerDies(t *testing.T) {
	var dropped *int
	s := startShrinking(t, func(s *shrinking, _ *kmsg.AlterPartitionResponse) bool {
		dropped = s.dropReplies("AlterPartition")
		return false
	})
	version := s.p.isr.version
	s.run(time.Second)
	require.Equal(t, 1, *dropped)
	require.NotNil(t, s.p.isr.pending)
	s.world.Kill(node(s.controller()))
	s.world.HealAll()
	s.eventually(time.Minute, "it is done", func() bool { return s.p.isr.pending == nil })
	require.Equal(t, version+1, s.p.isr.version)
}
