package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// readTopics reads assignments, arms their watches, and puts them into the context. It hands on the
// partitions that were not known before. A topic that cannot be read is left out.
func (c *Controller) readTopics(now model.Time, out *model.Effects, names []string,
	then func(now model.Time, out *model.Effects, added []*partition),
) {
	slices.Sort(names)
	reads := make([]request, len(names))
	for i, name := range names {
		reads[i] = request{kind: opGet, path: znode.TopicPath(name), watch: true}
	}
	c.submit(now, out, reads, func(now model.Time, out *model.Effects, r []result) {
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
		then(now, out, added)
	})
}

// onTopicChange looks for topics that came or went (KafkaController.processTopicChange, 3.9).
func (c *Controller) onTopicChange(now model.Time, out *model.Effects) {
	list := request{kind: opChildren, path: znode.TopicsPath, watch: true}
	c.submit(now, out, []request{list}, func(now model.Time, out *model.Effects, r []result) {
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
		c.readTopics(now, out, fresh, func(now model.Time, out *model.Effects, added []*partition) {
			for _, name := range fresh {
				if t := c.ctx.topics[name]; t != nil {
					out.Note(model.Note{Kind: model.TopicCreated, Topic: name, Text: t.summary()})
				}
			}
			c.onNewPartitions(now, out, added)
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
func (c *Controller) onPartitionModification(now model.Time, out *model.Effects, name string) {
	t := c.ctx.topics[name]
	if t == nil {
		c.finish(now, out) // deleted, or not yet seen
		return
	}
	c.readTopics(now, out, []string{name}, func(now model.Time, out *model.Effects,
		added []*partition,
	) {
		if t.deletion != nil {
			t.partitions = t.partitions[:len(t.partitions)-len(added)] // too late for more
			added = nil
		}
		c.onNewPartitions(now, out, added)
	})
}

// onNewPartitions gives partitions their first leaders (KafkaController.onNewPartitionCreation,
// 3.9).
func (c *Controller) onNewPartitions(now model.Time, out *model.Effects, added []*partition) {
	c.initialize(now, out, added, func(now model.Time, out *model.Effects) {
		c.flush(now, out)
		c.checkWaiters(now, out)
		c.finish(now, out)
	})
}
