package frametext

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// sessionNotes remember the partitions of fetch sessions (KIP-227), which most frames of a session
// do not name.
type sessionNotes struct {
	// begun are the partitions of requests that want a session, by what their replies will say.
	begun    map[sessionKey][]kafka.TopicPartition
	sessions map[sessionKey][]kafka.TopicPartition
}

// sessionKey is a correlation id or a session id between a client and a broker.
type sessionKey struct {
	client, broker model.NodeID
	id             int32
}

// sessionLimit is how many sessions are remembered at most.
const sessionLimit = 10_000

func newSessionNotes() sessionNotes {
	return sessionNotes{
		map[sessionKey][]kafka.TopicPartition{},
		map[sessionKey][]kafka.TopicPartition{},
	}
}

// onFrame adds to a described Fetch the partitions that its session implies.
func (n *sessionNotes) onFrame(t *line, l *kafka.TraceLine, m message) {
	switch m := m.(type) {
	case *kmsg.FetchRequest:
		n.onRequest(t, l, m)
	case *kmsg.FetchResponse:
		n.onReply(t, l, m)
	}
}

func (n *sessionNotes) onRequest(t *line, l *kafka.TraceLine, m *kmsg.FetchRequest) {
	key := sessionKey{l.Peer, l.Node, l.Label.Correlation}
	if m.SessionEpoch == 0 {
		put(n.begun, key, slices.Clone(t.tps))
		return
	}
	if m.SessionEpoch < 0 {
		return
	}
	key.id = m.SessionID
	known, ok := n.sessions[key]
	if !ok {
		return
	}
	changed := len(m.Topics)+len(m.ForgottenTopics) > 0
	if changed {
		for _, tp := range t.tps {
			if !slices.Contains(known, tp) {
				known = append(known, tp)
			}
		}
	}
	if len(t.tps) == 0 {
		t.implied(known)
	}
	for i := range m.ForgottenTopics {
		topic := &m.ForgottenTopics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		known = slices.DeleteFunc(known, func(tp kafka.TopicPartition) bool {
			return tp.Topic == name && slices.Contains(topic.Partitions, tp.Partition)
		})
	}
	if changed {
		n.sessions[key] = known
	}
}

func (n *sessionNotes) onReply(t *line, l *kafka.TraceLine, m *kmsg.FetchResponse) {
	key := sessionKey{l.Node, l.Peer, l.Label.Correlation}
	begun, ok := n.begun[key]
	delete(n.begun, key)
	if m.SessionID == 0 {
		return
	}
	key.id = m.SessionID
	if ok {
		put(n.sessions, key, begun)
	}
	if len(t.tps) == 0 {
		t.implied(n.sessions[key])
	}
}

// implied says that a frame which names no partition is about those of its session: about Kafka's
// own topics only when there are no others.
func (t *line) implied(tps []kafka.TopicPartition) {
	for _, internal := range [...]bool{false, true} {
		for _, tp := range tps {
			if kafka.InternalTopic(tp.Topic) == internal && len(t.tps) < partitionLimit {
				t.tps = append(t.tps, tp)
			}
		}
		if len(t.tps) > 0 {
			return
		}
	}
}

// put keeps a map from growing without end: sessions that are no more are forgotten with all
// others.
func put(m map[sessionKey][]kafka.TopicPartition, key sessionKey, tps []kafka.TopicPartition) {
	if len(m) >= sessionLimit {
		clear(m)
	}
	m[key] = tps
}
