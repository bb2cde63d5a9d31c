package replica

import (
	"errors"
	"slices"

	"sandcastle/broker/config"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// role is what this broker is for a partition.
type role uint8

const (
	roleNone     role = iota // the controller has not said, or there is no leader
	roleLeader               // it takes writes and serves reads
	roleFollower             // it copies the leader's log
)

// Partition is this broker's replica of one partition: its log, its role, and as leader what it
// knows of the other replicas. A role changes only in becomeLeader and becomeFollower.
type Partition struct {
	rs      *Set
	tp      kafka.TopicPartition
	topicID [16]byte
	log     *log.Log
	cfg     config.Topic
	role    role
	meter   *TopicMeter // of its topic

	leader          kafka.BrokerID
	leaderEpoch     kafka.Epoch
	epochStart      kafka.Offset // log end when this broker became leader of leaderEpoch
	controllerEpoch kafka.Epoch
	replicas        []kafka.BrokerID // in assignment order, the preferred leader first

	// Invariant: LogStart <= highWatermark <= LogEnd, and it never falls while the role is leader.
	highWatermark kafka.Offset

	// followed is the leader that it followed last, which may be gone; copied is what its fetcher
	// knows of it, nil when none copies it.
	followed kafka.BrokerID
	copied   *fetched

	isr       isrState
	flush     flushState
	followers []*follower // of a leader, in assignment order, without itself

	deletes  []*delayedDelete  // waiting for the low watermark
	produces []*delayedProduce // waiting for the high watermark, oldest first
	watchers []*fetchTarget    // what is fetched of it, to be touched when it changes
	spare    []waitingFetch    // memory for completeFetches
	// completing is true inside completeFetches, completeAgain when it has to start over.
	completing, completeAgain bool
	// skipped is how much of what the log has scanned was for white-box views.
	skipped int64
	viewed  []kafka.BatchView // memory for the next view
	// viewedLast is how many batches the last view had: those at even times are alike.
	viewedLast int
	// gone is true when the broker no longer holds this replica.
	gone bool
}

// follower is what a leader knows of one other replica.
type follower struct {
	id kafka.BrokerID
	// logEnd is the offset of its last fetch: it holds everything below. NoOffset before the first
	// fetch.
	logEnd kafka.Offset
	// lastCaughtUp is the latest time at which it had everything that the leader had (Replica.scala,
	// updateFetchState, 3.9).
	lastCaughtUp  model.Time
	lastFetch     model.Time
	piggybacks    *fetchSession // it is at the end of the log: lastFetch is that of this session
	leaderEndThen kafka.Offset  // the leader's log end at lastFetch
	logStart      kafka.Offset  // as its last fetch said
}

// longAgo stands for a time that never was, such as the last fetch of a follower that has not
// fetched.
const longAgo = -model.Never / 2

// leaderState is what LeaderAndIsr says of one partition.
type leaderState struct {
	controllerEpoch kafka.Epoch
	leader          kafka.BrokerID
	leaderEpoch     kafka.Epoch
	isr             []kafka.BrokerID
	replicas        []kafka.BrokerID
	version         int32 // of the state's ZooKeeper node
	topicID         [16]byte
}

// TP is the partition.
func (p *Partition) TP() kafka.TopicPartition { return p.tp }

// Leads tells whether this broker leads the partition, and in which epoch.
func (p *Partition) Leads() (kafka.Epoch, bool) { return p.leaderEpoch, p.role == roleLeader }

// ActiveProducers are the idempotent producers that the log knows.
func (p *Partition) ActiveProducers() []log.ActiveProducer { return p.log.ActiveProducers() }

// EachRecord calls yield with every record of the log, oldest first, until yield says no. It
// returns what could not be read.
func (p *Partition) EachRecord(yield func(key, value []byte) bool) log.Unread {
	return p.log.EachRecord(p.log.LogStart(), p.log.LogEnd(), func(r *wire.Record) bool {
		return yield(r.Key, r.Value)
	})
}

// becomeLeader takes the lead in s.leaderEpoch (Partition.makeLeader, 3.9).
func (p *Partition) becomeLeader(out *model.Effects, s leaderState) error {
	newEpoch := s.leaderEpoch > p.leaderEpoch
	wasLeader := p.role == roleLeader
	p.adopt(s)
	p.role, p.followed = roleLeader, kafka.NoBroker
	if newEpoch || !wasLeader {
		p.epochStart = p.log.LogEnd()
		if p.rs.rules.atElection {
			if err := p.log.AssignEpoch(s.leaderEpoch, p.epochStart); err != nil {
				return err
			}
		}
		p.resetFollowers(out.Wall, !wasLeader)
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.BecameLeader, Topic: p.tp.Topic, Partition: p.tp.Partition, Broker: p.rs.cfg.ID,
			Epoch: s.leaderEpoch, Offset: p.epochStart, Brokers: slices.Clone(s.isr),
		})
	}
	p.maybeAdvanceHighWatermark(out)
	return nil
}

// resetFollowers begins a leader epoch. A new leader knows nothing of the followers; one that goes
// on knows where they are. Those in the ISR count as caught up until replica.lag.time.max.ms has
// passed without their catching up again; the others do not hold the high watermark up before they
// have caught up (Replica.resetReplicaState, 3.9).
func (p *Partition) resetFollowers(now model.Time, isNewLeader bool) {
	known := p.followers
	p.followers = nil
	for _, id := range p.replicas {
		if id == p.rs.cfg.ID {
			continue
		}
		since := longAgo
		if slices.Contains(p.isr.committed, id) {
			since = now
		}
		f := &follower{
			id: id, logEnd: kafka.NoOffset, leaderEndThen: kafka.NoOffset, lastFetch: longAgo,
		}
		at := slices.IndexFunc(known, func(f *follower) bool { return f.id == id })
		if at >= 0 && !isNewLeader {
			f = known[at]
			f.detach(f.piggybacks)
			f.leaderEndThen, f.lastFetch = p.epochStart, since
		}
		f.lastCaughtUp = since
		p.followers = append(p.followers, f)
	}
}

// follower finds what is known of replica id, nil when it is none of this partition's.
func (p *Partition) follower(id kafka.BrokerID) *follower {
	for _, f := range p.followers {
		if f.id == id {
			return f
		}
	}
	return nil
}

// becomeFollower gives up the lead if it had it, and follows s.leader, which is NoBroker when there
// is none.
func (p *Partition) becomeFollower(out *model.Effects, s leaderState) {
	p.adopt(s)
	p.role = roleFollower
	p.followers = nil
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.BecameFollower, Topic: p.tp.Topic, Partition: p.tp.Partition, Broker: s.leader,
		Epoch: s.leaderEpoch, Offset: p.log.LogEnd(),
	})
	p.failWaiters(out, wire.NotLeaderOrFollower)
}

// adopt takes over what the controller says, whatever the role.
func (p *Partition) adopt(s leaderState) {
	p.controllerEpoch, p.leader, p.leaderEpoch = s.controllerEpoch, s.leader, s.leaderEpoch
	p.replicas, p.topicID = s.replicas, s.topicID
	p.isr = isrState{committed: s.isr, version: s.version}
	p.touch()
}

// appendAsLeader adds batch to the log, unless an idempotent producer has
// sent it before, and returns where it is.
func (p *Partition) appendAsLeader(out *model.Effects, batch *wire.Batch,
) (log.Appended, error) {
	before := p.log.LogEnd()
	at, err := p.log.AppendAsLeader(batch, p.leaderEpoch, out.Wall)
	if err != nil || at.Duplicate {
		return at, err
	}
	p.meter.Messages += int64(at.End - before)
	p.meter.BytesIn += int64(batch.Size())
	p.noteLogEnd(out)
	p.maybeFlush(out, before)
	p.maybeAdvanceHighWatermark(out)
	return at, nil
}

// appendAsFollower adds what the leader sent at the end of the log.
func (p *Partition) appendAsFollower(out *model.Effects, batches []byte) error {
	before := p.log.LogEnd()
	err := p.log.AppendAsFollower(batches, out.Wall)
	if early := unexpected(err); early != nil && p.log.LogEnd() == p.log.LogStart() {
		// DeleteRecords has moved the leader's log start into a batch, and the leader sends it whole
		// (Partition.appendRecordsToFollowerOrFutureReplica, 3.9).
		if err := p.restartAt(out, early.Offset, "the leader's first batch begins earlier"); err != nil {
			return err
		}
		before, err = early.Offset, p.log.AppendAsFollower(batches, out.Wall)
	}
	if err != nil {
		return err
	}
	p.meter.ReplicationIn += int64(len(batches))
	p.noteLogEnd(out)
	p.maybeFlush(out, before)
	return nil
}

// unexpected is the UnexpectedOffsetError in err, nil for none.
func unexpected(err error) *log.UnexpectedOffsetError {
	if err == nil {
		return nil
	}
	var early *log.UnexpectedOffsetError
	errors.As(err, &early)
	return early
}

// setFollowerHighWatermark takes over the leader's high watermark, as far as this log reaches.
func (p *Partition) setFollowerHighWatermark(out *model.Effects, leaders kafka.Offset) {
	hw := max(min(leaders, p.log.LogEnd()), p.log.LogStart())
	if hw > p.highWatermark {
		p.setHighWatermark(out, hw)
	}
}

func (p *Partition) setHighWatermark(out *model.Effects, hw kafka.Offset) {
	if hw < p.log.LogStart() || hw > p.log.LogEnd() {
		panic("replica: high watermark outside the log of " + p.tp.String())
	}
	p.highWatermark = hw
	p.touch()
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.HighWatermark, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: hw,
	})
}

// truncateTo cuts the log so that end is its end, and the high watermark with it. The order
// matters: a reader must not see records above the watermark that are about to go (KAFKA-14704).
func (p *Partition) truncateTo(out *model.Effects, end kafka.Offset, why string) error {
	before := p.log.LogEnd()
	if err := p.log.TruncateTo(end); err != nil {
		return err
	}
	p.touch()
	if end >= before {
		return nil // at most an epoch without records went
	}
	p.onTruncated(out)
	end = p.log.LogEnd() // a batch that reaches beyond goes whole
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LogTruncated, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Offset: end, Text: why,
	})
	if p.highWatermark > end {
		p.setHighWatermark(out, end)
	}
	return nil
}

func (p *Partition) noteLogEnd(out *model.Effects) {
	p.touch()
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LogEnd, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Offset: p.log.LogEnd(),
	})
}

// checkEpoch compares the leader epoch that a request carries with the replica's own (KIP-320).
func (p *Partition) checkEpoch(requested int32) wire.Code {
	switch {
	case requested < 0 || kafka.Epoch(requested) == p.leaderEpoch:
		return wire.None
	case kafka.Epoch(requested) < p.leaderEpoch:
		return wire.FencedLeaderEpoch
	default:
		return wire.UnknownLeaderEpoch
	}
}

// configure changes what holds for this replica, from now on.
func (p *Partition) configure(cfg config.Topic) {
	if p.cfg != cfg {
		p.cfg = cfg
		p.log.SetConfig(p.rs.logConfig(cfg))
	}
}
