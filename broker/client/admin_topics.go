package client

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

var (
	_ adminCommand = (*DescribeTopics)(nil)
	_ adminCommand = (*DescribeConfigs)(nil)
	_ placed       = (*DescribeTopics)(nil)
	_ placed       = (*DescribeConfigs)(nil)
)

// DescribeTopics asks an admin client what any broker knows of topics and of the brokers. The
// answer stands in Brokers, Controller and Topics when the command has its result.
type DescribeTopics struct {
	Names []string // nil for all topics; empty for none, when only the brokers are asked for
	// Create has the brokers create what is not there, as they do for producers when
	// auto.create.topics.enable is set, and waits until every topic can be used.
	Create bool

	Brokers    []BrokerDescription // by id
	Controller kafka.BrokerID
	Topics     []TopicDescription // as the broker listed them
}

// BrokerDescription is a broker and where clients find it.
type BrokerDescription struct {
	ID   kafka.BrokerID
	Addr string // "host:port"
}

// TopicDescription is a topic. Code is None when it was found.
type TopicDescription struct {
	Name       string
	Code       wire.Code
	ID         [16]byte // zero when the cluster gives out none
	Internal   bool
	Partitions []PartitionDescription // by number
}

// PartitionDescription is who has a partition. Leader is NoBroker while there is none.
type PartitionDescription struct {
	Partition int32
	Leader    kafka.BrokerID
	Epoch     kafka.Epoch
	Replicas  []int32 // broker ids, the preferred leader first
	ISR       []int32
}

// String implements model.Command.
func (c *DescribeTopics) String() string {
	if c.Create {
		return c.title() + " create"
	}
	return c.title()
}

// Sum implements model.Command.
func (c *DescribeTopics) Sum() uint64 {
	return model.SumString(kafka.SumDescribeTopics, c.String())
}

func (c *DescribeTopics) title() string { return "describe-topics " + strings.Join(c.Names, ",") }

func (c *DescribeTopics) link(m *clusterMetadata) *wire.Link { return m.anyLink() }

func (c *DescribeTopics) request(int32) kmsg.Request {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(12)
	req.AllowAutoTopicCreation = c.Create
	if c.Names != nil {
		req.Topics = []kmsg.MetadataRequestTopic{}
	}
	for _, name := range c.Names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &name
		req.Topics = append(req.Topics, t)
	}
	return req
}

func (c *DescribeTopics) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.MetadataResponse)
	c.Controller, c.Brokers, c.Topics = kafka.BrokerID(r.ControllerID), nil, nil
	for _, b := range r.Brokers {
		c.Brokers = append(c.Brokers, BrokerDescription{
			ID: kafka.BrokerID(b.NodeID), Addr: model.JoinAddress(b.Host, b.Port),
		})
	}
	code := wire.None
	for i := range r.Topics {
		t := describeTopic(&r.Topics[i])
		c.Topics = append(c.Topics, t)
		if c.Create && t.Code.Retriable() {
			code = t.Code
		}
	}
	return code, ""
}

func describeTopic(t *kmsg.MetadataResponseTopic) TopicDescription {
	d := TopicDescription{
		Name: text(t.Topic), Code: wire.Code(t.ErrorCode), ID: t.TopicID, Internal: t.IsInternal,
	}
	for i := range t.Partitions {
		p := &t.Partitions[i]
		d.Partitions = append(d.Partitions, PartitionDescription{
			Partition: p.Partition, Leader: kafka.BrokerID(p.Leader), Epoch: kafka.Epoch(p.LeaderEpoch),
			Replicas: p.Replicas, ISR: p.ISR,
		})
	}
	return d
}

// DescribeConfigs asks an admin client for the settings of a topic. The answer stands in Configs
// when the command has its result.
type DescribeConfigs struct {
	Topic string

	Configs []ConfigDescription // by name
}

// ConfigDescription is one setting. Own is true when it was set on the topic itself, false when the
// brokers' setting or the default holds.
type ConfigDescription struct {
	Name, Value string
	Own         bool
}

// String implements model.Command.
func (c *DescribeConfigs) String() string { return c.title() }

// Sum implements model.Command.
func (c *DescribeConfigs) Sum() uint64 {
	return model.SumString(kafka.SumDescribeConfigs, c.String())
}

func (c *DescribeConfigs) title() string { return "describe-configs " + c.Topic }

func (c *DescribeConfigs) link(m *clusterMetadata) *wire.Link { return m.anyLink() }

func (c *DescribeConfigs) request(int32) kmsg.Request {
	req := kmsg.NewPtrDescribeConfigsRequest()
	req.SetVersion(4)
	r := kmsg.NewDescribeConfigsRequestResource()
	r.ResourceType, r.ResourceName = kmsg.ConfigResourceTypeTopic, c.Topic
	req.Resources = append(req.Resources, r)
	return req
}

func (c *DescribeConfigs) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.DescribeConfigsResponse)
	if len(r.Resources) != 1 {
		return wire.UnknownServerError, ""
	}
	c.Configs = nil
	for i := range r.Resources[0].Configs {
		s := &r.Resources[0].Configs[i]
		c.Configs = append(c.Configs, ConfigDescription{
			Name: s.Name, Value: text(s.Value), Own: s.Source == kmsg.ConfigSourceDynamicTopicConfig,
		})
	}
	return wire.Code(r.Resources[0].ErrorCode), text(r.Resources[0].ErrorMessage)
}
