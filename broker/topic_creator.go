package broker

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/model"
)

// offsetsTopic holds the committed offsets and the metadata of groups.
const offsetsTopic = "__consumer_offsets"

// topicCreator asks the controller for topics that a client wanted and that are not there
// (AutoTopicCreationManager, 3.9). It does not retry: a client that still wants the topic asks
// again.
type topicCreator struct {
	asked map[string]bool // by topic, while the request is out
}

// createTimeout is how long the controller may take.
const createTimeout = 30 * time.Second

// createTopic asks for topic with the broker's defaults, unless that was done already.
func (b *Broker) createTopic(out *model.Effects, topic string) {
	addr, known := b.metadata.address(b.metadata.controller)
	if !known || b.creator.asked[topic] {
		return
	}
	b.creator.asked[topic] = true
	req := kmsg.NewPtrCreateTopicsRequest()
	req.SetVersion(7)
	req.TimeoutMillis = int32(createTimeout.Milliseconds())
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor =
		topic, b.cfg.NumPartitions, b.cfg.DefaultReplication
	if topic == offsetsTopic {
		t.NumPartitions, t.ReplicationFactor = b.cfg.OffsetsTopicPartitions, b.cfg.OffsetsTopicReplication
		for _, s := range [][2]string{
			{"cleanup.policy", "compact"}, {"compression.type", config.CompressionProducer},
			{"segment.bytes", strconv.FormatInt(b.cfg.OffsetsTopicSegmentBytes, 10)},
		} {
			config := kmsg.NewCreateTopicsRequestTopicConfig()
			config.Name, config.Value = s[0], &s[1]
			t.Configs = append(t.Configs, config)
		}
	}
	req.Topics = append(req.Topics, t)
	b.forwardLinks.To(addr).Send(out, req, createTimeout,
		func(*model.Effects, kmsg.Response, error) { delete(b.creator.asked, topic) })
}
