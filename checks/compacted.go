package checks

import (
	"slices"

	"sandcastle/model/kafka"
)

// keyedValue is a value in a partition.
type keyedValue struct {
	tp    kafka.TopicPartition
	value string
}

// keyAt is a record key in a partition.
type keyAt struct {
	tp  kafka.TopicPartition
	key string
}

// lastOfKey is the last record of a key that was acknowledged, or read.
type lastOfKey struct {
	offset kafka.Offset
	value  string
}

// superseded lists the values of compacted topics that compaction may have removed: a record of the
// same key is known to stand at a higher offset, or the key was deleted. Offsets come from
// acknowledgements and from polls; only sends know keys.
func superseded(h kafka.Operations, o Options) map[keyedValue]bool {
	keys := map[keyedValue]string{}
	eachKeyedSend(
		h,
		o,
		func(op *kafka.Op, m *kafka.Mop) { keys[keyedValue{m.Key, m.Value}] = op.RecordKey },
	)
	last := map[keyAt]lastOfKey{}
	know := func(tp kafka.TopicPartition, value string, offset kafka.Offset) {
		key, sent := keys[keyedValue{tp, value}]
		at := keyAt{tp, key}
		if before, known := last[at]; sent && offset >= 0 && (!known || before.offset < offset) {
			last[at] = lastOfKey{offset, value}
		}
	}
	kafka.Each(h, func(op *kafka.Op) {
		for j := range op.Value {
			m := &op.Value[j]
			if m.F == kafka.FSend && op.Type == kafka.OK {
				know(m.Key, m.Value, m.Offset)
			}
			for _, polled := range m.Polled {
				for _, rec := range polled.Records {
					know(polled.Key, rec.Value, rec.Offset)
				}
			}
		}
	})
	gone := map[keyedValue]bool{}
	for v, key := range keys { //unordered: it fills another map
		l, known := last[keyAt{v.tp, key}]
		gone[v] = known && l.value != v.value || slices.Contains(o.Deleted, key)
	}
	return gone
}

// eachKeyedSend calls f with every invocation of a send of a keyed record to a compacted topic.
func eachKeyedSend(h kafka.Operations, o Options, f func(*kafka.Op, *kafka.Mop)) {
	kafka.Each(h, func(op *kafka.Op) {
		if op.Type != kafka.Invoke || op.RecordKey == "" {
			return
		}
		for j := range op.Value {
			if m := &op.Value[j]; m.F == kafka.FSend && slices.Contains(o.Compacted, m.Key.Topic) {
				f(op, m)
			}
		}
	})
}

// kept are the records of a poll that count.
func (g *gatherer) kept(polled *kafka.PolledRecords) []kafka.PolledRecord {
	if len(g.superseded) == 0 || !slices.Contains(g.options.Compacted, polled.Key.Topic) {
		return polled.Records
	}
	return slices.DeleteFunc(slices.Clone(polled.Records), func(r kafka.PolledRecord) bool {
		return g.superseded[keyedValue{polled.Key, r.Value}]
	})
}
