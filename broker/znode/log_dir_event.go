package znode

import (
	"sandcastle/model/kafka"
)

// DecodeLogDirEvent reads /log_dir_event_notification/log_dir_event_N: the broker that has lost a
// log directory.
func DecodeLogDirEvent(data []byte) (kafka.BrokerID, error) {
	var j struct {
		Broker *kafka.BrokerID `json:"broker"`
	}
	if err := decode(LogDirEventsPath, data, &j); err != nil {
		return kafka.NoBroker, err
	}
	if j.Broker == nil {
		return kafka.NoBroker, malformed(LogDirEventsPath, data, "no broker")
	}
	return *j.Broker, nil
}
