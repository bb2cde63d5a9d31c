package client

import (
	"slices"
	"strconv"
	"strings"
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
	rand      *model.Rand
	bootstrap []string
	timeout   time.Duration // of one request
	maxAge    time.Duration
	least     time.Duration // back-off between requests
	most      time.Duration
	create    bool // brokers may create the topics

	brokers    []knownBroker // by id; empty until the first answer
	controller kafka.BrokerID
	topics     map[string]*topicMetadata
	names      []string // of topics, sorted

	alarm    alarm
	asking   bool // a request is out
	wanted   bool // a new answer is needed
	fresh    model.Time
	retryAt  model.Time // no request before
	failures int        // requests in a row that did not bring what was wanted
	next     int        // where to ask next, when no connection stands
	answers  int        // counts the answers
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

func newClusterMetadata(bootstrap []string, r *model.Rand, links *wire.Links) *clusterMetadata {
	if len(bootstrap) == 0 {
		panic("client: no bootstrap servers")
	}
	return &clusterMetadata{
		links: links, rand: r, bootstrap: bootstrap, controller: kafka.NoBroker,
		topics: map[string]*topicMetadata{}, alarm: newAlarm(timerMetadata),
		timeout: 30 * time.Second, maxAge: 5 * time.Minute,
		least: 100 * time.Millisecond, most: time.Second,
		next: int(r.Below(uint64(len(bootstrap)))),
	}
}

// want makes the topic one of those that are asked for, and returns what is known of it.
func (m *clusterMetadata) want(name string) *topicMetadata {
	t := m.topics[name]
	if t == nil {
		t = &topicMetadata{}
		m.topics[name] = t
		at, _ := slices.BinarySearch(m.names, name)
		m.names = slices.Insert(m.names, at, name)
		m.wanted = true
	}
	return t
}

// refresh says that what is known has proved wrong.
func (m *clusterMetadata) refresh() { m.wanted = true }

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
	case m.wanted:
		due = m.retryAt
	case m.answers > 0:
		due = max(m.fresh.Add(m.maxAge), m.retryAt)
	}
	if out.Now < due {
		m.alarm.by(out, due)
		return
	}
	m.asking, m.wanted = true, false
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
		m.wanted = true
		m.failed(out.Now)
		return
	}
	answer := resp.(*kmsg.MetadataResponse)
	if len(answer.Brokers) == 0 {
		m.wanted = true // a broker that has heard of nobody yet
		m.failed(out.Now)
		return
	}
	m.apply(answer)
	m.answers++
	m.fresh = out.Now
	if m.wanted {
		m.failed(out.Now)
		return
	}
	m.failures = 0
	m.retryAt = out.Now.Add(m.least)
}

func (m *clusterMetadata) failed(now model.Time) {
	m.failures++
	m.retryAt = now.Add(backoff(m.rand, m.least, m.most, m.failures))
}

// apply takes an answer over. Partitions without a leader and topics that are not there yet make
// it ask again.
func (m *clusterMetadata) apply(answer *kmsg.MetadataResponse) {
	m.brokers = m.brokers[:0]
	for _, b := range answer.Brokers {
		m.brokers = append(m.brokers, knownBroker{kafka.BrokerID(b.NodeID), address(b.Host, b.Port)})
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
			m.wanted = m.wanted || t.incomplete()
		}
	}
}

// address is "host:port"; an IPv6 address stands in brackets, as everywhere.
func address(host string, port int32) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
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
			known = old[p.Partition] // stale news from a broker that is behind
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

// close drops every connection and asks no more.
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
