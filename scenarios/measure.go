package scenarios

import (
	"fmt"
	"strconv"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// CheckMeasure returns the unit of the measure called name, or an error with the nearest name.
func CheckMeasure(name string) (kafka.Unit, error) {
	unit, ok := kafka.UnitOf(name)
	if ok {
		return unit, nil
	}
	e := &model.InputError{
		Problem: fmt.Sprintf("no run has a number called %q", name),
		Hint:    "`sandcastle sweep --help` lists them",
	}
	if near := kafka.NearestMeasure(name); near != "" {
		e.Hint = "did you mean " + strconv.Quote(near) + "?"
	}
	return unit, e
}

// parseMeasured reads a value of a unit, as in 20ms or 1MiB.
func parseMeasured(unit kafka.Unit, text string) (int64, error) {
	switch unit {
	case kafka.UnitTime:
		d, err := parseDuration(text)
		return int64(d), err
	case kafka.UnitBytes:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		return parseSize(text)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			err = fmt.Errorf("%q is no whole number", text)
		}
		return n, err
	}
}

// measureKind reads the name of a measure.
func measureKind() kind[string] {
	return scalar(map[string]any{"type": "string"}, func(s string) (string, error) {
		_, err := CheckMeasure(s)
		return s, err
	})
}

// noteCounts counts the notes of a run: by kind, by kind and partition, and how far leaders' logs
// were ahead of their high watermarks.
type noteCounts struct {
	kinds      [256]int64
	partitions map[noteAt]int64
	leaders    map[kafka.TopicPartition]model.NodeID
	marks      map[kafka.TopicPartition]kafka.Offset // of the leaders
	ahead      kafka.Offset
}

type noteAt struct {
	kind kafka.NoteKind
	tp   kafka.TopicPartition
}

func newNoteCounts() noteCounts {
	return noteCounts{
		partitions: map[noteAt]int64{}, leaders: map[kafka.TopicPartition]model.NodeID{},
		marks: map[kafka.TopicPartition]kafka.Offset{},
	}
}

// observe counts a note of node. Those that come with every record are counted by kind alone.
func (c *noteCounts) observe(node model.NodeID, n *kafka.Note) {
	c.kinds[n.Kind]++
	tp := n.TP()
	switch n.Kind {
	case kafka.LogEnd:
		if c.leaders[tp] == node {
			c.ahead = max(c.ahead, n.Offset-c.marks[tp])
		}
	case kafka.HighWatermark:
		if c.leaders[tp] == node {
			c.marks[tp] = n.Offset
		}
	case kafka.RecordsAcked:
	default:
		if n.Topic != "" {
			c.partitions[noteAt{n.Kind, tp}]++
		}
	}
	if n.Kind == kafka.BecameLeader {
		c.leaders[tp], c.marks[tp] = node, n.Offset
	}
}

// add writes the counts into counters: "leader-elected", "leader-elected.orders-0", and
// "log.ahead.most" in records.
func (c *noteCounts) add(counters map[string]int64) {
	for k, n := range c.kinds {
		if n > 0 {
			counters[kafka.NoteKind(k).String()] = n
		}
	}
	for at, n := range c.partitions { //unordered: it fills another map
		if at.tp.Topic != kafka.OffsetsTopic {
			counters[at.kind.String()+"."+at.tp.String()] = n
		}
	}
	counters["log.ahead.most"] = int64(c.ahead)
}

// counters sums the run up, under the names of model.MeasureKinds.
func (p *player) counters() map[string]int64 {
	type outcome struct {
		f   kafka.Function
		t   kafka.OpType
		why string
	}
	outcomes := map[outcome]int64{}
	sends, reads := newSendMeasures(), newReadMeasures(model.Time(p.s.Duration))
	var read, final int64
	for i := range p.recorder.history.Len() {
		op := p.recorder.history.At(i)
		if began, ok := sends.observe(op); ok {
			reads.acked(op.Value[0].Key, op.Value[0].Offset, began, op.Time)
		}
		reads.observe(op)
		outcomes[outcome{op.F, op.Type, ""}]++
		if op.Error != "" {
			outcomes[outcome{op.F, op.Type, "." + op.Error}]++
		}
		for j := range op.Value {
			for k := range op.Value[j].Polled {
				n := int64(len(op.Value[j].Polled[k].Records))
				read += n
				if op.Final {
					final += n
				}
			}
		}
	}
	counters := map[string]int64{"records.read": read, "records.read.final": final}
	for o, n := range outcomes { //unordered: it fills another map
		counters[string(o.f)+"."+string(o.t)+o.why] = n
	}
	p.notes.add(counters)
	sends.add(counters)
	reads.add(counters)
	p.load.add(counters, p.world.Nodes(), p.brokers)
	for _, id := range p.brokers {
		if b := p.broker(id); b != nil {
			size, scanned := b.Replicas().Bytes()
			counters["log.bytes"] += size
			counters["log.bytes.scanned"] += scanned
		}
	}
	return counters
}
