package kafka

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"sandcastle/model"
)

// TraceLine is a line of the trace as those read it who know Kafka: what the kernel writes, with
// the note unpacked. The embedded line's own Note and Text are empty; Note has both.
type TraceLine struct {
	model.TraceLine
	// Note is a note. Of every other kind it carries Text, and of a frame Partitions: those that the
	// frame is about.
	Note Note
}

// Read makes l a copy of a line of the kernel's. It shares the note's slices.
func (l *TraceLine) Read(line *model.TraceLine) {
	l.TraceLine, l.Note = *line, Note{}
	if n, ok := line.Note.(*Note); ok {
		l.Note = *n
	}
	if line.Text != "" {
		l.Note.Text = line.Text
	}
	l.TraceLine.Note, l.Text = nil, ""
}

// AppendJSON appends the line to b, without a newline, as the kernel would.
func (l *TraceLine) AppendJSON(b []byte) []byte {
	line := l.TraceLine
	line.Note = &l.Note
	return line.AppendJSON(b)
}

// AppendJSON appends the fields that n's kind carries, each with a leading comma. What is no note
// of a process, but said of a frame, carries Partitions and Text.
func (n *Note) AppendJSON(b []byte) []byte {
	fields := noteTable[n.Kind].fields
	if n.Kind == NoNote && len(n.Partitions) > 0 {
		fields |= hasPartitions
	}
	if fields&hasTopic != 0 && (n.Topic != "" || n.Kind != DamageFound) {
		b = model.AppendJSONString(append(b, `,"topic":`...), n.Topic)
		b = strconv.AppendInt(append(b, `,"partition":`...), int64(n.Partition), 10)
	}
	if fields&hasBroker != 0 {
		b = strconv.AppendInt(append(b, `,"broker":`...), int64(n.Broker), 10)
	}
	if fields&hasEpoch != 0 {
		b = strconv.AppendInt(append(b, `,"epoch":`...), int64(n.Epoch), 10)
	}
	if fields&hasOffset != 0 {
		b = strconv.AppendInt(append(b, `,"offset":`...), int64(n.Offset), 10)
	}
	if fields&hasGroup != 0 {
		b = model.AppendJSONString(append(b, `,"group":`...), n.Group)
	}
	if fields&hasMember != 0 {
		b = model.AppendJSONString(append(b, `,"member":`...), n.Member)
	}
	if fields&hasGeneration != 0 {
		b = strconv.AppendInt(append(b, `,"generation":`...), int64(n.Generation), 10)
	}
	b = n.appendLists(b, fields)
	if fields&hasReason != 0 && n.Reason != "" {
		b = model.AppendJSONString(append(b, `,"reason":`...), string(n.Reason))
	}
	if n.Text != "" {
		b = model.AppendJSONString(append(b, `,"text":`...), n.Text)
	}
	return b
}

func (n *Note) appendLists(b []byte, fields noteField) []byte {
	if fields&hasBrokers != 0 {
		b = appendBrokers(append(b, `,"brokers":`...), n.Brokers)
	}
	if fields&hasPartitions != 0 {
		b = appendPartitions(b, n.Partitions)
	}
	if fields&hasReplicas != 0 && len(n.Replicas) > 0 {
		for i, ids := range n.Replicas {
			b = append(b, [...]string{`,"replicas":[`, `,`}[min(i, 1)]...)
			b = appendBrokers(b, ids)
		}
		b = append(b, ']')
	}
	return b
}

func appendBrokers(b []byte, ids []BrokerID) []byte {
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return append(b, ']')
}

func appendPartitions(b []byte, tps []TopicPartition) []byte {
	b = append(b, `,"partitions":[`...)
	for i, tp := range tps {
		if i > 0 {
			b = append(b, ',')
		}
		b = model.AppendJSONString(b, tp.Topic)
		b = append(b[:len(b)-1], '-') // the closing quote goes behind the number
		b = append(strconv.AppendInt(b, int64(tp.Partition), 10), '"')
	}
	return append(b, ']')
}

// appendFields prints the fields as ` key=value`, for people.
func (n Note) appendFields(b []byte) []byte {
	fields := noteTable[n.Kind].fields
	if fields&hasTopic != 0 && (n.Topic != "" || n.Kind != DamageFound) {
		b = append(append(b, ' '), n.TP().String()...)
	}
	if fields&hasGroup != 0 {
		b = append(append(b, " group="...), n.Group...)
	}
	if fields&hasMember != 0 {
		b = append(append(b, " member="...), n.Member...)
	}
	numbers := [...]struct {
		field noteField
		name  string
		value int64
	}{
		{hasBroker, " broker=", int64(n.Broker)}, {hasEpoch, " epoch=", int64(n.Epoch)},
		{hasOffset, " offset=", int64(n.Offset)}, {hasGeneration, " generation=", int64(n.Generation)},
	}
	for _, f := range numbers {
		if fields&f.field != 0 {
			b = strconv.AppendInt(append(b, f.name...), f.value, 10)
		}
	}
	if fields&hasBrokers != 0 {
		b = fmt.Appendf(b, " %s=%v", n.brokersAre(), n.Brokers)
	}
	if fields&hasPartitions != 0 {
		b = fmt.Appendf(b, " partitions=%v", n.Partitions)
	}
	if n.Text != "" {
		b = fmt.Appendf(b, " (%s)", n.Text)
	}
	return b
}

// brokersAre says what a kind's Brokers are: the in-sync replicas, or of a move all replicas.
func (n Note) brokersAre() string {
	if n.Kind == ReassignmentStarted || n.Kind == ReassignmentCompleted {
		return "replicas"
	}
	return "isr"
}

// traceJSON is a TraceLine as encoding/json reads it.
type traceJSON struct {
	At         model.Time    `json:"at"`
	Seq        uint64        `json:"seq"`
	Node       model.NodeID  `json:"node"`
	Kind       string        `json:"kind"`
	Cause      uint64        `json:"cause"`
	Conn       model.ConnID  `json:"conn"`
	Peer       model.NodeID  `json:"peer"`
	API        string        `json:"api"`
	Reply      bool          `json:"reply"`
	Version    *int16        `json:"version"`
	Corr       int32         `json:"corr"`
	Bytes      int           `json:"bytes"`
	Sent       model.Time    `json:"sent"`
	Empty      bool          `json:"empty"`
	TimerKind  uint32        `json:"timer"`
	TimerID    uint64        `json:"timer_id"`
	Topic      string        `json:"topic"`
	Partition  int32         `json:"partition"`
	Broker     BrokerID      `json:"broker"`
	Epoch      Epoch         `json:"epoch"`
	Offset     Offset        `json:"offset"`
	Group      string        `json:"group"`
	Member     string        `json:"member"`
	Generation int32         `json:"generation"`
	Brokers    []BrokerID    `json:"brokers"`
	Partitions []string      `json:"partitions"`
	Reason     Reason        `json:"reason"`
	Replicas   [][]BrokerID  `json:"replicas"`
	Fault      string        `json:"fault"`
	Message    string        `json:"message"`
	Detail     string        `json:"detail"`
	Failed     string        `json:"failed"`
	By         time.Duration `json:"by"`
	Until      model.Time    `json:"until"`
	Text       string        `json:"text"`
	Count      int           `json:"count"`
	First      model.Time    `json:"first"`
	Sum        string        `json:"sum"`
}

// ParseTraceLine reads what AppendJSON wrote.
func ParseTraceLine(line []byte) (TraceLine, error) {
	var j traceJSON
	err := json.Unmarshal(line, &j)
	if err != nil {
		return TraceLine{}, err
	}
	kind, _ := ParseNoteKind(j.Kind)
	l := TraceLine{TraceLine: model.TraceLine{
		At: j.At, Seq: j.Seq, Node: j.Node, Kind: j.Kind, Cause: j.Cause, Conn: j.Conn, Peer: j.Peer,
		Label: model.Label{Name: j.API, Reply: j.Reply, Correlation: j.Corr},
		Bytes: j.Bytes, Sent: j.Sent, Empty: j.Empty,
		Timer: model.Timer{Kind: j.TimerKind, ID: j.TimerID},
	}, Note: Note{
		Kind: kind, Topic: j.Topic, Partition: j.Partition, Broker: j.Broker, Epoch: j.Epoch,
		Offset: j.Offset, Group: j.Group, Member: j.Member, Generation: j.Generation,
		Brokers: j.Brokers, Text: j.Text, Reason: j.Reason, Replicas: j.Replicas,
	}}
	if j.Fault != "" {
		l.Fault = &model.Fault{
			Verb: j.Fault, Node: j.Node, Peer: j.Peer, Message: j.Message, Detail: j.Detail,
			Failed: j.Failed, By: j.By, Until: j.Until,
		}
	}
	if j.Count != 0 {
		l.Count, l.First = j.Count, j.First
		if l.Sum, err = strconv.ParseUint(j.Sum, 16, 64); err != nil {
			return TraceLine{}, fmt.Errorf("%q is no sum of lines", j.Sum)
		}
	}
	if j.Version != nil {
		l.Label.Versioned, l.Label.Version = true, *j.Version
	}
	for _, s := range j.Partitions {
		tp, ok := ParseTopicPartition(s)
		if !ok {
			return TraceLine{}, fmt.Errorf("%q is no topic-partition", s)
		}
		l.Note.Partitions = append(l.Note.Partitions, tp)
	}
	return l, nil
}
