package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// topicChanges finds topics and partitions that were added or removed, and initializes new ones.
type topicChanges struct {
	zk         *zkClient
	cluster    *cluster
	partitions *partitionStateMachine
	batch      *requestBatch
	waiters    *waiters
}

// read reads assignments, arms their watches, and puts them into the cluster. added
// are the partitions that were not known before. A topic that cannot be read is left out.
func (tc *topicChanges) read(out *model.Effects, names []string,
	then func(out *model.Effects, added []*partition),
) {
	slices.Sort(names)
	reads := make([]request, len(names))
	for i, name := range names {
		reads[i] = request{kind: opGet, path: znode.TopicPath(name), watch: true}
	}
	tc.zk.submit(out, reads, func(out *model.Effects, r []result) {
		var added []*partition
		for i, name := range names {
			if r[i].code != zookeeper.ErrNone {
				continue
			}
			if z, err := znode.DecodeTopic(name, r[i].data); err == nil {
				_, fresh := tc.cluster.putTopic(name, z)
				added = append(added, fresh...)
			}
		}
		then(out, added)
	})
}

// onTopics looks for topics that came or went (KafkaController.processTopicChange, 3.9).
func (tc *topicChanges) onTopics(out *model.Effects, then chain.Next) {
	list := request{kind: opChildren, path: znode.TopicsPath, watch: true}
	tc.zk.submit(out, []request{list}, func(out *model.Effects, r []result) {
		names := r[0].children
		there := make(map[string]bool, len(names))
		for _, name := range names {
			there[name] = true
		}
		for _, name := range slices.Clone(tc.cluster.names) {
			if !there[name] {
				tc.cluster.removeTopic(name)
			}
		}
		fresh := filter(names, func(name string) bool { return tc.cluster.topics[name] == nil })
		tc.read(out, fresh, func(out *model.Effects, added []*partition) {
			for _, name := range fresh {
				if t := tc.cluster.topics[name]; t != nil {
					kafka.AddNote(out, kafka.Note{
						Kind: kafka.TopicCreated, Topic: name, Text: t.summary(), Replicas: t.replicas(),
					})
				}
			}
			tc.onNewPartitions(out, added, then)
		})
	})
}

// replicas are those of each partition.
func (t *topic) replicas() [][]kafka.BrokerID {
	all := make([][]kafka.BrokerID, len(t.partitions))
	for i, p := range t.partitions {
		all[i] = slices.Clone(p.assignment.Replicas)
	}
	return all
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

// onPartitions looks for partitions that were added to a topic
// (KafkaController.processPartitionModifications, 3.9).
func (tc *topicChanges) onPartitions(out *model.Effects, name string,
	then chain.Next,
) {
	t := tc.cluster.topics[name]
	if t == nil {
		then(out) // deleted, or not yet seen
		return
	}
	tc.read(out, []string{name}, func(out *model.Effects,
		added []*partition,
	) {
		if t.deletion != nil {
			t.partitions = t.partitions[:len(t.partitions)-len(added)] // too late for more
			added = nil
		}
		tc.onNewPartitions(out, added, then)
	})
}

// onNewPartitions gives partitions their first leaders (KafkaController.onNewPartitionCreation,
// 3.9).
func (tc *topicChanges) onNewPartitions(out *model.Effects, added []*partition,
	then chain.Next,
) {
	chain.New("new partitions", tc.partitions.initialize(added), chain.Action("send", tc.batch.flush),
		chain.Action("answer who waits", tc.waiters.check)).Run(out, then)
}
