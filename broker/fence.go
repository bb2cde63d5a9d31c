package broker

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fence refuses requests of a controller that was replaced, by the controller epoch, and those
// meant for an earlier registration of this broker, by the broker epoch.
type fence struct {
	registered      *registration
	controllerEpoch kafka.Epoch // of the newest controller heard of
}

// BrokerEpoch implements replica.Membership.
func (f *fence) BrokerEpoch() int64 { return f.registered.epoch }

// Admit implements replica.Membership: it checks the fences that all three of the controller's
// requests carry, and remembers the newest controller epoch.
func (f *fence) Admit(
	out *model.Effects,
	controllerID, epoch int32,
	brokerEpoch int64,
) wire.Code {
	switch {
	case f.Stale(kafka.Epoch(epoch)):
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.ControllerFenced, Broker: kafka.BrokerID(controllerID), Epoch: kafka.Epoch(epoch),
		})
		return wire.StaleControllerEpoch
	case brokerEpoch >= 0 && brokerEpoch < f.registered.epoch:
		return wire.StaleBrokerEpoch
	}
	f.controllerEpoch = kafka.Epoch(epoch)
	return wire.None
}

// Stale implements replica.Membership.
func (f *fence) Stale(epoch kafka.Epoch) bool { return epoch < f.controllerEpoch }
