package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// A client that asked the wrong broker learns who leads, and where that is, so that it need not
// ask for metadata first (KIP-951).
const (
	leaderInProduceSince = 10
	leaderInFetchSince   = 16
)

// currentLeader is what this broker knows of who leads a partition (KafkaApis.getCurrentLeader,
// 3.9); −1 for nothing.
func (b *Broker) currentLeader(tp kafka.TopicPartition) (id, epoch int32) {
	if leader, epoch, ok := b.replicas.Leader(tp); ok {
		return max(int32(leader), -1), int32(epoch)
	}
	if known, ok := b.metadata.partitions[tp]; ok {
		return max(int32(known.leader), -1), int32(known.epoch)
	}
	return -1, -1
}

// leaderNode is where the clients of a listener reach a leader; false if they do not, or the
// answer names it already.
func (b *Broker) leaderNode(id int32, listener string, named map[int32]bool) (advertised, bool) {
	if id < 0 || named[id] {
		return advertised{}, false
	}
	lb, alive := b.metadata.broker(kafka.BrokerID(id))
	if !alive {
		return advertised{}, false
	}
	named[id] = true
	return lb.at(listener)
}

// addLeaders adds to the answer of a Produce or a Fetch who leads what is led elsewhere.
func (b *Broker) addLeaders(r *request, resp kmsg.Response) {
	switch resp := resp.(type) {
	case *kmsg.ProduceResponse:
		b.addProduceLeaders(r, resp)
	case *kmsg.FetchResponse:
		b.addFetchLeaders(r, resp)
	}
}

// addProduceLeaders adds the leaders of the partitions that are led elsewhere.
func (b *Broker) addProduceLeaders(r *request, resp *kmsg.ProduceResponse) {
	if r.Version < leaderInProduceSince {
		return
	}
	named := map[int32]bool{}
	for i := range resp.Topics {
		for j := range resp.Topics[i].Partitions {
			part := &resp.Topics[i].Partitions[j]
			if wire.Code(part.ErrorCode) != wire.NotLeaderOrFollower {
				continue
			}
			tp := kafka.TopicPartition{Topic: resp.Topics[i].Topic, Partition: part.Partition}
			leader := &part.CurrentLeader
			leader.LeaderID, leader.LeaderEpoch = b.currentLeader(tp)
			if at, ok := b.leaderNode(leader.LeaderID, r.conn.listener, named); ok {
				node := kmsg.NewProduceResponseBroker()
				node.NodeID, node.Host, node.Port = leader.LeaderID, at.host, at.port
				resp.Brokers = append(resp.Brokers, node)
			}
		}
	}
}

// addFetchLeaders is addProduceLeaders for a Fetch, which may also have named an old epoch.
func (b *Broker) addFetchLeaders(r *request, resp *kmsg.FetchResponse) {
	if r.Version < leaderInFetchSince {
		return
	}
	named := map[int32]bool{}
	for i := range resp.Topics {
		for j := range resp.Topics[i].Partitions {
			part := &resp.Topics[i].Partitions[j]
			code := wire.Code(part.ErrorCode)
			if code != wire.NotLeaderOrFollower && code != wire.FencedLeaderEpoch {
				continue
			}
			tp := kafka.TopicPartition{Topic: resp.Topics[i].Topic, Partition: part.Partition}
			leader := &part.CurrentLeader
			leader.LeaderID, leader.LeaderEpoch = b.currentLeader(tp)
			if at, ok := b.leaderNode(leader.LeaderID, r.conn.listener, named); ok {
				node := kmsg.NewFetchResponseBroker()
				node.NodeID, node.Host, node.Port = leader.LeaderID, at.host, at.port
				resp.Brokers = append(resp.Brokers, node)
			}
		}
	}
}
