package replica_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// modelTarget is what a session has to remember of a partition, as KIP-227 says it.
type modelTarget struct {
	tp                      kafka.TopicPartition
	id                      [16]byte
	part                    kmsg.FetchRequestTopicPartition
	highWatermark, logStart int64
}

// sessionModel is a session's partitions in the order in which they are read, and the topic ids.
type sessionModel struct {
	c       *cluster
	version int16
	targets []*modelTarget
	ids     map[string][16]byte
}

func (m *sessionModel) find(topic string, id [16]byte, partition int32) int {
	return slices.IndexFunc(m.targets, func(t *modelTarget) bool {
		return t.tp.Partition == partition && (m.version < 13 && t.tp.Topic == topic ||
			m.version >= 13 && t.id == id)
	})
}

// name has req name a partition.
func (m *sessionModel) name(req *kmsg.FetchRequest, tp kafka.TopicPartition, id [16]byte,
	part kmsg.FetchRequestTopicPartition,
) {
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = tp.Topic, id
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
}

// read asks for the session's partitions without a session, and keeps what is news.
func (m *sessionModel) read(maxBytes int32) []fetchedModel {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(m.version)
	req.MinBytes, req.MaxBytes, req.SessionEpoch = 1, maxBytes, finalEpoch
	for _, t := range m.targets {
		m.name(req, t.tp, t.id, t.part)
	}
	var news []fetchedModel
	for _, f := range flatten(m.c.Request(1, req).(*kmsg.FetchResponse)) {
		at := m.find(f.topic, f.id, f.part.Partition)
		t := m.targets[at]
		if len(f.part.RecordBatches) > 0 || f.part.ErrorCode != 0 || f.part.DivergingEpoch.EndOffset >= 0 ||
			f.part.HighWatermark != t.highWatermark || f.part.LogStartOffset != t.logStart {
			news = append(news, f)
		}
		t.highWatermark, t.logStart = f.part.HighWatermark, f.part.LogStartOffset
		if f.part.DivergingEpoch.EndOffset >= 0 {
			t.highWatermark, t.logStart = -1, -1
		}
		if len(f.part.RecordBatches) > 0 {
			m.targets = append(slices.Delete(m.targets, at, at+1), t)
		}
	}
	return news
}

// fetchedModel is one partition of an answer.
type fetchedModel struct {
	topic string
	id    [16]byte
	part  kmsg.FetchResponseTopicPartition
}

// brief is what is compared of an answer, a line for each partition.
func brief(all []fetchedModel) []string {
	var lines []string
	for _, f := range all {
		lines = append(lines, fmt.Sprintf("%s %x-%d: code %d, %d to %d, diverges at %d, %x", f.topic, f.id[:2],
			f.part.Partition, f.part.ErrorCode, f.part.LogStartOffset, f.part.HighWatermark,
			f.part.DivergingEpoch.EndOffset, f.part.RecordBatches))
	}
	return lines
}

func flatten(resp *kmsg.FetchResponse) []fetchedModel {
	var all []fetchedModel
	for i := range resp.Topics {
		t := &resp.Topics[i]
		for _, part := range t.Partitions {
			all = append(all, fetchedModel{t.Topic, t.TopicID, part})
		}
	}
	return all
}

// What an incremental fetch answers is what a fetch without a session answers for the same
// partitions in the same order, less what the client knows already.
func TestFetchSessionAgainstNoSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := startCluster(t, 1)
		c.CreateTopic("orders", [][]int32{{1}, {1}, {1}}, "segment.bytes=1024")
		c.CreateTopic("bills", [][]int32{{1}, {1}})
		m := &sessionModel{c: c, version: rapid.Int16Range(12, 13).Draw(t, "version"),
			ids: map[string][16]byte{}}
		m.learnIDs()
		var id, epoch int32
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"produce", "delete", "recreate", "fetch", "fetch"}).Draw(t, "what") {
			case "produce":
				tp := drawPartition(t)
				for range rapid.IntRange(1, 4).Draw(t, "batches") {
					c.MustProduce(tp, "a", "b")
				}
			case "delete":
				tp := drawPartition(t)
				end := int64(c.View(1, tp).HighWatermark)
				c.deleteRecords(1, tp, rapid.Int64Range(0, end).Draw(t, "before"))
			case "recreate":
				if m.version >= 13 {
					break // a session knows the old topic's name, another fetch cannot find it out
				}
				require.Equal(t, wire.None, c.deleteTopic("bills"))
				c.Run(time.Second)
				c.CreateTopic("bills", [][]int32{{1}, {1}})
			case "fetch":
				req := m.next(t, id, epoch)
				want := m.read(req.MaxBytes)
				resp := c.Request(1, req).(*kmsg.FetchResponse)
				require.Zero(t, resp.ErrorCode)
				require.Equal(t, brief(want), brief(flatten(resp)))
				require.Equal(t, len(m.targets) == 0 && epoch != initialEpoch, resp.SessionID == 0)
				if id, epoch = resp.SessionID, epoch+1; id == 0 {
					epoch = initialEpoch
				}
			}
		}
	})
}

func (m *sessionModel) learnIDs() {
	for _, name := range []string{"orders", "bills"} {
		if m.version >= 13 {
			m.ids[name] = m.c.Metadata(1, false, name).Topics[0].TopicID
		}
	}
	if m.version >= 13 {
		m.ids["nothing"] = [16]byte{7}
	}
}

func drawPartition(t *rapid.T) kafka.TopicPartition {
	return rapid.SampledFrom([]kafka.TopicPartition{
		tp("orders", 0), tp("orders", 1), tp("orders", 2), tp("bills", 0), tp("bills", 1),
	}).Draw(t, "partition")
}

// next draws a request of the session, and changes the model's partitions as it says.
func (m *sessionModel) next(t *rapid.T, id, epoch int32) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(m.version)
	req.MinBytes, req.MaxBytes = 1, rapid.SampledFrom([]int32{1, 100, 300, 1 << 20}).Draw(t, "max bytes")
	req.SessionID, req.SessionEpoch = id, epoch
	if epoch == initialEpoch {
		m.targets = nil
	}
	for range rapid.IntRange(0, 4).Draw(t, "named") {
		named := drawPartition(t)
		if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
			named.Topic = "nothing"
		}
		part := fetchPartition(named.Partition, rapid.Int64Range(-1, 20).Draw(t, "offset"))
		part.PartitionMaxBytes = rapid.SampledFrom([]int32{0, 1, 150, 1 << 20}).Draw(t, "partition max")
		part.LastFetchedEpoch = rapid.Int32Range(-1, 1).Draw(t, "last epoch")
		topic := m.ids[named.Topic]
		m.name(req, named, topic, part)
		if at := m.find(named.Topic, topic, named.Partition); at >= 0 {
			m.targets[at].part = part
		} else {
			m.targets = append(m.targets, &modelTarget{named, topic, part, -1, -1})
		}
	}
	if epoch != initialEpoch && rapid.IntRange(0, 3).Draw(t, "forgets") == 0 {
		gone := drawPartition(t)
		forgotten := kmsg.NewFetchRequestForgottenTopic()
		forgotten.Topic, forgotten.TopicID = gone.Topic, m.ids[gone.Topic]
		forgotten.Partitions = []int32{gone.Partition}
		req.ForgottenTopics = append(req.ForgottenTopics, forgotten)
		if at := m.find(gone.Topic, m.ids[gone.Topic], gone.Partition); at >= 0 {
			m.targets = slices.Delete(m.targets, at, at+1)
		}
	}
	return req
}
