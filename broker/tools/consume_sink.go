package tools

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// sink is the application of consume: it prints records until it has enough.
type sink struct {
	render   renderer
	count    int // 0 for no limit
	exit     bool
	reading  *reading
	remark   func(string) // nil to be quiet
	consumer *client.Consumer
	out      *outbox

	taken    int
	ended    map[kafka.TopicPartition]bool // partitions that were read to their end
	enough   bool
	failed   error
	once     sync.Once
	finished chan struct{}
}

var _ client.Application = (*sink)(nil)

// Take implements client.Application.
func (s *sink) Take(tp kafka.TopicPartition, r *wire.Record) bool {
	if s.enough || !s.out.offer(func(b []byte) []byte { return s.render(b, tp, r) }) {
		return false
	}
	if s.taken++; s.taken == s.count {
		s.finish(nil)
	}
	return true
}

// ReachedEnd implements client.Application.
func (s *sink) ReachedEnd(tp kafka.TopicPartition, at kafka.Offset) {
	before := s.ended[tp]
	s.ended[tp] = true
	last := s.exit && s.allEnded()
	if s.remark != nil && !s.enough && (last || !before) {
		text := fmt.Sprintf("Reached end of topic %s at offset %d", partitionName(tp), at)
		if last {
			text += ": exiting"
		}
		s.remark(text)
	}
	if last {
		s.finish(nil)
	}
}

func (s *sink) allEnded() bool {
	parts := s.reading.parts
	if s.reading.member {
		parts = s.consumer.View().Owned
	}
	for _, tp := range parts {
		if !s.ended[tp] {
			return false
		}
	}
	return true
}

// finish lets consume end, with an error if there is one.
func (s *sink) finish(err error) {
	s.once.Do(func() {
		s.enough, s.failed = true, err
		close(s.finished)
	})
}

// onNote remarks on what happens to the group and to positions.
func (s *sink) onNote(_ model.Time, n *kafka.Note) {
	switch n.Kind {
	case kafka.PartitionsAssigned, kafka.PartitionsRevoked:
		what := "assigned"
		if n.Kind == kafka.PartitionsRevoked {
			what = "revoked"
		}
		clear(s.ended)
		var names []string
		for _, tp := range n.Partitions {
			names = append(names, partitionName(tp))
		}
		if len(names) == 0 {
			names = []string{"nothing"}
		}
		s.tell("Group %s rebalanced (memberid %s): %s: %s", n.Group, n.Member, what,
			strings.Join(names, ", "))
		if s.exit && n.Kind == kafka.PartitionsAssigned && len(n.Partitions) == 0 {
			s.finish(nil) // others have it all
		}
	case kafka.PositionReset:
		tp := kafka.TopicPartition{Topic: n.Topic, Partition: n.Partition}
		why := "the group has committed nothing"
		if strings.HasPrefix(n.Text, wire.OffsetOutOfRange.String()) {
			why = wire.OffsetOutOfRange.String()
		}
		s.tell("%s: %s: reading from offset %d", partitionName(tp), why, n.Offset)
	}
}

func (s *sink) tell(format string, args ...any) {
	if s.remark != nil && !s.enough {
		s.remark(fmt.Sprintf(format, args...))
	}
}

// onOp ends it when the consumer has ended with an error.
func (s *sink) onOp(_ model.Time, op *kafka.Op) {
	if op.Type == kafka.Fail && s.consumer.Failed() != wire.None {
		s.finish(refusal("group "+op.Group, s.consumer.Failed(), ""))
	}
}

// closePatience is how long committing and leaving the group may take.
const closePatience = 5 * time.Second

// close writes what was taken, has the consumer commit and leave, and says how it went.
func (s *sink) close(node *host.Node) error {
	node.Look(func(model.Process) { s.finish(nil) }) // it takes no further records
	written := s.out.close()
	node.Command(&client.Close{})
	for end := time.Now().Add(closePatience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		closed := true
		node.Look(func(model.Process) { closed = s.consumer.Closed() })
		if closed {
			break
		}
	}
	node.Stop()
	switch {
	case s.failed != nil:
		return s.failed
	case written != nil && !brokenPipe(written):
		return refused("cannot write: %s", model.PlainCause(written))
	}
	return nil
}
