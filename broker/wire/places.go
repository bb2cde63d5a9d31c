package wire

import "sandcastle/model/kafka"

// Places are the places of topics and partitions in an answer that tells each once, in the order in
// which a request first names them. Kafka puts what a request asks into maps, so most of its
// answers are so whatever a request repeats. The zero value is ready for use.
type Places struct {
	topics     map[string]int
	partitions map[kafka.TopicPartition]int
	counts     []int // of the partitions, by topic
}

// Topic is the place of a topic; false when it is named for the first time, and is a new one.
func (p *Places) Topic(name string) (at int, known bool) {
	if at, known = p.topics[name]; known {
		return at, true
	}
	if p.topics == nil {
		p.topics = map[string]int{}
		p.partitions = map[kafka.TopicPartition]int{}
	}
	at = len(p.counts)
	p.topics[name] = at
	p.counts = append(p.counts, 0)
	return at, false
}

// Partition is the place of a partition within that of its topic, which has one; false when it is
// named for the first time, and is the next one.
func (p *Places) Partition(tp kafka.TopicPartition) (at int, known bool) {
	if at, known = p.partitions[tp]; known {
		return at, true
	}
	topic := p.topics[tp.Topic]
	at = p.counts[topic]
	p.partitions[tp] = at
	p.counts[topic]++
	return at, false
}

// Repeat takes a further place for a partition that is told as often as it is named.
func (p *Places) Repeat(topic int) { p.counts[topic]++ }
