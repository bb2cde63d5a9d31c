package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// readTopics reads assignments, arms their watches, and puts them into the context. It hands on the
// partitions that were not known before. A topic that cannot be read is left out.
func (c *Controller) readTopics(out *model.Effects, names []string,
	then func(out *model.Effects, added []*partition),
) {
	slices.Sort(names)
	reads := make([]request, len(names))
	for i, name := range names {
		reads[i] = request{kind: opGet, path: znode.TopicPath(name), watch: true}
	}
	c.submit(out, reads, func(out *model.Effects, r []result) {
		var added []*partition
		for i, name := range names {
			if r[i].code != zookeeper.ErrNone {
				continue
			}
			if z, err := znode.DecodeTopic(name, r[i].data); err == nil {
				_, fresh := c.ctx.putTopic(name, z)
				added = append(added, fresh...)
			}
		}
		then(out, added)
	})
}

// onTopicChange looks for topics that came or went (KafkaController.processTopicChange, 3.9).
func (c *Controller) onTopicChange(out *model.Effects) {
	list := request{kind: opChildren, path: znode.TopicsPath, watch: true}
	c.submit(out, []request{list}, func(out *model.Effects, r []result) {
		names := r[0].children
		there := make(map[string]bool, len(names))
		for _, name := range names {
			there[name] = true
		}
		for _, name := range slices.Clone(c.ctx.names) {
			if !there[name] {
				c.ctx.removeTopic(name)
			}
		}
		fresh := filterNames(names, func(name string) bool { return c.ctx.topics[name] == nil })
		c.readTopics(out, fresh, func(out *model.Effects, added []*partition) {
			for _, name := range fresh {
				if t := c.ctx.topics[name]; t != nil {
					kafka.AddNote(out, kafka.Note{Kind: kafka.TopicCreated, Topic: name, Text: t.summary()})
				}
			}
			c.onNewPartitions(out, added)
		})
	})
}

// summary is the topic's assignment in one line.
func (t *topic) summary() string {
	text := fmt.Sprintf("%d partitions:", len(t.partitions))
	for i, p := range t.partitions {
		if i == 10 {
			return text + " ..."
		}
		text += fmt.Sprintf(" %d=%v", i, p.assignment.Replicas)
	}
	return text
}

// onPartitionModification looks for partitions that were added to a topic
// (KafkaController.processPartitionModifications, 3.9).
func (c *Controller) onPartitionModification(out *model.Effects, name string) {
	t := c.ctx.topics[name]
	if t == nil {
		c.finish(out) // deleted, or not yet seen
		return
	}
	c.readTopics(out, []string{name}, func(out *model.Effects,
		added []*partition,
	) {
		if t.deletion != nil {
			t.partitions = t.partitions[:len(t.partitions)-len(added)] // too late for more
			added = nil
		}
		c.onNewPartitions(out, added)
	})
}

// onNewPartitions gives partitions their first leaders (KafkaController.onNewPartitionCreation,
// 3.9).
func (c *Controller) onNewPartitions(out *model.Effects, added []*partition) {
	c.initialize(out, added, func(out *model.Effects) {
		c.flush(out)
		c.checkWaiters(out)
		c.finish(out)
	})
}
