package znode

import "sandcastle/model"

// DecodeLogDirEvent reads /log_dir_event_notification/log_dir_event_N: the broker that has lost a
// log directory.
func DecodeLogDirEvent(data []byte) (model.BrokerID, error) {
	var j struct {
		Broker *model.BrokerID `json:"broker"`
	}
	if err := decode(LogDirEventsPath, data, &j); err != nil {
		return model.NoBroker, err
	}
	if j.Broker == nil {
		return model.NoBroker, malformed(LogDirEventsPath, data, "no broker")
	}
	return *j.Broker, nil
}
