package broker

import (
	"sandcastle/broker/config"
	"sandcastle/model/kafka"
)

// What the tests of package broker_test see of a broker.

const MaxQueuedFrames = maxQueuedFrames

func (b *Broker) Config() *config.Broker          { return b.cfg }
func (b *Broker) Settings() *config.Settings      { return b.settings }
func (b *Broker) Registered() bool                { return b.registered.done }
func (b *Broker) Connections() int                { return len(b.conns) }
func (b *Broker) ControllerEpoch() kafka.Epoch    { return b.fence.controllerEpoch }
func (b *Broker) HeardController() kafka.BrokerID { return b.metadata.controller }
func (b *Broker) SetController(id kafka.BrokerID) { b.metadata.controller = id }
func (b *Broker) TopicID(name string) [16]byte    { return b.metadata.topics[name].id }
func (b *Broker) Asked() int                      { return len(b.creator.asked) }
func (b *Broker) WaitForZooKeeper() int           { return len(b.session.waiting) }
func (b *Broker) Alive(id kafka.BrokerID) bool    { _, ok := b.metadata.broker(id); return ok }
func (b *Broker) Registration() string            { return b.registered.String() }
