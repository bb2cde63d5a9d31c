// LeaderAndIsr (key 4): v5–v7.
// Does: makes this broker leader or follower of each partition, fenced by controller epoch, broker
// epoch (KIP-380) and leader epoch; opens or creates the replica's log first, unless it is that of
// another topic of the name (KIP-516). Does not: full updates that delete what they leave out
// (KIP-866). State: partition.go, set.go; what is set for topics comes from broker/configs.go.
// Lessons: replication/*.

package replica

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleLeaderAndIsr answers a request.
func (rs *Set) HandleLeaderAndIsr(out *model.Effects, req *kmsg.LeaderAndISRRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrLeaderAndISRResponse()
	code := rs.membership.Admit(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	if code != wire.None {
		resp.ErrorCode = int16(code)
		reply(out, resp)
		return
	}
	names := make([]string, len(req.TopicStates))
	for i := range req.TopicStates {
		names[i] = req.TopicStates[i].Topic
	}
	rs.topics.Load(out, names, func(out *model.Effects) {
		if rs.membership.Stale(kafka.Epoch(req.ControllerEpoch)) {
			resp.ErrorCode = int16(wire.StaleControllerEpoch) // another came while this one waited
			reply(out, resp)
			return
		}
		w := &leaderAndIsrWork{rs: rs, req: req, resp: resp, reply: reply}
		if w.advance(out) {
			w.end(out)
			return
		}
		rs.longProduces.add(out, w)
	})
}

// pieceReplicas is how many replicas one step of a LeaderAndIsr looks at: the log of each may have
// to be opened, which takes a millisecond or more of a real disk.
const pieceReplicas = 100

// leaderAndIsrWork is a LeaderAndIsr of which a part is done, once the configuration of every topic
// in it is known.
type leaderAndIsrWork struct {
	rs    *Set
	req   *kmsg.LeaderAndISRRequest
	resp  *kmsg.LeaderAndISRResponse
	reply Reply

	topic, partition int // the next
}

// advance implements longWork. A newer controller that has come meanwhile ends it, and so does a
// broker that is closing its logs.
func (w *leaderAndIsrWork) advance(out *model.Effects) bool {
	req := w.req
	if w.rs.closing || w.rs.membership.Stale(kafka.Epoch(req.ControllerEpoch)) {
		w.resp.ErrorCode, w.resp.Topics = int16(wire.StaleControllerEpoch), nil
		return true
	}
	for replicas := 0; w.topic < len(req.TopicStates); w.topic, w.partition = w.topic+1, 0 {
		t := &req.TopicStates[w.topic]
		if len(w.resp.Topics) == w.topic {
			rt := kmsg.NewLeaderAndISRResponseTopic()
			rt.TopicID = t.TopicID
			w.resp.Topics = append(w.resp.Topics, rt)
		}
		rt := &w.resp.Topics[len(w.resp.Topics)-1]
		for ; w.partition < len(t.PartitionStates); w.partition++ {
			if replicas == pieceReplicas {
				return false
			}
			replicas++
			ps := &t.PartitionStates[w.partition]
			rp := kmsg.NewLeaderAndISRResponseTopicPartition()
			rp.Partition = ps.Partition
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
			rp.ErrorCode = int16(w.rs.applyPartitionState(out, tp, leaderState{
				controllerEpoch: kafka.Epoch(req.ControllerEpoch), leader: kafka.BrokerID(ps.Leader),
				leaderEpoch: kafka.Epoch(ps.LeaderEpoch), isr: brokerIDs(ps.ISR),
				replicas: brokerIDs(ps.Replicas), version: ps.ZKVersion, topicID: t.TopicID,
			}))
			rt.Partitions = append(rt.Partitions, rp)
		}
	}
	return true
}

// end implements longWork.
func (w *leaderAndIsrWork) end(out *model.Effects) {
	w.rs.fetchers.fetchAll(out)
	w.reply(out, w.resp)
}

func brokerIDs(ids []int32) []kafka.BrokerID {
	out := make([]kafka.BrokerID, len(ids))
	for i, id := range ids {
		out[i] = kafka.BrokerID(id)
	}
	return out
}

// applyPartitionState makes this broker what s says it is for tp. A leader epoch that is not newer
// than the known one is refused, as in ReplicaManager.becomeLeaderOrFollower (3.9).
func (rs *Set) applyPartitionState(out *model.Effects, tp kafka.TopicPartition,
	s leaderState,
) wire.Code {
	p := rs.partitions[tp]
	switch {
	case p != nil && hasTopicID(p.topicID) && hasTopicID(s.topicID) && p.topicID != s.topicID:
		return wire.InconsistentTopicID
	case p != nil && s.leaderEpoch <= p.leaderEpoch:
		return wire.StaleControllerEpoch
	}
	if !slices.Contains(s.replicas, rs.cfg.ID) {
		return wire.UnknownTopicOrPartition
	}
	if p == nil {
		var code wire.Code
		if p, code = rs.openPartition(out, tp, s.topicID); code != wire.None {
			return code
		}
	}
	ledBefore := p.role == roleLeader
	if s.leader == rs.cfg.ID {
		rs.fetchers.unfollow(p)
		if err := p.becomeLeader(out, s); err != nil {
			return wire.KafkaStorageError
		}
	} else {
		p.becomeFollower(out, s)
		rs.fetchers.follow(out, p)
	}
	rs.roles.OnRole(out, p, ledBefore)
	return wire.None
}

// hasTopicID is false for what a topic from before KIP-516 has in place of an id.
func hasTopicID(id [16]byte) bool { return id != [16]byte{} }

// openPartition opens the log of tp, recovering it as the last incarnation left it, and starts with
// the high watermark that was last written down. A log of another topic of that name is left alone
// (ReplicaManager.becomeLeaderOrFollower, 3.9); one that does not say of which it is, is told.
func (rs *Set) openPartition(out *model.Effects, tp kafka.TopicPartition, topicID [16]byte,
) (*Partition, wire.Code) {
	known, err := log.TopicID(rs.dir, tp)
	if err != nil {
		return nil, wire.KafkaStorageError
	}
	id := znode.TopicID(topicID).String()
	if hasTopicID(topicID) && known != "" && known != id {
		return nil, wire.InconsistentTopicID
	}
	cfg := rs.settings.Topic(tp.Topic)
	l, recovery, err := log.Open(rs.dir, tp, rs.logConfig(cfg), rs.lastCheckpoint(tp), out.Wall)
	if err == nil && hasTopicID(topicID) && known == "" {
		err = l.WriteTopicID(id)
	}
	if err != nil {
		return nil, wire.KafkaStorageError
	}
	p := &Partition{
		rs: rs, tp: tp, log: l, cfg: cfg, meter: rs.meters.topic(tp.Topic), leader: kafka.NoBroker,
		leaderEpoch: kafka.NoEpoch, followed: kafka.NoBroker,
	}
	p.flush = flushState{rolledAt: l.ActiveBase(), last: out.Now}
	p.highWatermark = max(l.LogStart(), min(rs.checkpoints.highWatermark(tp), l.LogEnd()))
	if l.LogEnd() > 0 {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.LogRecovered, Topic: tp.Topic, Partition: tp.Partition, Offset: l.LogEnd(),
			Text: recovery.String(),
		})
	}
	rs.noteDamages(out, tp, recovery.Damages)
	rs.add(p)
	return p, wire.None
}
