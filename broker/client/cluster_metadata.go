package client

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// clusterMetadata is what a client knows of the cluster: brokers, controller, and of the topics
// that it uses the partitions with their leaders. It asks the brokers, one request at a time,
// when it is told that its knowledge is wrong (a leader that is none), for a new topic, and when
// it grows old.
type clusterMetadata struct {
	links     *wire.Links
	bootstrap []string
	timeout   time.Duration // of one request
	maxAge    time.Duration
	backoff   retryBackoff
	create    bool // brokers may create the topics

	brokers    []knownBroker // by id; empty until the first answer
	controller kafka.BrokerID
	topics     map[string]*topicMetadata
	names      []string // of topics, sorted

	alarm      alarm
	asking     bool       // a request is out
	stale      bool       // a new answer is needed
	answeredAt model.Time // the last time
	retryAt    model.Time // no request before
	failures   int        // requests in a row that did not bring what was wanted
	next       int        // where to ask next, when no connection stands
	answers    int        // counts the answers
}

type knownBroker struct {
	id   kafka.BrokerID
	addr string
}

// topicMetadata is one topic that the client uses. code is None when the topic was found.
type topicMetadata struct {
	asked      bool // an answer about it has come
	code       wire.Code
	id         [16]byte            // zero when the cluster gives out none
	partitions []partitionMetadata // by number
}

type partitionMetadata struct {
	leader kafka.BrokerID
	epoch  kafka.Epoch // never goes back (KIP-320), unless the topic is another
}

// noLeader is a partition of which nothing is known.
func noLeader() partitionMetadata {
	return partitionMetadata{leader: kafka.NoBroker, epoch: kafka.NoEpoch}
}

func newClusterMetadata(bootstrap []string, backoff retryBackoff,
	links *wire.Links,
) *clusterMetadata {
	if len(bootstrap) == 0 {
		panic("client: no bootstrap servers")
	}
	return &clusterMetadata{
		links: links, backoff: backoff, bootstrap: bootstrap, controller: kafka.NoBroker,
		topics: map[string]*topicMetadata{}, alarm: newAlarm(timerMetadata),
		timeout: 30 * time.Second, maxAge: 5 * time.Minute,
		next: int(backoff.rand.Below(uint64(len(bootstrap)))),
	}
}

// track makes the topic one of those that are asked for, and returns what is known of it.
func (m *clusterMetadata) track(name string) *topicMetadata {
	t := m.topics[name]
	if t == nil {
		t = &topicMetadata{}
		m.topics[name] = t
		at, _ := slices.BinarySearch(m.names, name)
		m.names = slices.Insert(m.names, at, name)
		m.stale = true
	}
	return t
}

// refresh has the brokers asked again: what is known has proved wrong.
func (m *clusterMetadata) refresh() { m.stale = true }

// leader is who leads tp and at which address; false when that is not known.
func (m *clusterMetadata) leader(tp kafka.TopicPartition) (partitionMetadata, string, bool) {
	t := m.topics[tp.Topic]
	if t == nil || int(tp.Partition) >= len(t.partitions) {
		return noLeader(), "", false
	}
	p := t.partitions[tp.Partition]
	addr, ok := m.address(p.leader)
	return p, addr, ok
}

func (m *clusterMetadata) address(id kafka.BrokerID) (string, bool) {
	for i := range m.brokers {
		if m.brokers[i].id == id {
			return m.brokers[i].addr, true
		}
	}
	return "", false
}

// anyLink is a connection on which to ask something that any broker can answer: an open one with
// the fewest requests, or else the next address in turn (NetworkClient.leastLoadedNode, 3.9).
func (m *clusterMetadata) anyLink() *wire.Link {
	var best *wire.Link
	for i := range m.brokers {
		l := m.links.To(m.brokers[i].addr)
		if l.Open() && (best == nil || l.InFlight() < best.InFlight()) {
			best = l
		}
	}
	if best != nil {
		return best
	}
	m.next++
	if n := len(m.brokers); n > 0 {
		return m.links.To(m.brokers[m.next%n].addr)
	}
	return m.links.To(m.bootstrap[m.next%len(m.bootstrap)])
}

// run asks for metadata if it is time to. The owner calls it at the end of each of its steps.
func (m *clusterMetadata) run(out *model.Effects) {
	if m.asking {
		return
	}
	due := model.Never
	switch {
	case m.stale:
		due = m.retryAt
	case m.answers > 0:
		due = max(m.answeredAt.Add(m.maxAge), m.retryAt)
	}
	if out.Now < due {
		m.alarm.by(out, due)
		return
	}
	m.asking, m.stale = true, false
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(12)
	req.AllowAutoTopicCreation = m.create
	req.Topics = []kmsg.MetadataRequestTopic{}
	for _, name := range m.names {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		req.Topics = append(req.Topics, topic)
	}
	m.anyLink().Send(out, req, m.timeout, m.onAnswer)
}

func (m *clusterMetadata) onAnswer(out *model.Effects, resp kmsg.Response,
	err error,
) {
	m.asking = false
	if err != nil {
		m.stale = true
		m.failed(out.Now)
		return
	}
	answer := resp.(*kmsg.MetadataResponse)
	if len(answer.Brokers) == 0 {
		m.stale = true // a broker that has heard of nobody yet
		m.failed(out.Now)
		return
	}
	m.apply(answer)
	m.answers++
	m.answeredAt = out.Now
	if m.stale {
		m.failed(out.Now)
		return
	}
	m.failures = 0
	m.retryAt = out.Now.Add(m.backoff.least)
}

func (m *clusterMetadata) failed(now model.Time) {
	m.failures++
	m.retryAt = m.backoff.after(now, m.failures)
}

// apply adopts an answer. Partitions without a leader and topics that are not there yet make
// it ask again.
func (m *clusterMetadata) apply(answer *kmsg.MetadataResponse) {
	m.brokers = m.brokers[:0]
	for _, b := range answer.Brokers {
		addr := model.JoinAddress(b.Host, b.Port)
		m.brokers = append(m.brokers, knownBroker{kafka.BrokerID(b.NodeID), addr})
	}
	slices.SortFunc(m.brokers, func(a, b knownBroker) int { return int(a.id - b.id) })
	m.controller = kafka.BrokerID(answer.ControllerID)
	for i := range answer.Topics {
		a := &answer.Topics[i]
		if a.Topic == nil {
			continue
		}
		if t := m.topics[*a.Topic]; t != nil {
			t.apply(a)
			m.stale = m.stale || t.incomplete()
		}
	}
}

func (t *topicMetadata) apply(a *kmsg.MetadataResponseTopic) {
	t.asked, t.code = true, wire.Code(a.ErrorCode)
	if t.code != wire.None {
		if t.code != wire.LeaderNotAvailable {
			t.partitions = nil
		}
		return
	}
	old := t.partitions
	if t.id != a.TopicID {
		old, t.id = nil, a.TopicID // created anew: its epochs begin again
	}
	size := 0
	for i := range a.Partitions {
		size = max(size, int(a.Partitions[i].Partition)+1)
	}
	if size > len(a.Partitions) {
		size = len(a.Partitions) // numbers with gaps, or out of range: no broker says so
	}
	t.partitions = make([]partitionMetadata, size)
	for i := range t.partitions {
		t.partitions[i] = noLeader()
	}
	for i := range a.Partitions {
		p := &a.Partitions[i]
		if p.Partition < 0 || int(p.Partition) >= size {
			continue
		}
		known := partitionMetadata{kafka.BrokerID(p.Leader), kafka.Epoch(p.LeaderEpoch)}
		if int(p.Partition) < len(old) && known.epoch < old[p.Partition].epoch && known.epoch >= 0 {
			known = old[p.Partition] // outdated, from a broker that is behind
		}
		t.partitions[p.Partition] = known
	}
}

// incomplete is true when asking again may bring more.
func (t *topicMetadata) incomplete() bool {
	if t.code != wire.None {
		return t.code.Retriable()
	}
	for i := range t.partitions {
		if t.partitions[i].leader == kafka.NoBroker {
			return true
		}
	}
	return false
}

// close drops every connection and asks nothing again.
func (m *clusterMetadata) close(out *model.Effects) {
	m.asking = true // no answer will come, so no question follows
	m.alarm.stop(out)
	for i := range m.brokers {
		m.links.To(m.brokers[i].addr).Close(out)
	}
	for _, addr := range m.bootstrap {
		m.links.To(addr).Close(out)
	}
}
