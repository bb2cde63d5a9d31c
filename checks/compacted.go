package checks

import (
	"slices"

	"sandcastle/model"
)

// keyedValue is a value in a partition.
type keyedValue struct {
	tp    model.TopicPartition
	value string
}

// keyAt is a record key in a partition.
type keyAt struct {
	tp  model.TopicPartition
	key string
}

// lastOfKey is the last record of a key that was acknowledged, or read.
type lastOfKey struct {
	offset model.Offset
	value  string
}

// superseded lists the values of compacted topics that compaction may have removed: a record of the
// same key is known to stand at a higher offset, or the key was deleted. Offsets come from
// acknowledgements and from polls; only sends know keys.
func superseded(h model.History, o Options) map[keyedValue]bool {
	keys := map[keyedValue]string{}
	eachKeyedSend(
		h,
		o,
		func(op *model.Op, m *model.Mop) { keys[keyedValue{m.Key, m.Value}] = op.RecordKey },
	)
	last := map[keyAt]lastOfKey{}
	know := func(tp model.TopicPartition, value string, offset model.Offset) {
		key, sent := keys[keyedValue{tp, value}]
		at := keyAt{tp, key}
		if before, known := last[at]; sent && offset >= 0 && (!known || before.offset < offset) {
			last[at] = lastOfKey{offset, value}
		}
	}
	for i := range h {
		for j := range h[i].Value {
			m := &h[i].Value[j]
			if m.F == model.FSend && h[i].Type == model.OK {
				know(m.Key, m.Value, m.Offset)
			}
			for _, polled := range m.Polled {
				for _, rec := range polled.Records {
					know(polled.Key, rec.Value, rec.Offset)
				}
			}
		}
	}
	gone := map[keyedValue]bool{}
	for v, key := range keys { //unordered: it fills another map
		l, known := last[keyAt{v.tp, key}]
		gone[v] = known && l.value != v.value || slices.Contains(o.Deleted, key)
	}
	return gone
}

// eachKeyedSend calls f with every invocation of a send of a keyed record to a compacted topic.
func eachKeyedSend(h model.History, o Options, f func(*model.Op, *model.Mop)) {
	for i := range h {
		op := &h[i]
		if op.Type != model.Invoke || op.RecordKey == "" {
			continue
		}
		for j := range op.Value {
			if m := &op.Value[j]; m.F == model.FSend && slices.Contains(o.Compacted, m.Key.Topic) {
				f(op, m)
			}
		}
	}
}

// kept are the records of a poll that count.
func (g *gatherer) kept(polled *model.PolledRecords) []model.PolledRecord {
	if len(g.superseded) == 0 || !slices.Contains(g.options.Compacted, polled.Key.Topic) {
		return polled.Records
	}
	return slices.DeleteFunc(slices.Clone(polled.Records), func(r model.PolledRecord) bool {
		return g.superseded[keyedValue{polled.Key, r.Value}]
	})
}
