package client

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Commands reach a client as pointers, so that a hundred thousand of them cost no boxing.
var (
	_ model.Command = (*Send)(nil)
	_ model.Command = (*Close)(nil)
	_ model.Command = (*Subscribe)(nil)
	_ model.Command = (*Assign)(nil)
	_ model.Command = (*Seek)(nil)
	_ model.Command = (*SeekToTime)(nil)
	_ model.Command = (*Pause)(nil)
	_ model.Command = (*Resume)(nil)
	_ model.Command = (*PausePartition)(nil)
	_ model.Command = (*ResumePartition)(nil)
	_ model.Command = (*SetProcessTime)(nil)
)

// AnyPartition in Send.Partition leaves the choice to the partitioner.
const AnyPartition int32 = -1

// Offsets that stand for an end of the log, in Seek and Assign (the timestamps of ListOffsets).
const (
	LatestOffset   kafka.Offset = -1
	EarliestOffset kafka.Offset = -2
)

// Send asks a producer to send one record. In the history the record is its value without trailing
// spaces. The producer keeps Key, Value and Headers.
type Send struct {
	Topic     string
	Partition int32  // or AnyPartition
	Key       []byte // nil for none
	Value     []byte // nil for null
	Headers   []wire.RecordHeader
	// Timestamp is the record's, in milliseconds since 1970; nil for the time of the send.
	Timestamp *int64
}

// timestamp is the record's, if it is sent now.
func (c *Send) timestamp(now model.Time) int64 {
	if c.Timestamp != nil {
		return *c.Timestamp
	}
	return now.Millis()
}

// String implements model.Command.
func (c *Send) String() string {
	text := fmt.Sprintf("send %s/%d key=%q value=%q", c.Topic, c.Partition, c.Key, identity(c.Value))
	if c.Timestamp != nil {
		text += fmt.Sprintf(" timestamp=%d", *c.Timestamp)
	}
	for i := range c.Headers {
		text += fmt.Sprintf(" %s=%q", c.Headers[i].Key, c.Headers[i].Value)
	}
	return text
}

// Sum implements model.Command.
func (c *Send) Sum() uint64 {
	h := model.SumUint(model.SumString(kafka.SumSend, c.Topic), uint64(uint32(c.Partition)))
	h = model.Sum64(model.Sum64(h, c.Key), c.Value)
	for i := range c.Headers {
		h = model.Sum64(model.SumString(h, c.Headers[i].Key), c.Headers[i].Value)
	}
	if c.Timestamp != nil {
		h = model.SumUint(h, uint64(*c.Timestamp))
	}
	return h
}

// identity is the value without the spaces by which a workload pads it.
func identity(value []byte) []byte { return bytes.TrimRight(value, " ") }

// Close ends a client in good order: a producer sends what it holds, a consumer commits if it is
// to and leaves its group. Then it does nothing more.
type Close struct{}

// String implements model.Command.
func (c *Close) String() string { return "close" }

// Sum implements model.Command.
func (c *Close) Sum() uint64 { return kafka.SumClose }

// Subscribe makes a consumer a member of its group for the topics, in place of earlier ones.
type Subscribe struct{ Topics []string }

// String implements model.Command.
func (c *Subscribe) String() string { return "subscribe " + strings.Join(c.Topics, ",") }

// Sum implements model.Command.
func (c *Subscribe) Sum() uint64 {
	h := uint64(kafka.SumSubscribe)
	for _, topic := range c.Topics {
		h = model.SumString(h, topic)
	}
	return h
}

// Assign makes a consumer read the partitions without membership. From, when it is not nil, is
// where to begin: an offset or one of the offsets that stand for an end of the log; otherwise the
// committed offset, if the consumer has a group, or auto.offset.reset decides.
type Assign struct {
	Partitions []kafka.TopicPartition
	From       *kafka.Offset
}

// String implements model.Command.
func (c *Assign) String() string { return "assign " + strings.Join(keys(c.Partitions), ",") }

// Sum implements model.Command.
func (c *Assign) Sum() uint64 {
	h := uint64(kafka.SumAssign)
	for _, tp := range c.Partitions {
		h = model.SumUint(model.SumString(h, tp.Topic), uint64(uint32(tp.Partition)))
	}
	if c.From != nil {
		h = model.SumUint(h, uint64(*c.From))
	}
	return h
}

// keys are partitions as the history names them.
func keys(tps []kafka.TopicPartition) []string {
	if len(tps) == 0 {
		return nil
	}
	out := make([]string, len(tps))
	for i, tp := range tps {
		out[i] = tp.String()
	}
	return out
}

// Seek moves a consumer's position in a partition that it owns: to an offset, or to an end of the
// log.
type Seek struct {
	TP     kafka.TopicPartition
	Offset kafka.Offset
}

// String implements model.Command.
func (c *Seek) String() string { return fmt.Sprintf("seek %s %d", c.TP, c.Offset) }

// Sum implements model.Command.
func (c *Seek) Sum() uint64 {
	h := model.SumUint(model.SumString(kafka.SumSeek, c.TP.Topic), uint64(uint32(c.TP.Partition)))
	return model.SumUint(h, uint64(c.Offset))
}

// SeekToTime moves a consumer's position in a partition that it owns to the first record that is
// not older than Time, counted from the beginning of 1970 as timestamps are; to the end of the log
// when none is.
type SeekToTime struct {
	TP   kafka.TopicPartition
	Time time.Duration
}

// String implements model.Command.
func (c *SeekToTime) String() string { return fmt.Sprintf("seek-to-time %s %s", c.TP, c.Time) }

// Sum implements model.Command.
func (c *SeekToTime) Sum() uint64 {
	h := model.SumString(kafka.SumSeekToTime, c.TP.Topic)
	h = model.SumUint(h, uint64(uint32(c.TP.Partition)))
	return model.SumUint(h, uint64(c.Time))
}

// Pause makes the application stop calling poll: heartbeats go on, max.poll.interval.ms runs.
type Pause struct{}

// String implements model.Command.
func (c *Pause) String() string { return "pause" }

// Sum implements model.Command.
func (c *Pause) Sum() uint64 { return kafka.SumPause }

// Resume ends a Pause.
type Resume struct{}

// String implements model.Command.
func (c *Resume) String() string { return "resume" }

// Sum implements model.Command.
func (c *Resume) Sum() uint64 { return kafka.SumResume }

// PausePartition keeps a consumer from reading a partition that it owns, until ResumePartition or
// until it is assigned anew (KafkaConsumer.pause, 3.9); it goes on polling.
type PausePartition struct{ TP kafka.TopicPartition }

// String implements model.Command.
func (c *PausePartition) String() string { return "pause-partition " + c.TP.String() }

// Sum implements model.Command.
func (c *PausePartition) Sum() uint64 { return c.TP.Sum(kafka.SumPausePartition) }

// ResumePartition ends a PausePartition.
type ResumePartition struct{ TP kafka.TopicPartition }

// String implements model.Command.
func (c *ResumePartition) String() string { return "resume-partition " + c.TP.String() }

// Sum implements model.Command.
func (c *ResumePartition) Sum() uint64 { return c.TP.Sum(kafka.SumResumePartition) }

// SetProcessTime changes what a consumer's application takes for a record, from the next poll on.
type SetProcessTime struct{ Time time.Duration }

// String implements model.Command.
func (c *SetProcessTime) String() string { return "set-process-time " + c.Time.String() }

// Sum implements model.Command.
func (c *SetProcessTime) Sum() uint64 {
	return model.SumUint(kafka.SumSetProcessTime, uint64(c.Time))
}

// Setting is one topic property.
type Setting struct{ Name, Value string }

// CreateTopic asks an admin client for a topic. Assignment, by partition, replaces Partitions and
// Replicas.
type CreateTopic struct {
	Name       string
	Partitions int32
	Replicas   int16
	Assignment [][]int32 // broker ids, the preferred leader first
	Config     []Setting
}

// String implements model.Command.
func (c *CreateTopic) String() string {
	if len(c.Assignment) > 0 {
		return fmt.Sprintf("create-topic %s assignment=%v config=%v", c.Name, c.Assignment, c.Config)
	}
	return fmt.Sprintf("create-topic %s partitions=%d replicas=%d config=%v",
		c.Name, c.Partitions, c.Replicas, c.Config)
}

// Sum implements model.Command.
func (c *CreateTopic) Sum() uint64 { return model.SumString(kafka.SumCreateTopic, c.String()) }

// DeleteTopic asks an admin client to delete a topic.
type DeleteTopic struct{ Name string }

// String implements model.Command.
func (c *DeleteTopic) String() string { return "delete-topic " + c.Name }

// Sum implements model.Command.
func (c *DeleteTopic) Sum() uint64 { return model.SumString(kafka.SumDeleteTopic, c.Name) }
