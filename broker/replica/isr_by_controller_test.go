package replica_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/replica"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// shrinking is a cluster of three whose controller answers AlterPartition as the test says, and a
// partition whose leader, no controller, is about to drop its follower, which is neither.
type shrinking struct {
	*cluster
	p     *replica.Partition
	asked []*kmsg.AlterPartitionRequest
}

func startShrinking(t *testing.T, answer func(*shrinking, *kmsg.AlterPartitionResponse) (own bool),
) *shrinking {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000", "zookeeper.session.timeout.ms=6000")
	leads, follows := c.Controller()%3+1, (c.Controller()+1)%3+1
	c.CreateTopic("orders", [][]int32{{int32(leads), int32(follows)}})
	s := &shrinking{cluster: c, p: part(c.Broker(leads), tp("orders", 0))}
	c.Answer(c.Controller(), 56, func(r kmsg.Request) kmsg.Response {
		req := r.(*kmsg.AlterPartitionRequest)
		s.asked = append(s.asked, req)
		if resp := emptyAnswer(req); answer(s, resp) {
			return resp
		}
		return nil
	})
	c.Cut(node(leads), node(follows))
	code, _ := c.Produce(leads, 1, s.p.TP(), "a")
	require.Equal(t, wire.None, code)
	c.Eventually(10*time.Second, "the leader asks", func() bool { return len(s.asked) > 0 })
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
	return slices.Equal(s.p.Committed(), []kafka.BrokerID{s.p.LeaderID()})
}

// What the request says: who asks, in which incarnation and epoch, on top of which version.
func TestAlterPartitionRequest(t *testing.T) {
	s := startShrinking(t, func(*shrinking, *kmsg.AlterPartitionResponse) bool { return false })
	version := s.p.Version()
	req := s.asked[0]
	require.EqualValues(t, s.p.LeaderID(), req.BrokerID)
	require.Equal(t, s.Broker(int(s.p.LeaderID())).Replicas().Membership().BrokerEpoch(), req.BrokerEpoch)
	require.Equal(t, s.p.TopicID(), req.Topics[0].TopicID)
	part := req.Topics[0].Partitions[0]
	require.EqualValues(t, s.p.Epoch(), part.LeaderEpoch)
	require.Equal(t, version, part.PartitionEpoch)
	require.Len(t, part.NewEpochISR, 1)
	require.EqualValues(t, s.p.LeaderID(), part.NewEpochISR[0].BrokerID)
	require.EqualValues(t, -1, part.NewEpochISR[0].BrokerEpoch, "there are none with ZooKeeper")
	s.Eventually(time.Second, "it is done", s.shrunk)
	require.Nil(t, s.p.Pending())
	require.Equal(t, version+1, s.p.Version())
	require.EqualValues(t, 1, s.p.HighWatermark())
	require.Equal(t, 1, s.Noted(kafka.ISRShrunk, node(int(s.p.LeaderID())), s.p.TP()))
}

// What the leader makes of a refusal: the change did not take place, or the controller will tell
// what did, or it is asked again (Partition.handleAlterPartitionError, 3.9).
func TestAlterPartitionRefused(t *testing.T) {
	const times = 3 // refused, then no longer
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
			s.Run(100 * time.Millisecond)
			require.Equal(t, row.again, s.shrunk())
			require.Equal(t, row.pending, s.p.Pending() != nil)
			if !row.again {
				require.Len(t, s.asked, 1)
				require.Zero(t, s.p.HighWatermark())
			}
			s.Run(10 * time.Second) // the next looks for followers that lag
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
			s.Eventually(time.Second, "it is done", s.shrunk)
			require.Len(t, s.asked, 4)
		})
	}
}

// An answer for an epoch or a version that the leader is past changes nothing.
func TestAlterPartitionAnswerFromThePast(t *testing.T) {
	for name, age := range map[string]func(*kmsg.AlterPartitionResponseTopicPartition, *replica.Partition){
		"epoch": func(a *kmsg.AlterPartitionResponseTopicPartition, p *replica.Partition) {
			a.LeaderEpoch, a.PartitionEpoch = int32(p.Epoch())-1, p.Version()+1
		},
		"version": func(a *kmsg.AlterPartitionResponseTopicPartition, p *replica.Partition) {
			a.LeaderEpoch, a.PartitionEpoch = int32(p.Epoch()), p.Version()-1
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startShrinking(t, func(s *shrinking, resp *kmsg.AlterPartitionResponse) bool {
				answer := &resp.Topics[0].Partitions[0]
				answer.ISR = []int32{1, 2, 3}
				age(answer, s.p)
				return true
			})
			s.Run(time.Second)
			require.Len(t, s.p.Committed(), 2)
			require.NotNil(t, s.p.Pending())
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
	version := s.p.Version()
	s.Run(time.Second)
	require.Equal(t, 1, *dropped)
	require.NotNil(t, s.p.Pending())
	s.Sim.Kill(node(s.Controller()))
	s.Sim.HealAll()
	s.Eventually(time.Minute, "it is done", func() bool { return s.p.Pending() == nil })
	require.Equal(t, version+1, s.p.Version())
}
