package znode

import (
	"strconv"

	"sandcastle/model/kafka"
)

// EncodeClusterID writes /cluster/id. Its version is a string.
func EncodeClusterID(id string) []byte {
	return encode(struct {
		Version string `json:"version"`
		ID      string `json:"id"`
	}{"1", id})
}

// DecodeClusterID reads /cluster/id.
func DecodeClusterID(data []byte) (string, error) {
	var j struct {
		ID string `json:"id"`
	}
	if err := decode(ClusterIDPath, data, &j); err != nil {
		return "", err
	}
	if j.ID == "" {
		return "", malformed(ClusterIDPath, data, "no id")
	}
	return j.ID, nil
}

// ProducerIDBlock is the content of /latest_producer_id_block: the last block of producer ids that
// was handed out. Both ends are included.
type ProducerIDBlock struct {
	Broker      kafka.BrokerID
	Start, Last int64
}

type producerIDBlockJSON struct {
	Version int            `json:"version"`
	Broker  kafka.BrokerID `json:"broker"`
	Start   string         `json:"block_start"`
	End     string         `json:"block_end"`
}

// EncodeProducerIDBlock writes /latest_producer_id_block, version 1.
func EncodeProducerIDBlock(b ProducerIDBlock) []byte {
	return encode(producerIDBlockJSON{
		1, b.Broker, strconv.FormatInt(b.Start, 10), strconv.FormatInt(b.Last, 10),
	})
}

// DecodeProducerIDBlock reads /latest_producer_id_block.
func DecodeProducerIDBlock(data []byte) (ProducerIDBlock, error) {
	var j producerIDBlockJSON
	if err := decode(ProducerIDBlockPath, data, &j); err != nil {
		return ProducerIDBlock{}, err
	}
	start, err1 := strconv.ParseInt(j.Start, 10, 64)
	last, err2 := strconv.ParseInt(j.End, 10, 64)
	if err1 != nil || err2 != nil || start > last {
		return ProducerIDBlock{}, malformed(ProducerIDBlockPath, data, "block bounds")
	}
	return ProducerIDBlock{j.Broker, start, last}, nil
}
