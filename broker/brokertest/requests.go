package brokertest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Latest sets the newest version that the broker serves on req.
func Latest[R kmsg.Request](req R) R {
	req.SetVersion(maxVersion(req.Key()))
	return req
}

// Batch is a record batch with these values.
func Batch(values ...string) []byte {
	var b wire.BatchBuilder
	for i, v := range values {
		b.Append(int64(i), nil, []byte(v))
	}
	return b.Bytes()
}

// ProduceRequest writes records to tp and waits for 5 s at most.
func ProduceRequest(acks int16, tp kafka.TopicPartition, records []byte) *kmsg.ProduceRequest {
	req := Latest(kmsg.NewPtrProduceRequest())
	req.Acks, req.TimeoutMillis = acks, 5000
	part := kmsg.NewProduceRequestTopicPartition()
	part.Partition, part.Records = tp.Partition, records
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []kmsg.ProduceRequestTopicPartition{part}
	req.Topics = append(req.Topics, topic)
	return req
}

// Produced takes the only partition out of a reply.
func Produced(resp kmsg.Response) kmsg.ProduceResponseTopicPartition {
	return resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
}

// Produce writes records to tp at broker id and returns code and base offset.
func (c *Cluster) Produce(id int, acks int16, tp kafka.TopicPartition, values ...string,
) (wire.Code, int64) {
	c.T.Helper()
	part := Produced(c.Request(id, ProduceRequest(acks, tp, Batch(values...))))
	return wire.Code(part.ErrorCode), part.BaseOffset
}

// MustProduce writes records with acks=all to the leader of tp.
func (c *Cluster) MustProduce(tp kafka.TopicPartition, values ...string) {
	c.T.Helper()
	code, _ := c.Produce(c.Leader(tp), -1, tp, values...)
	require.Equal(c.T, wire.None, code)
}

// FetchRequest reads tp from an offset on, without a session: at least 1 byte, waiting for 500 ms.
func FetchRequest(tp kafka.TopicPartition, from int64) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12) // the last that has names
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes = 500, 1, 1<<20
	req.SessionEpoch = -1
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic = tp.Topic
	topic.Partitions = append(topic.Partitions, FetchPartition(tp.Partition, from))
	req.Topics = append(req.Topics, topic)
	return req
}

// FetchPartition reads a partition from an offset on, up to 1 MiB.
func FetchPartition(partition int32, from int64) kmsg.FetchRequestTopicPartition {
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = partition, from, 1<<20
	return part
}

// FetchedPart takes the only partition out of a reply.
func FetchedPart(resp kmsg.Response) kmsg.FetchResponseTopicPartition {
	return resp.(*kmsg.FetchResponse).Topics[0].Partitions[0]
}

// Values are the records of a Fetch answer.
func (c *Cluster) Values(part kmsg.FetchResponseTopicPartition) []string {
	c.T.Helper()
	out := []string{}
	for rec, err := range wire.AllRecords(part.RecordBatches) {
		require.NoError(c.T, err)
		out = append(out, string(rec.Value))
	}
	return out
}

// Fetch reads tp at broker id from an offset on.
func (c *Cluster) Fetch(id int, tp kafka.TopicPartition, from int64) (wire.Code, []string) {
	c.T.Helper()
	part := FetchedPart(c.Request(id, FetchRequest(tp, from)))
	return wire.Code(part.ErrorCode), c.Values(part)
}

// Metadata asks broker id about topics; none is all.
func (c *Cluster) Metadata(id int, create bool, topics ...string) *kmsg.MetadataResponse {
	c.T.Helper()
	req := Latest(kmsg.NewPtrMetadataRequest())
	req.AllowAutoTopicCreation = create
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		req.Topics = append(req.Topics, topic)
	}
	return c.Request(id, req).(*kmsg.MetadataResponse)
}

// FindCoordinator asks brokers until one names the coordinator of a group that leads its partition.
func (c *Cluster) FindCoordinator(groupID string) int {
	c.T.Helper()
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.SetVersion(3)
	req.CoordinatorKey = groupID
	for range 200 {
		for i := range c.Brokers {
			if c.Broker(i+1) == nil {
				continue
			}
			resp := c.Request(i+1, req).(*kmsg.FindCoordinatorResponse)
			if resp.ErrorCode != 0 {
				require.Equal(c.T, wire.CoordinatorNotAvailable, wire.Code(resp.ErrorCode))
				continue
			}
			if b := c.Broker(int(resp.NodeID)); b != nil {
				if _, leads := b.Replicas().Leads(c.offsetsPartition(i+1, groupID)); leads {
					return int(resp.NodeID)
				}
			}
		}
		c.Run(100 * time.Millisecond)
	}
	require.Fail(c.T, "nobody coordinates "+groupID)
	return 0
}

// offsetsPartition is the partition of __consumer_offsets that holds a group.
func (c *Cluster) offsetsPartition(id int, groupID string) kafka.TopicPartition {
	offsets := c.Metadata(id, false, kafka.OffsetsTopic).Topics[0]
	return TP(kafka.OffsetsTopic, int(group.PartitionFor(groupID, int32(len(offsets.Partitions)))))
}

// maxVersion is the newest version of an API that a broker serves.
func maxVersion(key int16) int16 {
	for _, api := range broker.APIs() {
		if api.Key == key {
			return api.Max
		}
	}
	panic("brokertest: no broker serves " + kmsg.NameForKey(key))
}

// CreateTopicsRequest asks for a topic with these replicas and settings.
func CreateTopicsRequest(name string, replicas [][]int32, settings ...string,
) *kmsg.CreateTopicsRequest {
	req := Latest(kmsg.NewPtrCreateTopicsRequest())
	req.TimeoutMillis = 5000
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, -1, -1
	for i, ids := range replicas {
		topic.ReplicaAssignment = append(topic.ReplicaAssignment,
			kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: ids})
	}
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		topic.Configs = append(topic.Configs,
			kmsg.CreateTopicsRequestTopicConfig{Name: key, Value: &value})
	}
	req.Topics = append(req.Topics, topic)
	return req
}

// LeaderState is what a controller says of one partition.
type LeaderState struct {
	TP                          kafka.TopicPartition
	Controller, ControllerEpoch int32
	BrokerEpoch                 int64 // of the broker that hears it
	Leader, LeaderEpoch         int32
	Replicas                    []int32 // all in sync
	Version                     int32
}

// LeaderAndIsrRequest says so.
func LeaderAndIsrRequest(s LeaderState) *kmsg.LeaderAndISRRequest {
	req := Latest(kmsg.NewPtrLeaderAndISRRequest())
	req.ControllerID, req.ControllerEpoch = s.Controller, s.ControllerEpoch
	req.BrokerEpoch = s.BrokerEpoch
	ps := kmsg.NewLeaderAndISRRequestTopicPartition()
	ps.Partition, ps.Leader, ps.LeaderEpoch = s.TP.Partition, s.Leader, s.LeaderEpoch
	ps.ControllerEpoch, ps.ZKVersion = s.ControllerEpoch, s.Version
	ps.Replicas, ps.ISR = s.Replicas, s.Replicas
	topic := kmsg.NewLeaderAndISRRequestTopicState()
	topic.Topic, topic.PartitionStates = s.TP.Topic, []kmsg.LeaderAndISRRequestTopicPartition{ps}
	req.TopicStates = append(req.TopicStates, topic)
	return req
}

// ListOffsetsRequest asks for an offset of tp.
func ListOffsetsRequest(tp kafka.TopicPartition, timestamp int64) *kmsg.ListOffsetsRequest {
	req := Latest(kmsg.NewPtrListOffsetsRequest())
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.Timestamp = tp.Partition, timestamp
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []kmsg.ListOffsetsRequestTopicPartition{part}
	req.Topics = append(req.Topics, topic)
	return req
}
