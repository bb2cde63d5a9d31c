package znode

import (
	"strconv"

	"sandcastle/model/kafka"
)

// Controller is the content of /controller.
type Controller struct {
	Broker kafka.BrokerID
	// Timestamp is when the broker became controller, in milliseconds.
	Timestamp int64
}

type controllerJSON struct {
	Version    int    `json:"version"`
	Broker     *int32 `json:"brokerid"`
	Timestamp  string `json:"timestamp"`
	KRaftEpoch int32  `json:"kraftControllerEpoch"`
}

// EncodeController writes /controller, version 2.
func EncodeController(c Controller) []byte {
	id := int32(c.Broker)
	return encode(controllerJSON{2, &id, strconv.FormatInt(c.Timestamp, 10), -1})
}

// DecodeController reads /controller, any version.
func DecodeController(data []byte) (Controller, error) {
	var j controllerJSON
	if err := decode(ControllerPath, data, &j); err != nil {
		return Controller{}, err
	}
	if j.Broker == nil {
		return Controller{}, malformed(ControllerPath, data, "no brokerid")
	}
	timestamp, _ := strconv.ParseInt(j.Timestamp, 10, 64) // informative only
	return Controller{kafka.BrokerID(*j.Broker), timestamp}, nil
}

// EncodeControllerEpoch writes /controller_epoch: a plain number.
func EncodeControllerEpoch(epoch kafka.Epoch) []byte {
	return strconv.AppendInt(nil, int64(epoch), 10)
}

// DecodeControllerEpoch reads /controller_epoch.
func DecodeControllerEpoch(data []byte) (kafka.Epoch, error) {
	n, err := strconv.ParseInt(string(data), 10, 32)
	if err != nil {
		return 0, malformed(ControllerEpochPath, data, "not a number")
	}
	return kafka.Epoch(n), nil
}
