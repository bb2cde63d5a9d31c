package broker

import (
	"slices"

	"sandcastle/model/kafka"
)

// advertised is where the clients of a listener reach a broker: whoever came in by one listener is
// shown that one alone (MetadataCache.getAliveBrokerNodes, 3.9).
type advertised struct {
	listener, host string
	port           int32
}

// at returns the address for the clients of a listener; false if the broker has no such listener.
func (lb *liveBroker) at(listener string) (advertised, bool) {
	i := slices.IndexFunc(lb.addresses, func(a advertised) bool { return a.listener == listener })
	if i < 0 {
		return advertised{}, false
	}
	return lb.addresses[i], true
}

// leaderFor is the leader of a partition as the clients of a listener may hear of it; false if none
// is alive or reachable for them.
func (m *metadataCache) leaderFor(tp kafka.TopicPartition, listener string,
) (id kafka.BrokerID, at advertised, ok bool) {
	lb, alive := m.broker(m.partitions[tp].leader)
	if !alive {
		return kafka.NoBroker, advertised{}, false
	}
	at, ok = lb.at(listener)
	return lb.id, at, ok
}
