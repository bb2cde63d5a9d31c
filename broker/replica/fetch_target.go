package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// fetchTarget is one partition that is fetched from an offset on.
type fetchTarget struct {
	session *fetchSession // nil once it was forgotten
	tp      kafka.TopicPartition
	topicID [16]byte // of a Fetch that names topics by id, else zero
	kmsg.FetchRequestTopicPartition
	p *Partition // as it was found last, which touches this target; nil when it must be looked up

	at      int   // in session.targets
	watchAt int   // in p.watchers
	order   int64 // among the targets of the session, the next to be read first

	// What a session last said to its client.
	highWatermark, logStart int64

	state targetState
	// touched, hot and moving tell in which of the session's lists it stands.
	touched, hot, moving bool
	// piggyback is the follower whose progress is that of the session, see follower.piggybacks.
	piggyback *follower
}

// targetState is how a target stood when it was last looked at.
type targetState struct {
	bytes     int  // that can be read, up to its own limit
	urgent    bool // the fetch is to be answered at once
	erroneous bool // the error was plain from the request, which does not make it urgent
	news      bool // the client has to hear of it
}

// targetKey tells the targets of a session apart: by topic id where the Fetch has ids, by name
// where it has names (CachedPartition.equals, 3.9).
type targetKey struct {
	topicID   [16]byte
	topic     string
	partition int32
}

func newTargetKey(topicID [16]byte, topic string, partition int32) targetKey {
	if topicID != [16]byte{} {
		topic = ""
	}
	return targetKey{topicID, topic, partition}
}

func (t *fetchTarget) key() targetKey {
	return newTargetKey(t.topicID, t.tp.Topic, t.tp.Partition)
}

// rename takes over what a request says of a partition that the session has already. A client that
// comes with another leader epoch threw away the answer that was on its way when the epoch changed
// (KAFKA-18723), so nothing that it heard counts. Kafka 3.9 keeps it, and such a follower learns
// of a high watermark that the answer carried only with the next record.
func (t *fetchTarget) rename(part *kmsg.FetchRequestTopicPartition) {
	if t.CurrentLeaderEpoch != part.CurrentLeaderEpoch {
		t.highWatermark, t.logStart = -1, -1
	}
	t.FetchRequestTopicPartition = *part
	t.touch()
}

// touch has the session look at the target again.
func (t *fetchTarget) touch() {
	x := t.session
	if t.piggyback != nil {
		t.piggyback.detach(x)
		t.piggyback = nil
	}
	if !t.touched {
		t.touched = true
		x.touched.add(t)
	}
	x.move(t)
}

// touch tells every fetch that wants this partition, now or with its next request, that something
// about it has changed.
func (p *Partition) touch() {
	if p.copied != nil {
		p.copied.change()
	}
	for _, t := range p.watchers {
		t.touch()
	}
}

// watch has p touch t from now on, instead of the partition that it had before.
func (t *fetchTarget) watch(p *Partition) {
	if old := t.p; old != nil {
		last := len(old.watchers) - 1
		old.watchers[t.watchAt] = old.watchers[last]
		old.watchers[t.watchAt].watchAt = t.watchAt
		old.watchers[last] = nil
		old.watchers = old.watchers[:last]
	}
	if t.p = p; p != nil {
		t.watchAt = len(p.watchers)
		p.watchers = append(p.watchers, t)
	}
}

// findTarget looks for the partition of t at this broker, whatever its role.
func (rs *Set) findTarget(t *fetchTarget) (*Partition, wire.Code) {
	if t.tp.Topic == "" && t.session.usesTopicIDs {
		name, known := rs.cluster.TopicName(t.topicID)
		if !known {
			return nil, wire.UnknownTopicID
		}
		t.tp.Topic = name
	}
	if t.p == nil || t.p.gone {
		p, code := rs.Find(t.tp)
		t.watch(p)
		if code != wire.None {
			return nil, code
		}
	}
	if id := t.p.topicID; t.topicID != [16]byte{} && id != [16]byte{} && id != t.topicID {
		return nil, wire.InconsistentTopicID
	}
	return t.p, wire.None
}

// serve finds the partition of t, which this broker must lead in the epoch that t names. Consumers
// that know of KIP-392 may read from a follower too.
func (x *fetchSession) serve(t *fetchTarget) (*Partition, wire.Code) {
	p, code := x.rs.findTarget(t)
	if code != wire.None {
		return nil, code
	}
	if code := p.checkEpoch(t.CurrentLeaderEpoch); code != wire.None {
		return nil, code
	}
	if p.role != roleLeader && (p.role != roleFollower || !x.reader.anyReplica) {
		return nil, wire.NotLeaderOrFollower
	}
	return p, wire.None
}

// evaluate looks at how t stands now.
func (x *fetchSession) evaluate(t *fetchTarget) {
	x.count(t.state, -1)
	t.state = x.stateOf(t)
	x.count(t.state, 1)
	if t.state.news && !t.hot {
		t.hot = true
		x.hot.add(t)
	}
}

func (x *fetchSession) count(s targetState, n int) {
	x.bytes += n * s.bytes
	if s.urgent {
		x.urgent += n
	}
	if s.erroneous {
		x.erroneous += n
	}
}

// stateOf is the rules by which a Fetch is answered (DelayedFetch.tryComplete, 3.9), for one
// partition: by A to E anything wrong with it, by F an offset above what may be read or in a
// segment that is not the last, by G the bytes, by H a diverging epoch; and a replica that is
// nearer.
func (x *fetchSession) stateOf(t *fetchTarget) targetState {
	p, code := x.serve(t)
	if code != wire.None {
		plain := code == wire.UnknownTopicID || code == wire.UnknownTopicOrPartition
		plain = plain && x.waiting == nil
		return targetState{urgent: !plain, erroneous: plain, news: true}
	}
	code, diverges, upTo := x.look(p, t)
	if code != wire.None || diverges {
		return targetState{urgent: true, news: true}
	}
	if x.waiting == nil && x.preferredReplica(p, t) != kafka.NoBroker {
		return targetState{urgent: true, news: true}
	}
	s := targetState{
		news: int64(p.highWatermark) != t.highWatermark || int64(p.log.LogStart()) != t.logStart,
	}
	from := kafka.Offset(t.FetchOffset)
	switch {
	case from > upTo:
		s.urgent = true
	case from < upTo && x.throttles(p):
		s.news = true // to be looked at again with the next fetch
	case from < upTo:
		bytes, older, err := p.log.Available(from, upTo)
		s.bytes = max(0, min(bytes, int(t.PartitionMaxBytes)))
		s.urgent = older || err != nil
		s.news = true
	}
	return s
}

// look compares a target with the partition: what is wrong with it, or up to where it may read.
func (x *fetchSession) look(
	p *Partition,
	t *fetchTarget,
) (code wire.Code, diverges bool, upTo kafka.Offset) {
	upTo = p.highWatermark
	if x.reader.replica >= 0 {
		upTo = p.log.LogEnd()
		if p.follower(kafka.BrokerID(x.reader.replica)) == nil {
			return wire.NotLeaderOrFollower, false, 0 // Partition.getFollowerReplicaOrThrow, 3.9
		}
	}
	from := kafka.Offset(t.FetchOffset)
	if t.LastFetchedEpoch >= 0 {
		switch _, a := p.divergence(t.LastFetchedEpoch, from); {
		case a == logsUnknown || from < p.log.LogStart():
			return wire.OffsetOutOfRange, false, 0
		case a == logsDiverge:
			return wire.None, true, 0
		}
	}
	if from < p.log.LogStart() || from > p.log.LogEnd() {
		return wire.OffsetOutOfRange, false, 0
	}
	return wire.None, false, upTo
}

// agreement is what the epochs of two logs tell of them.
type agreement uint8

const (
	logsAgree   agreement = iota // as far as the epochs tell
	logsDiverge                  // the other has records that this one has not
	logsUnknown                  // this log does not know the other's epoch
)

// divergence compares this log with one that ends at from, its last record of epoch last. Where
// they diverge the other must cut back to end and ask again (KIP-595, Partition.readRecords, 3.9).
func (p *Partition) divergence(last int32, from kafka.Offset) (end epochEnd, a agreement) {
	if last < 0 {
		return epochEnd{}, logsAgree
	}
	end.Epoch, end.EndOffset = p.log.EndOffsetFor(kafka.Epoch(last))
	switch {
	case end.EndOffset < 0:
		return end, logsUnknown
	case end.Epoch < kafka.Epoch(last) || end.EndOffset < from:
		return end, logsDiverge
	default:
		return end, logsAgree
	}
}

// epochEnd is the end offset of the largest leader epoch that is not larger than one asked for.
type epochEnd struct {
	Epoch     kafka.Epoch
	EndOffset kafka.Offset
}
