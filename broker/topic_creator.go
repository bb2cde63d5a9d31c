package broker

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// topicCreator asks the controller for topics that a client wanted and that are not there
// (AutoTopicCreationManager, 3.9). It does not retry: a client that still wants the topic asks
// again.
type topicCreator struct {
	cfg      *config.Broker
	links    *wire.Links
	metadata *metadataCache
	asked    map[string]bool // by topic, while the request is out
}

// createTimeout is how long the controller may take.
const createTimeout = 30 * time.Second

// mostAsked is how many topics may be asked for at a time: one Metadata can name a quarter of a
// million that are not there. Whoever still wants one of the others asks again.
const mostAsked = 1000

// create asks for topic with the broker's defaults, unless that was done already.
func (c *topicCreator) create(out *model.Effects, topic string) {
	addr, known := c.metadata.controllerAddress()
	if !known || c.asked[topic] || len(c.asked) >= mostAsked {
		return
	}
	c.asked[topic] = true
	req := kmsg.NewPtrCreateTopicsRequest()
	req.SetVersion(7)
	req.TimeoutMillis = int32(createTimeout.Milliseconds())
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor =
		topic, c.cfg.NumPartitions, c.cfg.DefaultReplication
	if topic == kafka.OffsetsTopic {
		t.NumPartitions, t.ReplicationFactor = c.cfg.OffsetsTopicPartitions, c.cfg.OffsetsTopicReplication
		for _, s := range [][2]string{
			{"cleanup.policy", "compact"}, {"compression.type", config.CompressionProducer},
			{"segment.bytes", strconv.FormatInt(c.cfg.OffsetsTopicSegmentBytes, 10)},
		} {
			config := kmsg.NewCreateTopicsRequestTopicConfig()
			config.Name, config.Value = s[0], &s[1]
			t.Configs = append(t.Configs, config)
		}
	}
	req.Topics = append(req.Topics, t)
	c.links.To(addr).Send(out, req, createTimeout,
		func(*model.Effects, kmsg.Response, error) { delete(c.asked, topic) })
}
