package broker

import (
	"sandcastle/broker/group"
	"sandcastle/broker/replica"
	"sandcastle/model/kafka"
)

// ID is the broker's id.
func (b *Broker) ID() kafka.BrokerID { return b.cfg.ID }

// IsController tells whether this broker takes itself for the controller.
func (b *Broker) IsController() bool { return b.controller.Active() }

// Serving tells whether the broker has registered, knows who leads what where it waits for that,
// and answers requests.
func (b *Broker) Serving() bool {
	return b.registered.phase == serving && b.briefing.done
}

// Accepts tells whether connections are welcome. Before it has registered a broker knows nothing
// that it could say; while it stops it hears nobody.
func (b *Broker) Accepts() bool { return b.registered.phase == serving }

// Replicas are what the broker holds.
func (b *Broker) Replicas() *replica.Set { return b.replicas }

// Knows tells whether the broker is registered and has heard of so many live brokers, the
// controller among them.
func (b *Broker) Knows(brokers int) bool {
	_, known := b.metadata.controllerAddress()
	return b.registered.done && len(b.metadata.brokers) == brokers && known
}

// KnowsTopic tells whether the broker has heard of a topic.
func (b *Broker) KnowsTopic(name string) bool { return b.metadata.topics[name] != nil }

// Groups are the groups that this broker coordinates, sorted by id.
func (b *Broker) Groups() []group.View { return b.groups.Groups() }
