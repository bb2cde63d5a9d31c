package group

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// consumerType is the protocol type of consumer groups (ConsumerProtocol.PROTOCOL_TYPE, 3.9). The
// coordinator looks into the metadata of no others.
const consumerType = "consumer"

// subscription is which topics the members of the last generation read, as far as can be known.
type subscription struct {
	known  bool
	topics map[string]bool
}

// subscriptionOf reads what the members of a new generation subscribe to. It is not known for
// groups that are not consumer groups, and when one member's metadata cannot be read
// (GroupMetadata.computeSubscribedTopics, 3.9).
func subscriptionOf(g *group) subscription {
	if g.protocolType != consumerType || len(g.members) == 0 || g.protocol == nil {
		return subscription{}
	}
	s := subscription{known: true, topics: map[string]bool{}}
	for _, m := range g.members {
		topics, ok := subscribedTopics(m.metadata(*g.protocol))
		if !ok {
			return subscription{}
		}
		for _, topic := range topics {
			s.topics[topic] = true
		}
	}
	return s
}

// subscribedTopics reads a member's metadata of any version as if it were version 0, which every
// version begins with.
func subscribedTopics(metadata []byte) ([]string, bool) {
	if len(metadata) < 2 || metadata[0]&0x80 != 0 { // a negative version
		return nil, false
	}
	b := slices.Clone(metadata)
	b[0], b[1] = 0, 0
	var member kmsg.ConsumerMemberMetadata
	if err := wire.ReadSubscription(b, &member); err != nil {
		return nil, false
	}
	return member.Topics, true
}

// has tells whether a topic is read. What is not known is taken to be.
func (s subscription) has(topic string) bool { return !s.known || s.topics[topic] }
